import { mkdtemp, readdir, rm, statfs, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { smallDisk } from "../../../test/small-disk.ts";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { readCache, writeCache } from "./decoded-cache.ts";

const decoded = { images: Uint8Array.of(1, 2, 3), reasons: [undefined, "not a picture"], deep: [] };
const KEY = "0123456789abcdef";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-cache-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("clears what killed processes left of other entries, and leaves alone what one may be writing", async () => {
  const old = (Date.now() - 3_700_000) / 1000;
  for (const name of ["left.planes", "fresh.planes", "whole.planes", "whole.json"]) {
    await writeFile(join(folder, name), "x");
    if (name !== "fresh.planes") await utimes(join(folder, name), old, old);
  }
  await writeFile(temporaryOf(DEAD, join(folder, "half.planes")), "x");
  expect(await writeCache(KEY, decoded, folder)).toBeUndefined();
  const names = ["fresh.planes", "whole.planes", "whole.json", `${KEY}.planes`, `${KEY}.json`];
  expect((await readdir(folder)).sort()).toEqual(names.sort());
  expect(await readCache(KEY, folder)).toMatchObject({ images: decoded.images });
});

const disk = smallDisk(40);
afterAll(() => disk?.remove());

it.skipIf(!disk)("leaves no images without their entry on a full disk", async () => {
  const { bfree, bsize } = await statfs(disk!.path);
  await writeFile(join(disk!.path, "ballast"), new Uint8Array((bfree - 1) * bsize)); // room for one of the two files
  expect(await writeCache(KEY, decoded, disk!.path)).toMatch(/not cached: cannot write ".*json": no space left/);
  expect(await readdir(disk!.path)).toEqual(["ballast"]);
});
