// What a screen reader reads of answers: each picture's, though it be as the one before, and none of a picture that is gone.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Answer, PictureRefused } from "../engine/protocol.ts";
import { TEXTS } from "../texts.ts";
import { Asking } from "./asking.ts";
import type { Session } from "./session.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", () => 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const PICTURE = new Blob(["picture"]);

/** An answer of that score for "cat", or why there is none. */
function setUp(answers: readonly (number | Error)[]) {
  const left = [...answers];
  const ask = async (): Promise<Answer> => {
    const next = left.shift()!;
    if (typeof next !== "number") throw next;
    return { labels: [{ class: "1", score: next }], unknown: false, nearest: [], milliseconds: 1 };
  };
  const session = {
    engine: { ask },
    learning: { made: signal({}) },
    project: signal({ name: "", classes: [{ id: "1", name: "cat", enabled: true, pictures: [] }] }),
    camera: { start: async () => undefined, stop() {}, frame: async () => new Blob() },
  };
  const asking = new Asking(session as unknown as Session);
  const askAndWait = async (): Promise<void> => {
    await asking.ask(PICTURE);
    await vi.advanceTimersByTimeAsync(1000);
  };
  return { asking, askAndWait };
}

it("another picture's answer is read, though it be the same class", async () => {
  const { asking, askAndWait } = setUp([0.9, 0.8]);
  await askAndWait();
  expect(asking.said.value).toBe(TEXTS.said("cat", 0.9));
  const asked = asking.ask(PICTURE);
  expect(asking.said.value).toBe("");
  await asked;
  await vi.advanceTimersByTimeAsync(1000);
  expect(asking.said.value).toBe(TEXTS.said("cat", 0.8));
});

it("the same picture's is read once, whatever becomes of the classifier", async () => {
  const { asking, askAndWait } = setUp([0.9, 0.8]);
  await askAndWait();
  await asking.again();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asking.said.value).toBe(TEXTS.said("cat", 0.9));
});

it("an answer is not read on where the next picture has none, and a reason is told as often as it holds", async () => {
  const { asking, askAndWait } = setUp([0.9, new PictureRefused("empty"), new PictureRefused("empty"), 0.9]);
  await asking.ask(PICTURE);
  await vi.advanceTimersByTimeAsync(500);
  await askAndWait();
  expect([asking.said.value, asking.problem.value]).toEqual(["", TEXTS.refusals.empty]);
  const asked = asking.ask(PICTURE);
  expect(asking.problem.value).toBeUndefined();
  await asked;
  expect(asking.problem.value).toBe(TEXTS.refusals.empty);
  await askAndWait();
  expect([asking.said.value, asking.problem.value]).toEqual([TEXTS.said("cat", 0.9), undefined]);
});

it("nothing is read of a classifier that is no more, and its successor is heard", async () => {
  const { asking, askAndWait } = setUp([0.9, 0.8]);
  await askAndWait();
  asking.forget();
  expect(asking.said.value).toBe("");
  await asking.again();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asking.said.value).toBe(TEXTS.said("cat", 0.8));
});

it("nothing is read of a picture in whose place the camera is asked", async () => {
  const { asking, askAndWait } = setUp([0.9, new PictureRefused("unreadable")]);
  await askAndWait();
  await asking.toggleLive();
  expect([asking.said.value, asking.problem.value]).toEqual(["", TEXTS.refusals.unreadable]);
});
