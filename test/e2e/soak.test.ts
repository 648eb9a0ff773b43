// A few of the disturbances of `npm run soak`: kills at operations on the file system that the seed decides, and full disks.

import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Disk } from "../soak/disk.ts";
import { fullDiskEpisode, killEpisode, learnCourse, type Work } from "../soak/episodes.ts";
import { layGround } from "../soak/ground.ts";
import type { Ground } from "../soak/scenario.ts";
import { SCENARIOS } from "../soak/scenarios.ts";
import { temporaryFolder } from "./pudnet.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let ground: Ground;
beforeAll(async () => {
  home = await temporaryFolder();
  ground = await layGround(join(home.path, "ground"));
});
afterAll(() => home[Symbol.asyncDispose]());

const works = new Map<string, Promise<Work>>();
function work(name: string): Promise<Work> {
  const known = works.get(name) ?? learnCourse(name, SCENARIOS[name]!, ground, home.path);
  works.set(name, known);
  return known;
}

it.each([
  ["train", 2],
  ["predict-force", 4],
  ["cache", 2],
  ["evaluate", 2],
])("%s: killed at operations on files, it ends as an undisturbed one", async (name, most) => {
  const plan = { seed: 1, episode: 0, most, moments: "operation" } as const;
  const { disturbances, findings } = await killEpisode(await work(name), join(home.path, name), plan);
  expect(findings).toEqual([]);
  expect(disturbances.length).toBeGreaterThan(0);
});

const disk = Disk.mount();
afterAll(() => disk?.[Symbol.dispose]());

// Skipped where a small disk cannot be mounted.
it.skipIf(!disk).each(["train", "predict-force", "cache"])(
  "%s: a full disk is told, and loses nothing",
  async (name) => {
    const { disturbances, findings } = await fullDiskEpisode(await work(name), disk!, { seed: 1, episode: 0, most: 1 });
    expect(findings).toEqual([]);
    expect(disturbances).toHaveLength(1);
  },
);
