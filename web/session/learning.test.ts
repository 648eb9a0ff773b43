// When the classifier follows the project: at once, seldom while files are on their way, with new weights when hands rest.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Dataset, Learned } from "../engine/protocol.ts";
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
  const engine = {
    ready: Promise.resolve({}),
    async learn(dataset: Dataset, how: Learned["how"]) {
      asked.push(`${how} ${count(dataset)}`);
      const learned = { how: hasWeights ? how : "weights", images: count(dataset) };
      hasWeights = true;
      return learned;
    },
    async judge(dataset: Dataset) {
      asked.push(`judge ${count(dataset)}`);
    },
  };
  const session = { engine, project, intake: { isComing }, asking: { async again() {}, forget() {} } };
  new Learning(session as unknown as Session).follow();
  return { asked, project, isComing };
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
