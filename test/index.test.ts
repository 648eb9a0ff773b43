// The library's main example, run as it stands in src/index.ts, with a small untrained checkpoint in the place of the
// shipped one.

import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as pudnet from "../src/index.ts";
import { tinyPudNet } from "./tiny-pudnet.ts";

const ROOT = resolve(import.meta.dirname, "..");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-index-"));
  vi.stubEnv("PUDNET_CACHE", join(folder, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it("the example of the library runs", async () => {
  await mkdir(join(folder, "checkpoints"));
  await symlink(join(ROOT, "samples"), join(folder, "samples"));
  await pudnet.savePudNet(
    join(folder, "checkpoints/fashion-convnet-3.safetensors"),
    tinyPudNet({ side: 28, width: 8 }),
  );
  const code = await exampleCode();
  const lines: unknown[] = [];
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction("pudnet", "console", code)(pudnet, { log: (line: unknown) => lines.push(line) });
  expect(lines).toEqual([
    expect.stringMatching(/^\d+\.\d % of 200 held-out images$/),
    [{ label: expect.stringMatching(/^(ankle-boot|bag|coat|trouser)$/), score: expect.any(Number) }],
  ]);
  expect((await readdir(join(folder, "out/fashion"))).length).toBe(3);
});

/** The @example of src/index.ts, with its imports taken from the namespace and its paths from the temporary folder. */
async function exampleCode(): Promise<string> {
  const source = await readFile(join(ROOT, "src/index.ts"), "utf8");
  const comment = /@example\n(.*?)\n \* @module/s.exec(source)?.[1];
  return comment!
    .replaceAll(/^ \* ?/gm, "")
    .replaceAll(/import (\{[^}]*\}) from "pudnet";/g, "const $1 = pudnet;")
    .replaceAll(/"(checkpoints|samples|out)\//g, `"${folder}/$1/`);
}
