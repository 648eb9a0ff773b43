import { execFileSync } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { smallDisk } from "../../../test/small-disk.ts";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { UserError } from "../../errors.ts";
import { lockFolder } from "./folder-lock.ts";
import { finishSealed, nextTarget, requireWritable, writeSealed } from "./sealed-folder.ts";
import { temporaryTarget } from "./temporaries.ts";

/** From this rename on the disk fails. */
let failingFrom = Number.POSITIVE_INFINITY;
vi.mock("node:fs/promises", async (load) => {
  const fs = await load<typeof import("node:fs/promises")>();
  const failing: typeof rename = (from, to) => {
    if (failingFrom-- > 0) return fs.rename(from, to);
    return Promise.reject(Object.assign(new Error("EIO: i/o error"), { code: "EIO" }));
  };
  return { ...fs, rename: failing };
});

/** What lay there each time that a folder was written to the disk for good. */
let synced: string[][] = [];
vi.mock("./atomic-file.ts", async (load) => {
  const atomic = await load<typeof import("./atomic-file.ts")>();
  const watched: typeof atomic.syncFolder = async (folder) => {
    synced.push(
      (await readdir(folder)).filter((name) => /^(a\.bin|b\.bin|seal\.json)(\.next)?$/.test(name)).toSorted(),
    );
    await atomic.syncFolder(folder);
  };
  return { ...atomic, syncFolder: watched };
});

let parent: string;
beforeEach(async () => {
  failingFrom = Number.POSITIVE_INFINITY;
  parent = await mkdtemp(join(tmpdir(), "pudnet-sealed-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const files = (text: string) =>
  ({
    parts: { "a.bin": `a ${text}`, "b.bin": `b ${text}` },
    seal: ["seal.json", text],
    obsolete: ["page.html"],
  }) as const;

const NAMES = { seal: "seal.json", parts: ["a.bin", "b.bin"], obsolete: ["page.html"] };

async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (n) => [n, await readFile(join(folder, n), "utf8")] as const)),
  );
}

const whole = (text: string) => ({ "a.bin": `a ${text}`, "b.bin": `b ${text}`, "seal.json": text });

describe("writeSealed", () => {
  it("makes the folder, replaces what is there, and leaves nothing else behind", async () => {
    const folder = join(parent, "deep", "out");
    await writeSealed(folder, files("one"));
    expect(await textsIn(folder)).toEqual(whole("one"));
    await writeFile(join(folder, "page.html"), "of one");
    await writeFile(join(folder, ".DS_Store"), "x");
    await writeSealed(folder, files("two"));
    expect(await textsIn(folder)).toEqual({ ...whole("two"), ".DS_Store": "x" });
    expect(await readdir(join(parent, "deep"))).toEqual(["out"]);
  });

  it("has each step on the disk before the next: no seal, all parts, the new seal", async () => {
    await writeSealed(join(parent, "out"), files("one"));
    synced = [];
    await writeSealed(join(parent, "out"), files("two"));
    expect(synced).toEqual([
      ["a.bin", "a.bin.next", "b.bin", "b.bin.next", "seal.json.next"],
      ["a.bin", "b.bin", "seal.json.next"],
      ["a.bin", "b.bin", "seal.json"],
    ]);
  });

  it("writes through a link, which stays one", async () => {
    await mkdir(join(parent, "real"));
    await symlink("real", join(parent, "out"));
    for (const text of ["one", "two"]) await writeSealed(join(parent, "out"), files(text));
    expect((await lstat(join(parent, "out"))).isSymbolicLink()).toBe(true);
    expect(await textsIn(join(parent, "real"))).toEqual(whole("two"));
    expect((await readdir(parent)).toSorted()).toEqual(["out", "real"]);
  });

  it("says so where the link leads nowhere", async () => {
    await symlink("nowhere", join(parent, "out"));
    const expected = { message: expect.stringMatching(/out": it is a link to what is not there/) };
    await expect(writeSealed(join(parent, "out"), files("one"))).rejects.toMatchObject(expected);
    await expect(requireWritable(join(parent, "out"))).rejects.toMatchObject(expected);
    expect(await readdir(parent)).toEqual(["out"]);
  });

  it.each([0, 1, 2])("a disk that fails at rename %i, before all is ready, leaves what was there", async (renames) => {
    const folder = join(parent, "out");
    await writeSealed(folder, files("one"));
    failingFrom = renames;
    await expect(writeSealed(folder, files("two"))).rejects.toThrow(/cannot write ".*out": the disk reports an error/);
    expect(await textsIn(folder)).toEqual(whole("one"));
    expect(await finishSealed(folder, NAMES)).toBe(false);
    failingFrom = Number.POSITIVE_INFINITY;
    await writeSealed(folder, files("three"));
    expect(await textsIn(folder)).toEqual(whole("three"));
  });

  it.each([3, 4, 5])(
    "one that fails at rename %i, once all is ready, loses neither files nor seal",
    async (renames) => {
      const folder = join(parent, "out");
      await writeSealed(folder, files("one"));
      await writeFile(join(folder, "page.html"), "of one");
      failingFrom = renames;
      await expect(writeSealed(folder, files("two"))).rejects.toThrow(
        /cannot write ".*out": the disk reports an error/,
      );
      expect(Object.keys(await textsIn(folder))).toEqual(expect.not.arrayContaining(["seal.json"]));
      expect(await finishSealed(folder, NAMES)).toBe(false); // the disk still fails
      failingFrom = Number.POSITIVE_INFINITY;
      expect(await finishSealed(folder, NAMES)).toBe(true);
      expect(await textsIn(folder)).toEqual(whole("two"));
    },
  );

  it("puts in place what is ready before it writes what may fail", async () => {
    const folder = join(parent, "out");
    await writeSealed(folder, files("one"));
    failingFrom = 4;
    await expect(writeSealed(folder, files("two"))).rejects.toThrow();
    failingFrom = 2; // of the two that wait, none of the third version's
    await expect(writeSealed(folder, files("three"))).rejects.toThrow();
    expect(await textsIn(folder)).toEqual(whole("two"));
  });

  it("finishes nothing that another process is at work on, and nothing where all is in place", async () => {
    const folder = join(parent, "out");
    await writeSealed(folder, files("one"));
    expect(await finishSealed(folder, NAMES)).toBe(false);
    await rename(join(folder, "seal.json"), join(folder, "seal.json.next"));
    const lock = await lockFolder(folder);
    expect(await finishSealed(folder, NAMES)).toBe(false);
    await lock.release();
    expect(await finishSealed(folder, NAMES)).toBe(true);
    expect(await textsIn(folder)).toEqual(whole("one"));
  });

  it("a part that need not be there is that of the seal beside it, or none, wherever writing stops", async () => {
    const paged = (text: string) => ({
      ...files(text),
      parts: { ...files(text).parts, "page.html": text },
      obsolete: [],
    });
    const names = { ...NAMES, parts: [...NAMES.parts, "page.html"] };
    const page = (text: string) => ({ ...whole(text), "page.html": text });
    for (const [next, after] of [
      [paged("two"), page("two")],
      [files("two"), whole("two")],
    ] as const) {
      const folder = join(parent, Object.keys(after).join("-"));
      for (let step = 0; ; step++) {
        await writeSealed(folder, paged("one"));
        failingFrom = step;
        const isDone = await writeSealed(folder, next).then(
          () => true,
          () => false,
        );
        failingFrom = Number.POSITIVE_INFINITY;
        const isFinished = isDone || (await finishSealed(folder, names));
        expect(await textsIn(folder)).toEqual(isFinished ? after : page("one"));
        if (isDone) break;
      }
    }
  });

  it("what a killed process had ready of such a part is not taken for one of the next", async () => {
    const folder = join(parent, "out");
    await mkdir(folder);
    await writeFile(join(folder, "page.html.next"), "of a killed process");
    await writeSealed(folder, files("one"));
    expect(await textsIn(folder)).toEqual(whole("one"));
  });

  it("what is refused under the lock leaves all as it was", async () => {
    const refuse = () => Promise.reject(new UserError("not here"));
    await expect(writeSealed(join(parent, "new", "out"), files("one"), refuse)).rejects.toThrow("not here");
    expect(await readdir(parent)).toEqual([]);
  });

  it("of two writers at once, one is whole in the end", async () => {
    const folder = join(parent, "out");
    const texts = ["one", "two", "three"];
    const done = await Promise.allSettled(texts.map((text) => writeSealed(folder, files(text))));
    expect(done.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(texts.map(whole)).toContainEqual(await textsIn(folder));
  });
});

it("requireWritable leaves nothing, not even of one that was killed", async () => {
  const place = join(parent, "out");
  await requireWritable(place);
  expect(await readdir(parent)).toEqual([]);
  await mkdir(place);
  await writeFile(temporaryOf(DEAD, join(place, "probe")), "");
  await requireWritable(place);
  expect(await readdir(place)).toEqual([]);
});

describe("places that cannot be replaced", () => {
  const disk = smallDisk(200);
  afterEach(() => disk?.remove());

  it.skipIf(!disk)(
    "a mounted folder in a read-only parent is written to; a read-only one is refused at once",
    async () => {
      const out = join(disk!.path, "out");
      await mkdir(out);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=100k", "tmpfs", out]);
      try {
        execFileSync("mount", ["-o", "remount,ro", disk!.path]);
        await requireWritable(out);
        for (const text of ["one", "two"]) await writeSealed(out, files(text));
        expect(await textsIn(out)).toEqual(whole("two"));
        await expect(requireWritable(join(disk!.path, "other"))).rejects.toThrow(/the file system is read-only/);
        await expect(writeSealed(out, { ...files("big"), parts: { "a.bin": "x".repeat(200_000) } })).rejects.toThrow(
          /no space left on the disk/,
        );
        expect(await textsIn(out)).toEqual(whole("two"));
      } finally {
        execFileSync("umount", [out]);
      }
    },
  );
});

it("temporaries tell what they were to become", async () => {
  await writeSealed(join(parent, "out"), files("one"), async () => {
    expect((await readdir(join(parent, "out"))).map(temporaryTarget)).toEqual([undefined]); // the lock alone
  });
  expect(temporaryTarget("seal.json.tmp-3fa92c-812-0")).toBe("seal.json");
  expect([nextTarget("seal.json.next"), nextTarget("seal.json")]).toEqual(["seal.json", undefined]);
});
