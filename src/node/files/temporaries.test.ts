import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "./temporaries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-temporaries-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The names of those that go, and of those that stay. */
async function cleared(paths: readonly string[], of?: string): Promise<[gone: string[], left: string[]]> {
  for (const path of paths) await writeFile(path, "half");
  return [(await removeStaleTemporaries(folder, of)).sort(), (await readdir(folder)).sort()];
}
const names = (paths: readonly string[]): string[] => paths.map((path) => basename(path)).sort();

test("those of dead processes go, folders too; those of living ones and other files stay", async () => {
  const path = join(folder, "a");
  const classifier = `${temporaryOf(DEAD, path)}-old`;
  await mkdir(join(classifier, "inner"), { recursive: true });
  const stale = [temporaryOf(DEAD, path), temporaryOf(process.pid, path)];
  const kept = [
    temporaryOf(process.ppid, path),
    join(folder, "c.tmp"),
    join(folder, "d.tmp-backup-1"),
    join(folder, "e"),
  ];
  expect(await cleared([...stale, ...kept])).toEqual([names([...stale, classifier]), names(kept)]);
});

test("what this process is writing stays until it is settled", async () => {
  const [path, other] = [temporaryFor(join(folder, "a")), temporaryFor(join(folder, "a"))];
  expect(path).not.toBe(other);
  expect(await cleared([path])).toEqual([[], names([path])]);
  settle(path);
  expect(await cleared([path])).toEqual([names([path]), []]);
  settle(other);
});

test("asked for one file, those of others stay", async () => {
  const [own, other] = [temporaryOf(DEAD, join(folder, "a")), temporaryOf(DEAD, join(folder, "ab"))];
  expect(await cleared([own, other], join(folder, "a"))).toEqual([names([own]), names([other])]);
});

test("those of other machines, and of older versions, go once nobody has written to them for an hour", async () => {
  const foreign = temporaryOf(DEAD, join(folder, "a")).replace(/tmp-[0-9a-f]{6}/, "tmp-000000");
  const unnamed = join(folder, `b.tmp-${DEAD}-0`);
  expect(await cleared([foreign, unnamed])).toEqual([[], names([foreign, unnamed])]);
  const longAgo = Date.now() / 1000 - 3700;
  await utimes(foreign, longAgo, longAgo);
  await utimes(unnamed, longAgo, longAgo);
  expect((await removeStaleTemporaries(folder)).sort()).toEqual(names([foreign, unnamed]));
});
