// Files on their way: what is undone together, and what becomes of files whose class has gone.

import { signal } from "@preact/signals";
import { beforeEach, expect, it, vi } from "vitest";
import { removeClass } from "../model/changes.ts";
import type { Engine } from "../engine/protocol.ts";
import type { Store } from "../store/store.ts";
import { TEXTS } from "../texts.ts";
import { Session } from "./session.ts";

beforeEach(() => {
  vi.stubGlobal("document", { addEventListener() {}, hidden: false, createElement: () => ({}) });
  return () => vi.unstubAllGlobals();
});

/** A session whose files are decoded one by one, when the test says so. */
async function setUp() {
  const waiting: (() => void)[] = [];
  const engine = {
    ready: new Promise(() => {}),
    add: async () => {},
    async decode(file: Blob) {
      await new Promise<void>((go) => waiting.push(go));
      return { bytes: new ArrayBuffer(1), content: await file.text() };
    },
  };
  const store = { load: async () => undefined, lastZip: async () => undefined, save() {} };
  const session = new Session(engine as unknown as Engine, store as unknown as Store, signal(undefined));
  await session.open();
  const arriveNext = async (count = 1): Promise<void> => {
    for (const go of waiting.splice(0, count)) go();
    await new Promise((done) => setTimeout(done, 20));
  };
  const decodeNext = async (count = 1): Promise<void> => {
    await arriveNext(count);
    session.intake.flush();
  };
  return { session, arriveNext, decodeNext };
}

const file = (name: string) => ({ name, file: new Blob([name]) });
const namesOf = ({ project }: Session): string[] =>
  project.value.classes.flatMap(({ pictures }) => pictures.map(({ name }) => name));

it("drops that overlap are undone as one, and come back as one", async () => {
  const { session, decodeNext } = await setUp();
  const [a, b] = [session.intake.classFor("a"), session.intake.classFor("b")];
  void session.intake.add(a, ["1", "3"].map(file));
  void session.intake.add(b, ["2", "4"].map(file));
  for (let i = 0; i < 4; i++) await decodeNext();
  expect(namesOf(session).toSorted()).toEqual(["1", "2", "3", "4"]);
  session.undo();
  expect(namesOf(session)).toEqual([]);
  session.redo();
  expect(namesOf(session).toSorted()).toEqual(["1", "2", "3", "4"]);
  void session.intake.add(a, [file("5")]);
  await decodeNext();
  session.undo();
  expect(namesOf(session).toSorted()).toEqual(["1", "2", "3", "4"]);
});

it("undo in the middle of a drop stops it, and what came of it can be done again", async () => {
  const { session, decodeNext } = await setUp();
  const a = session.intake.classFor("a");
  void session.intake.add(a, ["1", "2", "3"].map(file));
  await decodeNext();
  expect(namesOf(session)).toEqual(["1"]);
  session.undo();
  await decodeNext(2);
  expect(namesOf(session)).toEqual([]);
  expect(session.intake.isComing.value).toBe(false);
  expect(session.canRedo.value).toBe(true);
  session.redo();
  expect(namesOf(session)).toEqual(["1"]);
  void session.intake.add(a, [file("2")]);
  await decodeNext();
  expect(namesOf(session)).toEqual(["1", "2"]);
});

it("undo takes what has just arrived for the last change, and leaves the one before", async () => {
  const { session, arriveNext, decodeNext } = await setUp();
  const a = session.intake.classFor("a");
  void session.intake.add(a, [file("1")]);
  await decodeNext();
  void session.intake.add(a, [file("2"), file("3")]);
  await arriveNext();
  session.undo();
  await decodeNext();
  expect(namesOf(session)).toEqual(["1"]);
  session.redo();
  expect(namesOf(session)).toEqual(["1", "2"]);
});

it("what brings files in some at a time is one change with what comes meanwhile", async () => {
  const { session, decodeNext } = await setUp();
  const a = session.intake.classFor("a");
  await session.intake.asOne(async (group) => {
    for (const name of ["1", "2"]) {
      const added = session.intake.add(a, [file(name)], group);
      await decodeNext();
      await added;
      void session.intake.add(a, [file(`dropped ${name}`)]);
      await decodeNext();
    }
  });
  expect(namesOf(session)).toHaveLength(4);
  session.undo();
  expect(namesOf(session)).toEqual([]);
});

it("files whose class was deleted meanwhile are told, where it comes back", async () => {
  const { session, decodeNext } = await setUp();
  const a = session.intake.classFor("a");
  void session.intake.add(a, ["1", "2"].map(file));
  await decodeNext();
  session.change((project) => removeClass(project, a));
  await decodeNext();
  session.undo();
  expect(namesOf(session)).toEqual(["1"]);
  expect([...session.intake.cardState(a).refused]).toEqual([[TEXTS.classWent, ["2"]]]);
  expect(session.intake.isComing.value).toBe(false);
});
