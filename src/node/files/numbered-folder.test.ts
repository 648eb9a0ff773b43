import { mkdir, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeNumberedFolder } from "./numbered-folder.ts";
import { requireWritable, writeSealed } from "./sealed-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = join(await mkdtemp(join(tmpdir(), "pudnet-numbered-")), "deep");
});
afterEach(() => rm(join(parent, ".."), { recursive: true }));

it("counts up from the largest, each to whoever asks at once", async () => {
  await Promise.all(Array.from({ length: 20 }, () => makeNumberedFolder(parent, "x")));
  expect((await readdir(parent)).toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => `x-${i + 1}`).toSorted());
  await rm(join(parent, "x-3"), { recursive: true });
  expect(await makeNumberedFolder(parent, "x")).toBe(join(parent, "x-21"));
  expect(await makeNumberedFolder(parent, "x", 3)).toBe(join(parent, "x-3"));
});

it("takes no other names for its own, nor numbers that cannot be counted up", async () => {
  for (const name of ["x-y-9", "xx-8", "x-", "x-1e9", `x-${"9".repeat(100)}`, "x-9007199254740992"]) {
    await mkdir(join(parent, name), { recursive: true });
  }
  expect(await makeNumberedFolder(parent, "x")).toBe(join(parent, "x-1"));
});

it.each([
  ["a numbered folder", (): Promise<unknown> => makeNumberedFolder(parent, "x")],
  ["a probe", (): Promise<unknown> => requireWritable(parent)],
  [
    "files with a seal",
    (): Promise<unknown> => writeSealed(parent, { seal: ["s", "1"], parts: { p: "2" }, obsolete: [] }),
  ],
])("%s is made although the parent, made by others for nothing, is taken away again", async (_, make) => {
  for (let round = 0; round < 100; round++) {
    const left = { takes: 10 }; // fewer than the tries
    const taking = (async () => {
      while (left.takes > 0) {
        const isTaken = await rmdir(parent).then(
          () => true, // it was empty
          () => false,
        );
        if (isTaken) left.takes--;
        else await new Promise(setImmediate);
      }
    })();
    await make();
    left.takes = 0;
    await taking;
    await rm(parent, { recursive: true, force: true });
  }
});

it("many that make the same folder for nothing, at once and again and again, never find it in their way", async () => {
  const again = async (work: () => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < 150; round++) await work();
  };
  const forNothing = async (): Promise<void> => {
    await rmdir(await makeNumberedFolder(parent, "x"));
    await rmdir(parent).catch(() => undefined); // others are in it
  };
  await Promise.all(
    [forNothing, forNothing, ...Array.from({ length: 4 }, () => () => requireWritable(parent))].map(again),
  );
});
