// Drops: zips are opened wherever they fall, what systems leave is passed over, and what cannot be read is told.

import { expect, it } from "vitest";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";
import { takeDrop } from "./dropped.ts";

interface Entry {
  readonly name: string;
}

/** An entry that is read, or not where there is no file. */
const file = (name: string, isThere = true) => ({
  name,
  isFile: true,
  file: (give: (file: File) => void, fail: () => void) => (isThere ? give(new File(["bytes"], name)) : fail()),
});

/** A folder whose entries are given one at a time, until it fails where it does. */
const folder = (name: string, entries: readonly Entry[], isWhole = true) => ({
  name,
  isFile: false,
  createReader: () => {
    const left = [...entries];
    const readEntries = (give: (some: readonly Entry[]) => void, fail: () => void) =>
      left.length > 0 || isWhole ? give(left.splice(0, 1)) : fail();
    return { readEntries };
  },
});

/** What becomes of a drop of these. */
async function dropped(entries: readonly Entry[], kind = "file") {
  const [notices, opened, taken]: [string[], string[], string[]] = [[], [], []];
  const session = {
    notice: (text: string) => notices.push(text),
    leaving: { openZip: async (_: File, name: string) => void opened.push(name) },
  };
  const items = entries.map((entry) => ({ kind, webkitGetAsEntry: () => entry, getAsFile: () => null }));
  const event = { preventDefault() {}, stopPropagation() {}, dataTransfer: { items } };
  await takeDrop(session as unknown as Session, event as unknown as DragEvent, (placed) =>
    taken.push(...placed.map(({ path }) => path.join("/"))),
  );
  return { notices, opened, taken };
}

it("zips are opened, all else is taken; zips in folders are no zips of classes", async () => {
  const entries = [file("1.png"), file("pets.ZIP"), folder("cat", [file("2.png"), file("cats.zip")])];
  expect(await dropped(entries)).toEqual({
    notices: [],
    opened: ["pets.ZIP"],
    taken: ["1.png", "cat/2.png", "cat/cats.zip"],
  });
});

it("what systems leave in folders is passed over, though it cannot be read", async () => {
  const left = [file(".DS_Store"), file("Thumbs.db", false), folder("System Volume Information", [], false)];
  const { taken, notices } = await dropped([...left, folder("cat", [...left, file("1.png")])]);
  expect([taken, notices]).toEqual([["cat/1.png"], []]);
});

it("files and folders that cannot be read are told, and the others taken", async () => {
  const entries = [
    file("gone.png", false),
    folder("cat", [file("1.png"), folder("locked", [], false), file("2.png")]),
    folder("half", [file("3.png")], false),
  ];
  const { taken, notices } = await dropped(entries);
  expect(taken).toEqual(["cat/1.png", "cat/2.png", "half/3.png"]);
  expect(notices).toEqual([TEXTS.notRead(["gone.png", "cat/locked", "half"])]);
});

it("a drop without files says why", async () => {
  expect((await dropped([folder("empty", [folder("deeper", [])])])).notices).toEqual([TEXTS.emptyFolder]);
  expect((await dropped([file("an address")], "string")).notices).toEqual([TEXTS.noFilesDropped]);
  expect((await dropped([folder("locked", [], false)])).notices).toEqual([TEXTS.notRead(["locked"])]);
});
