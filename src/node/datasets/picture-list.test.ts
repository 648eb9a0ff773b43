import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { asNobody } from "../../../test/as-nobody.ts";
import { UserError } from "../../errors.ts";
import { byCodePoint } from "./folder-walk.ts";
import { listPictures } from "./picture-list.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-list-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function files(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), "");
  }
}

/** What is listed, with paths from `root` on. */
async function list(...places: readonly string[]) {
  const { paths, missing, leftOut } = await listPictures(places.map((place) => join(root, place)));
  const short = (text: string): string => text.replaceAll(`${root}/`, "");
  const reasons = (of: typeof missing) =>
    Object.fromEntries(of.map(({ path, reason }) => [short(path), short(reason)]));
  return { paths: paths.map(short), missing: reasons(missing), leftOut: reasons(leftOut) };
}

it("takes files as they are and pictures of folders at any depth, in the order of their paths", async () => {
  await files(
    "one",
    "pets/b/2.jpg",
    "pets/b.png",
    "pets/b-1.png",
    "pets/notes.txt",
    "pets/.hidden.png",
    "pets/@eaDir/1.jpg",
  );
  expect(await list("one", "pets")).toEqual({
    paths: ["one", "pets/b-1.png", "pets/b.png", "pets/b/2.jpg"],
    missing: {},
    leftOut: { "pets/notes.txt": "not the name of a picture" },
  });
});

it("enters each folder once and lists each picture once, whatever links lead to it", async () => {
  await files("pets/cat/1.jpg", "pets/dog/2.jpg");
  await symlink("..", join(root, "pets/cat/up"));
  await symlink("../..", join(root, "pets/cat/out"));
  await symlink("../dog", join(root, "pets/cat/other"));
  const first = await list("pets", "pets/dog", "pets/cat/1.jpg", "pets/cat/1.jpg");
  expect(first.paths).toEqual(["pets/cat/1.jpg", "pets/cat/other/2.jpg"]);
  expect(first.missing).toEqual({});
  expect(first.leftOut).toMatchObject({
    "pets/cat/up": 'the same folder as "pets"',
    "pets/dog": 'the same folder as "pets/cat/other"',
    "pets/cat/1.jpg": "given twice, read once",
  });
  expect((await list("pets/dog", "pets")).paths).toEqual(["pets/dog/2.jpg", "pets/cat/1.jpg"]);
});

it("tells apart what is missing", async () => {
  await files("pets/cat/1.jpg", "empty/notes.txt", "x.jpg/1.png");
  await symlink("/nowhere/1.jpg", join(root, "pets/2.jpg"));
  await symlink("loop", join(root, "loop"));
  expect(await list("gone.jpg", "pets", "empty", "loop", "x.jpg")).toMatchObject({
    paths: ["pets/cat/1.jpg", "x.jpg/1.png"],
    missing: {
      "gone.jpg": "no such file or folder",
      "pets/2.jpg": 'a link to "/nowhere/1.jpg", which is not there',
      empty: "a folder without pictures",
      loop: "a link that leads round in a circle",
    },
  });
  expect((await listPictures(["/dev/null"])).missing).toEqual([{ path: "/dev/null", reason: "a device, not a file" }]);
});

it("names folders that may not be read, and goes on", async () => {
  await files("pets/cat/1.jpg", "pets/dog/2.jpg");
  await chmod(root, 0o755);
  await chmod(join(root, "pets/cat"), 0);
  const found = await asNobody(() => list("pets"));
  await chmod(join(root, "pets/cat"), 0o755);
  expect(found).toMatchObject({ paths: ["pets/dog/2.jpg"], missing: { "pets/cat": "permission denied" } });
});

it("refuses an empty name, which would stand for the folder one is in", async () => {
  await expect(listPictures([""])).rejects.toThrow(UserError);
});

it("byCodePoint orders as the code points do", () => {
  const points = fc.string({ unit: "binary", maxLength: 6 });
  const reference = (a: string, b: string): number => {
    const [x, y] = [a, b].map((text) => Array.from(text, (char) => char.codePointAt(0)!));
    const i = x!.findIndex((point, at) => point !== y![at]);
    return i < 0 ? x!.length - y!.length : x![i]! - (y![i] ?? -1);
  };
  fc.assert(fc.property(points, points, (a, b) => Math.sign(byCodePoint(a, b)) === Math.sign(reference(a, b))));
  expect(["\u{1F600}", "\uFF5E", "z"].toSorted(byCodePoint)).toEqual(["z", "\uFF5E", "\u{1F600}"]);
});
