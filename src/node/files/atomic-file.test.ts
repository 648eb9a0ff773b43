import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserError } from "../../errors.ts";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { explainWriteError, writeFileAtomic } from "./atomic-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-atomic-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("writes bytes and text, replaces what was there and leaves nothing else", async () => {
  const path = join(folder, "a.txt");
  await writeFileAtomic(path, "first");
  await writeFileAtomic(path, "zweiter Öffner");
  expect(await readFile(path, "utf8")).toBe("zweiter Öffner");
  await writeFileAtomic(path, Uint8Array.of(1, 2, 255));
  expect([...(await readFile(path))]).toEqual([1, 2, 255]);
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("writes pieces one after the other; where one cannot be had, what was there stays and nothing else", async () => {
  const path = join(folder, "a.zip");
  async function* pieces(isWhole: boolean): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 3; i++) yield new Uint8Array(70_000).fill(i);
    if (!isWhole) throw new UserError("a piece is gone");
  }
  await writeFileAtomic(path, pieces(true));
  const whole = await readFile(path);
  expect([0, 70_000, 209_999].map((at) => whole[at])).toEqual([0, 1, 2]);
  expect(whole.length).toBe(210_000);
  await expect(writeFileAtomic(path, pieces(false))).rejects.toThrow("a piece is gone");
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(await readdir(folder)).toEqual(["a.zip"]);
});

test("concurrent writers leave one whole version", async () => {
  const path = join(folder, "a.txt");
  const versions = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(versions.map((text) => writeFileAtomic(path, text)));
  expect(versions).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["a.txt"]);
});

test("a folder in the way is a UserError, and no temporary stays", async () => {
  await mkdir(join(folder, "a"));
  await writeFile(join(folder, "a", "inner"), "");
  const error = await writeFileAtomic(join(folder, "a"), "x").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).toContain("another file name");
  expect(await readdir(folder)).toEqual(["a"]);
});

test("a missing folder and a file used as a folder are UserErrors that name the path", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(writeFileAtomic(join(folder, "none", "a"), "x")).rejects.toThrow(/cannot write ".*none\/a": the folder/);
  await expect(writeFileAtomic(join(folder, "file", "a"), "x")).rejects.toThrow(/is a file, not a folder/);
});

test("a full disk is a UserError; other errors come back as they are", async () => {
  const full = explainWriteError(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), "runs/a/b");
  expect(full).toBeInstanceOf(UserError);
  expect((full as UserError).message).toBe('cannot write "runs/a/b": no space left on the disk');
  const bug = new TypeError("x is not a function");
  expect(explainWriteError(bug, "a")).toBe(bug);
});

test.runIf(existsSync("/dev/full"))("the real ENOSPC of a full device is explained", async () => {
  const error = await writeFile("/dev/full", "x").catch((e: unknown) => explainWriteError(e, "/dev/full"));
  expect(error).toBeInstanceOf(UserError);
});

test("what killed processes left of the same file is cleared, once, and nothing else", async () => {
  const path = join(folder, "rows.csv");
  const [left, other] = [temporaryOf(DEAD, path), temporaryOf(DEAD, join(folder, "other.csv"))];
  for (const name of [left, other]) await writeFile(name, "half");
  await writeFileAtomic(path, "whole");
  expect((await readdir(folder)).sort()).toEqual(["rows.csv", basename(other)].sort());
});

test("a linked file is written through its link, which stays one", async () => {
  await mkdir(join(folder, "deep"));
  await writeFile(join(folder, "deep", "rows.csv"), "old");
  await symlink("deep/rows.csv", join(folder, "rows.csv"));
  await writeFileAtomic(join(folder, "rows.csv"), "new");
  expect((await lstat(join(folder, "rows.csv"))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(folder, "deep", "rows.csv"), "utf8")).toBe("new");
  expect(await readdir(join(folder, "deep"))).toEqual(["rows.csv"]);
});

test.each(["EBUSY", "EIO", "EMFILE", "ENFILE", "ELOOP", "ENAMETOOLONG", "EROFS", "EDQUOT"])(
  "%s is explained",
  (code) => {
    const error = explainWriteError(Object.assign(new Error(code), { code }), "a/b");
    expect(error).toMatchObject({
      message: expect.stringMatching(/^cannot write "a\/b": \w/),
      hint: expect.any(String),
    });
    expect((error as UserError).message).not.toContain(code);
  },
);
