// Changes of the project give new values, in which the rest is the same.

import { describe, expect, it } from "vitest";
import * as changes from "./changes.ts";
import { sortedIntoClasses } from "./folders.ts";
import { changed, redone, startHistory, undone } from "./history.ts";
import type { Picture } from "./project.ts";
import { since } from "./since.ts";

const picture = (id: string, content = id): Picture => ({ id, name: `${id}.png`, content, burst: id });

const two = changes.addClass(changes.addClass(changes.EMPTY, "1", "cat"), "2", "dog");
const full = changes.addPictures(
  two,
  new Map([
    ["1", [picture("a"), picture("b")]],
    ["2", [picture("c", "a")]],
    ["gone", [picture("d")]],
  ]),
);
const idsOf = (project: typeof full): string[][] => project.classes.map(({ pictures }) => pictures.map(({ id }) => id));

describe("a project", () => {
  it("takes pictures, moves and loses them, and keeps the same what did not change", () => {
    expect(idsOf(full)).toEqual([["a", "b"], ["c"]]);
    const moved = changes.movePicture(full, "b", "2");
    expect(idsOf(moved)).toEqual([["a"], ["c", "b"]]);
    expect(idsOf(changes.removePictures(moved, new Set(["c", "a"])))).toEqual([[], ["b"]]);
    expect(changes.removePictures(full, new Set(["c"])).classes[0]).toBe(full.classes[0]);
    expect(changes.movePicture(full, "none", "2")).toBe(full);
    expect(changes.countPictures(full)).toBe(3);
  });

  it("renames, disables and removes classes, and finds names that are free", () => {
    const renamed = changes.renameClass(changes.enableClass(full, "1", false), "2", "cow");
    expect(renamed.classes.map(({ name, enabled }) => [name, enabled])).toEqual([
      ["cat", false],
      ["cow", true],
    ]);
    expect(changes.removeClass(renamed, "1").classes).toEqual([renamed.classes[1]]);
    expect([changes.freeName(full, "cow"), changes.freeName(full, "cat")]).toEqual(["cow", "cat 2"]);
  });

  it("knows which contents are in several classes that are learned", () => {
    expect([...changes.inSeveral(full)]).toEqual([["a", ["cat", "dog"]]]);
    expect(changes.inSeveral(changes.enableClass(full, "2", false)).size).toBe(0);
  });
});

describe("since it left", () => {
  const pictures = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => picture(`${prefix}${i}`));
  const of = (...cards: readonly (readonly Picture[])[]) =>
    changes.addPictures(two, new Map(cards.map((all, i) => [`${i + 1}`, all])));
  const zipped = of(pictures("a", 30), pictures("b", 10));
  const copy = structuredClone(zipped);

  it("a project is the same as long as it says the same", () => {
    expect(since(zipped, zipped)).toEqual({ came: 0, isSame: true });
    expect(since(copy, zipped)).toEqual({ came: 0, isSame: true });
  });

  it("pictures are counted by what they are, not by how many there are", () => {
    expect(since(zipped, of(pictures("c", 20), pictures("d", 4)))).toEqual({ came: 24, isSame: false });
    expect(since(zipped, of(pictures("a", 31), pictures("c", 1)))).toEqual({ came: 2, isSame: false });
  });

  it.each([
    ["a name", changes.renameClass(copy, "1", "cow")],
    ["a class that is off", changes.enableClass(copy, "1", false)],
    ["a picture that went", changes.removePictures(copy, new Set(["a3"]))],
    ["a picture of another class", changes.movePicture(copy, "a3", "2")],
    ["a class more", changes.addClass(copy, "3", "cow")],
    ["a class less", changes.removeClass(copy, "2")],
    ["its name", { ...copy, name: "pets" }],
  ])("%s is a change without new pictures", (_, now) => {
    expect(since(zipped, now)).toEqual({ came: 0, isSame: false });
  });
});

describe("history", () => {
  it("undoes and redoes step by step, changes of one group at once", () => {
    let history = startHistory(0);
    history = changed(history, 1);
    history = changed(history, 2, "drop");
    history = changed(history, 3, "drop");
    history = changed(history, 3, "drop");
    expect(undone(history).present).toBe(1);
    expect(undone(undone(undone(history))).present).toBe(0);
    expect(redone(redone(redone(undone(undone(history))))).present).toBe(3);
    expect(redone(changed(undone(history), 9)).present).toBe(9);
    expect(undone(changed(undone(history), 9, "drop")).present).toBe(1);
  });
});

describe("folders", () => {
  const sorted = (...paths: readonly string[]) => {
    const { classes, loose, leftOut } = sortedIntoClasses(paths.map((path) => ({ path: path.split("/"), file: path })));
    return { classes: Object.fromEntries(classes), loose, leftOut };
  };

  it("that hold folders become classes of these, others one of their own", () => {
    expect(sorted("pets/cat/1.jpg", "pets/dog/deep/2.jpg", "pets/notes.txt", "bird/3.jpg", "4.jpg")).toEqual({
      classes: { cat: ["pets/cat/1.jpg"], dog: ["pets/dog/deep/2.jpg"], bird: ["bird/3.jpg"] },
      loose: ["4.jpg"],
      leftOut: ["pets/notes.txt"],
    });
  });

  it("that lie beside those around all pictures hold none of the classes", () => {
    const beside = ["pets/annotations/xmls/1.xml", "pets/annotations/cat/1.xml"];
    const { classes, leftOut } = sorted("pets/images/cat/1.jpg", ...beside, "pets/images/dog/2.jpg");
    expect(classes).toEqual({ cat: ["pets/images/cat/1.jpg"], dog: ["pets/images/dog/2.jpg"] });
    expect(leftOut).toEqual(beside);
  });

  it.each([
    ["two folders", ["outer/inner/cat/1.jpg", "outer/inner/dog/2.jpg"], { cat: 1, dog: 1 }],
    ["many folders", ["a/b/c/d/cat/1.jpg", "a/b/c/d/dog/2.jpg", "a/b/c/d/dog/deep/3.jpg"], { cat: 1, dog: 2 }],
    ["one class in two folders", ["outer/inner/cat/1.jpg", "outer/inner/cat/2.jpg"], { cat: 2 }],
    ["folders that are around some alone", ["a/b/cat/1.jpg", "a/b/dog/2.jpg", "a/bird/3.jpg"], { b: 2, bird: 1 }],
    ["a picture beside them", ["outer/inner/1.jpg", "outer/inner/cat/2.jpg"], { inner: 2 }],
    [
      "files beside them",
      ["outer/read.me", "outer/inner/notes.txt", "outer/inner/cat/1.jpg", "outer/inner/dog/2"],
      { cat: 1, dog: 1 },
    ],
    ["pictures that are not called so", ["outer/inner/cat/1", "outer/inner/dog/2"], { cat: 1, dog: 1 }],
    ["a folder of notes in a class", ["cat/notes/read.me", "cat/1.jpg"], { cat: 2 }],
    ["each of several drops by itself", ["a/x/cat/1.jpg", "a/x/dog/2.jpg", "bird/3.jpg"], { cat: 1, dog: 1, bird: 1 }],
  ])("are left out of account around all classes: %s", (_, paths, expected) => {
    const { classes } = sorted(...paths);
    expect(Object.fromEntries(Object.entries(classes).map(([name, files]) => [name, files.length]))).toEqual(expected);
  });

  it("lose without a word what systems leave in them", () => {
    expect(sorted("cat/.DS_Store", "cat/Thumbs.db", "__MACOSX/cat/._1.jpg", ".git/config", "cat/1.jpg")).toEqual({
      classes: { cat: ["cat/1.jpg"] },
      loose: [],
      leftOut: [],
    });
  });
});
