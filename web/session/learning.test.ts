// When the classifier follows the project: at once, seldom while files are on their way, with new weights when hands rest.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Dataset, EngineError, type Learned } from "../engine/protocol.ts";
import type { Project } from "../model/project.ts";
import { Learning } from "./learning.ts";
import type { Session } from "./session.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", () => 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Two classes of so many pictures each. */
const projectOf = (count: number): Project => ({
  name: "",
  classes: ["a", "b"].map((id) => ({
    id,
    name: id,
    enabled: true,
    pictures: Array.from({ length: count }, (_, i) => ({ id: `${id}${i}`, name: "", content: `${id}${i}`, burst: "" })),
  })),
});

/** A session that notes what is learned and judged: "head 4", "weights 4", "judge 4". */
function setUp() {
  const asked: string[] = [];
  const project = signal(projectOf(0));
  const isComing = signal(false);
  const count = ({ classes }: Dataset): number => classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
  let hasWeights = false;
  /** What the next calls of `learn` end with, and what they tell meanwhile. */
  const failures: unknown[] = [];
  const judgements = { hold: false, end() {} };
  const tellers: ((share: number) => void)[] = [];
  const engine = {
    ready: Promise.resolve({}),
    async learn(dataset: Dataset, how: Learned["how"], onProgress: (share: number) => void) {
      asked.push(`${how} ${count(dataset)}`);
      tellers.push(onProgress);
      const failure = failures.shift();
      if (failure) throw failure;
      const learned = { how: hasWeights ? how : "weights", images: count(dataset) };
      hasWeights = true;
      return learned;
    },
    async judge(dataset: Dataset) {
      asked.push(`judge ${count(dataset)}`);
      if (judgements.hold) await new Promise<void>((end) => (judgements.end = end));
    },
  };
  const session = { engine, project, intake: { isComing }, asking: { async again() {}, forget() {} } };
  const learning = new Learning(session as unknown as Session);
  learning.follow();
  return { asked, project, isComing, learning, failures, tellers, judgements };
}

it("learns a head at once, and weights and a judgement when hands rest", async () => {
  const { asked, project } = setUp();
  project.value = projectOf(10);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toEqual(["head 20"]);
  project.value = projectOf(13);
  await vi.advanceTimersByTimeAsync(399);
  expect(asked).toEqual(["head 20", "head 26"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.slice(2)).toEqual(["weights 26", "judge 26"]);
});

it("says that it judges while it does, and not once that is forgotten", async () => {
  const { project, learning, judgements } = setUp();
  judgements.hold = true;
  project.value = projectOf(10);
  await vi.advanceTimersByTimeAsync(399);
  expect(learning.isJudging.value).toBe(false);
  await vi.advanceTimersByTimeAsync(10);
  expect(learning.isJudging.value).toBe(true);
  judgements.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(learning.isJudging.value).toBe(false);
  project.value = projectOf(20);
  await vi.advanceTimersByTimeAsync(500);
  expect(learning.isJudging.value).toBe(true);
  project.value = projectOf(0);
  expect(learning.isJudging.value).toBe(false);
});

it("keeps the weights where few pictures came", async () => {
  const { asked, project } = setUp();
  project.value = projectOf(30);
  await vi.advanceTimersByTimeAsync(1000);
  asked.length = 0;
  project.value = projectOf(31);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["head 62", "judge 62"]);
});

it("waits for the last of a few files", async () => {
  const { asked, project, isComing } = setUp();
  isComing.value = true;
  project.value = projectOf(5);
  await vi.advanceTimersByTimeAsync(300);
  project.value = projectOf(10);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked).toEqual([]);
  isComing.value = false;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(["head 20"]);
});

it("learns once a second while files come, everything when the last has come, and rests after that alone", async () => {
  const { asked, project, isComing } = setUp();
  isComing.value = true;
  for (let count = 1; count <= 20; count++) {
    project.value = projectOf(count);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked).toEqual(["head 22"]);
  isComing.value = false;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.slice(1)).toEqual(["head 40"]);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.slice(2)).toEqual(["weights 40", "judge 40"]);
});

it("rests also where the last file was none", async () => {
  const { asked, project, isComing } = setUp();
  isComing.value = true;
  project.value = projectOf(4);
  await vi.advanceTimersByTimeAsync(1000);
  project.value = projectOf(5);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(["head 10"]);
  isComing.value = false;
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.slice(1)).toEqual(["judge 10"]);
});

it("makes weights of thousands at once, whose features under the old ones would be for nothing", async () => {
  const { asked, project, isComing } = setUp();
  isComing.value = true;
  project.value = projectOf(4);
  await vi.advanceTimersByTimeAsync(1000);
  project.value = projectOf(5);
  await vi.advanceTimersByTimeAsync(1000);
  project.value = projectOf(3000);
  await vi.advanceTimersByTimeAsync(9000);
  expect(asked).toEqual(["head 10"]);
  isComing.value = false;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.slice(1)).toEqual(["weights 6000", "judge 6000"]);
  project.value = projectOf(3260); // many, but less than a tenth
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.slice(3)).toEqual(["head 6520", "judge 6520"]);
});

it("settles on weights of all pictures, a second time where the worker died, and judges again", async () => {
  const { asked, project, learning, failures } = setUp();
  project.value = projectOf(30);
  await vi.advanceTimersByTimeAsync(1000);
  project.value = projectOf(31); // few: under the old weights
  await vi.advanceTimersByTimeAsync(1000);
  asked.length = 0;
  failures.push(new EngineError("died", "out of memory"));
  await learning.settle();
  expect(asked).toEqual(["weights 62", "weights 62"]);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked.slice(2)).toEqual(["judge 62"]);
  await learning.settle();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(3); // nothing is left to do
});

it("gives nothing that is not of all pictures: what cannot be learned is told to who asked", async () => {
  const { project, learning, failures } = setUp();
  project.value = projectOf(30);
  await vi.advanceTimersByTimeAsync(1000);
  project.value = projectOf(31);
  await vi.advanceTimersByTimeAsync(1000);
  failures.push(new EngineError("failed", "no"));
  await expect(learning.settle()).rejects.toThrow("no");
  const died = new EngineError("died", "out of memory");
  failures.push(died, died);
  await expect(learning.settle()).rejects.toBe(died);
  expect(learning.progress.value).toBeUndefined();
});

it("shows no progress of what is forgotten", async () => {
  const { project, learning, tellers } = setUp();
  project.value = projectOf(30);
  await vi.advanceTimersByTimeAsync(100);
  project.value = projectOf(0);
  await vi.advanceTimersByTimeAsync(100);
  tellers[0]!(0.8);
  expect(learning.progress.value).toBeUndefined();
});
