import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { RunFolder } from "./run-folder.ts";
import { LOCK, lockFolder, ownerOf } from "../files/folder-lock.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pudnet-unstarted-"));
});
afterEach(() => rm(parent, { recursive: true }));

const dead = JSON.stringify({ ...ownerOf(process.pid), pid: DEAD });

/** A folder as a run leaves it that is killed before its run.json. */
async function leave(name: string, ...more: string[]): Promise<string> {
  const path = join(parent, name);
  await mkdir(join(path, "checkpoints"), { recursive: true });
  await writeFile(join(path, LOCK), dead);
  await writeFile(temporaryOf(DEAD, join(path, "run.json")), "half");
  for (const file of more) await writeFile(join(path, file), "x");
  return path;
}

it("a new run removes those that were killed while they started, and no other folder", async () => {
  await leave("first-1");
  await leave("first-2", "config.yaml", "metrics.csv");
  await leave("first-3", "run.json");
  await leave("first-4", "notes.txt");
  await leave("first-x");
  await leave("second-1");
  await mkdir(join(parent, "first-5"));
  // about to lock its folder
  await mkdir(join(parent, "first-7"));
  await writeFile(temporaryOf(process.ppid, join(parent, "first-7", LOCK)), dead);
  // killed in their turn: while one took the lock over, and while one removed a folder
  const aside = await leave("first-8");
  await rename(join(aside, LOCK), temporaryOf(DEAD, join(aside, LOCK)));
  const half = await leave("first-9", "metrics.csv");
  await rm(join(half, LOCK));
  await rename(half, temporaryOf(DEAD, half));
  const lock = await lockFolder(await leave("first-6").then(async (path) => (await rm(join(path, LOCK)), path)));
  const run = await RunFolder.create(parent, "first", { config: {}, columns: ["loss"] });
  expect(run.name).toBe("first-9");
  const kept = ["first-3", "first-4", "first-5", "first-6", "first-7", "first-9", "first-x", "second-1"];
  expect((await readdir(parent)).sort()).toEqual(kept);
  await run.close();
  await lock.release();
});
