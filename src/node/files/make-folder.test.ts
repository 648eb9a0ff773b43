import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { smallDisk } from "../../../test/small-disk.ts";
import { makeFolder, unmakeFolder } from "./make-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pudnet-make-"));
});
afterEach(() => rm(parent, { recursive: true }));

it("makes what is missing, and takes away no more than that", async () => {
  await mkdir(join(parent, "a"));
  const folder = join(parent, "a", "b", "c", "d");
  const topmost = await makeFolder(folder);
  expect(topmost).toBe(join(parent, "a", "b"));
  expect(await makeFolder(folder)).toBeUndefined();
  await unmakeFolder(folder, topmost);
  expect(await readdir(parent, { recursive: true })).toEqual(["a"]);
});

it("goes through links, and is made once by many at once", async () => {
  await mkdir(join(parent, "real"));
  await symlink("real", join(parent, "link"));
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(parent, "link", "b", "c"))));
  expect(await readdir(join(parent, "real"), { recursive: true })).toEqual(["b", join("b", "c")]);
});

it("says what is in the way", async () => {
  await writeFile(join(parent, "file"), "");
  await symlink("nowhere", join(parent, "link"));
  await expect(makeFolder(join(parent, "file"))).rejects.toThrow(/a file is in the way/);
  await expect(makeFolder(join(parent, "file", "below"))).rejects.toThrow(/is a file, not a folder/);
  await expect(makeFolder(join(parent, "link"))).rejects.toThrow(/it is a link to what is not there/);
});

it.skipIf(!existsSync("/proc/self"))("ends where no folder can be made", async () => {
  await expect(makeFolder("/proc/nowhere/a/b")).rejects.toThrow(
    'cannot write "/proc/nowhere/a/b": no folder can be made in "/proc"',
  );
});

const disk = smallDisk(40);
it.skipIf(!disk)("tells a read-only disk from a missing folder", async () => {
  try {
    execFileSync("mount", ["-o", "remount,ro", disk!.path]);
    await expect(makeFolder(join(disk!.path, "a", "b"))).rejects.toThrow(/the file system is read-only/);
  } finally {
    disk!.remove();
  }
});
