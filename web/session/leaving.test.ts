// The project leaves as a zip, whatever room the browser has, and what became of it since is known; zips come in, one at a time.

import { signal } from "@preact/signals";
import { strToU8, zipSync } from "fflate";
import { beforeEach, expect, it, vi } from "vitest";
import { openZip } from "../store/zip.ts";
import type { Picture, Project } from "../model/project.ts";
import { TEXTS } from "../texts.ts";
import type { Incoming } from "./intake.ts";
import { Leaving } from "./leaving.ts";
import type { Session } from "./session.ts";

let downloaded: { readonly name: string; readonly zip: Blob }[];

beforeEach(() => {
  downloaded = [];
  const made: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `${made.push(blob as Blob) - 1}`);
  vi.stubGlobal("document", {
    baseURI: "https://localhost/",
    createElement: () => ({
      href: "",
      download: "",
      click() {
        downloaded.push({ name: this.download, zip: made[Number(this.href)]! });
      },
    }),
  });
  return () => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  };
});

const bytesOf = (id: string): Blob => new Blob([`picture ${id}`]);

async function pictureOf(id: string): Promise<Picture> {
  const hash = await crypto.subtle.digest("SHA-256", await bytesOf(id).arrayBuffer());
  return { id, name: `${id}.png`, content: Buffer.from(hash).toString("hex"), burst: id };
}

/** One class of so many pictures, which are others for another prefix. */
async function projectOf(prefix: string, count: number): Promise<Project> {
  const pictures = await Promise.all(Array.from({ length: count }, (_, i) => pictureOf(`${prefix}${i}`)));
  return { name: "pets", classes: [{ id: `class ${prefix}`, name: prefix, enabled: true, pictures }] };
}

/** Of a browser that has no room: what is noted is kept nowhere. */
function leavingOf(first: Project) {
  const project = signal(first);
  const notices: string[] = [];
  const added: string[] = [];
  const full = (): Promise<never> => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  const session = {
    project,
    learning: { aboutOf: () => undefined },
    notice: (text: string) => notices.push(text),
    change() {},
    intake: {
      asOne: (bring: (group: string) => Promise<void>) => bring("group"),
      classFor: (name: string) => name,
      async add(classId: string, files: readonly Incoming[]) {
        for (const { name, file } of files) added.push(`${classId}: ${name} with ${await file.text()}`);
      },
    },
    store: {
      lastZip: async () => undefined,
      withoutFile: async (): Promise<string[]> => [],
      file: async (id: string) => bytesOf(id),
      noteZip: vi.fn<() => Promise<void>>(full),
    },
  };
  return { project, notices, added, store: session.store, leaving: new Leaving(session as unknown as Session) };
}

it("the zip is there where the browser has no room for a note of it, and nothing is said to have failed", async () => {
  const { leaving, store, notices } = leavingOf(await projectOf("cat", 3));
  await leaving.saveZip();
  expect(store.noteZip).toHaveBeenCalledOnce();
  expect([leaving.problem.value, leaving.busy.value, notices]).toEqual([undefined, undefined, []]);
  expect(downloaded.map(({ name }) => name)).toEqual(["pets.zip"]);
  const { classes } = await openZip(downloaded[0]!.zip, "pets.zip");
  const read = await Promise.all(classes[0]!.pictures.map(async (one) => new TextDecoder().decode(await one.read())));
  expect(read).toEqual(["picture cat0", "picture cat1", "picture cat2"]);
  expect(leaving.sinceZip.value).toEqual({ came: 0, isSame: true });
});

it("a picture whose file had gone is in no zip, and counts as one that is to come", async () => {
  const { leaving, store, notices } = leavingOf(await projectOf("cat", 3));
  store.withoutFile = async () => ["cat1"];
  await leaving.saveZip();
  expect(notices).toHaveLength(1);
  expect(leaving.sinceZip.value).toEqual({ came: 1, isSame: false });
});

it("24 other pictures in the place of 40 that left are 24 that are in no zip", async () => {
  const { leaving, project } = leavingOf(await projectOf("cat", 40));
  expect(leaving.sinceZip.value).toBeUndefined();
  await leaving.saveZip();
  project.value = { name: "project", classes: [] };
  project.value = await projectOf("dog", 24);
  expect(leaving.sinceZip.value).toEqual({ came: 24, isSame: false });
  await leaving.saveZip();
  expect(leaving.sinceZip.value).toEqual({ came: 0, isSame: true });
});

/** A zip of class folders; bytes of `damaged` are others than when it was packed. */
function zipOfFolders(paths: readonly string[], damaged: readonly string[] = []): File {
  const bytes = zipSync(Object.fromEntries(paths.map((path) => [path, strToU8(`content of ${path}`)])), { level: 0 });
  for (const path of damaged) bytes[Buffer.from(bytes).indexOf(`content of ${path}`)]!++;
  return new File([bytes], "pets.zip");
}

const EMPTY: Project = { name: "project", classes: [] };

it("damaged pictures of a zip are told, and all others come in", async () => {
  const { leaving, added, notices } = leavingOf(EMPTY);
  const paths = ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"];
  await leaving.openZip(zipOfFolders(paths, ["cat/1.png", "dog/1.png"]), "pets.zip");
  expect(added).toEqual(["cat: 2.png with content of cat/2.png", "dog: 2.png with content of dog/2.png"]);
  expect(notices).toEqual([TEXTS.damagedInZip(["cat/1.png", "dog/1.png"])]);
  expect(leaving.problem.value).toBeUndefined();
});

it("the sample comes in once, however often it is asked for, and zips wait for their turn", async () => {
  const { leaving, added } = leavingOf(EMPTY);
  vi.stubGlobal("fetch", async () => new Response(zipOfFolders(["cat/1.png"])));
  const zips = ["dog", "cow"].map((name) => leaving.openZip(zipOfFolders([`${name}/1.png`]), "pets.zip"));
  const first = leaving.openSample();
  expect(leaving.isIdle.value).toBe(false);
  await Promise.all([first, leaving.openSample(), ...zips]);
  expect(leaving.isIdle.value).toBe(true);
  expect(added.map((text) => text.slice(0, 3))).toEqual(["dog", "cow"]);
  await Promise.all([leaving.openSample(), leaving.openSample()]);
  expect(added.map((text) => text.slice(0, 3))).toEqual(["dog", "cow", "cat"]);
});
