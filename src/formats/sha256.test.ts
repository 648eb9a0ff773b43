import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { UserError } from "../errors.ts";
import { sha256 } from "./sha256.ts";

afterEach(() => vi.unstubAllGlobals());

it("is that of Node, of all pieces one after the other", async () => {
  const piece = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array());
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const expected = createHash("sha256");
      for (const one of pieces) expected.update(one);
      expect(await sha256(...pieces)).toBe(expected.digest("hex"));
    }),
  );
});

it("says where a page may not compute it", async () => {
  vi.stubGlobal("crypto", {}); // as browsers have it on pages from http
  await expect(sha256("a")).rejects.toThrow(UserError);
  await expect(sha256("a")).rejects.toThrow("to pages from https and localhost alone");
});
