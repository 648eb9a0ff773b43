import { expect, it } from "vitest";
import { tapsWithin } from "../bench/arithmetic.ts";
import { flop, profile, workOf } from "../bench/profile.ts";
import { CASES } from "../bench/cases.ts";

const node = (kind: string, inputs: number[][], out: number[]) => ({ kind, microseconds: 1, inputs, outputs: [out] });

it.each([
  [
    node(
      "MatMul",
      [
        [2, 3],
        [3, 4],
      ],
      [2, 4],
    ),
    2 * 2 * 3 * 4,
  ],
  [
    node(
      "FusedMatMul",
      [
        [3, 2],
        [3, 4],
      ],
      [2, 4],
    ),
    2 * 2 * 3 * 4,
  ],
  [
    node(
      "MatMul",
      [
        [7, 2, 3],
        [7, 3, 4],
      ],
      [7, 2, 4],
    ),
    7 * 2 * 2 * 3 * 4,
  ],
  [
    node(
      "MatMul",
      [
        [7, 2, 3],
        [3, 4],
      ],
      [7, 2, 4],
    ),
    7 * 2 * 2 * 3 * 4,
  ],
  [
    node(
      "Conv 3x3",
      [
        [5, 8, 6, 6],
        [16, 8, 3, 3],
      ],
      [5, 16, 6, 6],
    ),
    2 * 5 * 16 * 36 * 8 * 9,
  ],
  [
    node(
      "Conv 1x1 by channel",
      [
        [5, 8, 6, 6],
        [8, 1, 1, 1],
      ],
      [5, 8, 6, 6],
    ),
    2 * 5 * 8 * 36,
  ],
  [node("Add", [[5], [5]], [5]), 0],
])("arithmetic of %j", (one, expected) => {
  expect(flop(one)).toBeCloseTo(expected, 3);
});

it("the nodes of a step and what lies between them make the step", async () => {
  const work = workOf("train-step-convnet-3", CASES["train-step-convnet-3"]!);
  const { rows, msPerStep } = await profile(work, { calls: 1, byShape: false, threads: 1 });
  expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(msPerStep, 6);
  expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  const convolutions = rows.filter(({ kind }) => kind.startsWith("Conv "));
  expect(convolutions.length).toBeGreaterThan(1);
  // forward: 28, 14 and 7 px, 64 channels, 100 images; at least as much again for the gradients
  const forward = (2 * 100 * 64 * (28 ** 2 * 27 + 14 ** 2 * 576 + 7 ** 2 * 576)) / 1e9;
  expect(convolutions.reduce((sum, { gflop }) => sum + gflop, 0)).toBeGreaterThan(2 * forward);
});

it("what has no steps is refused", () => {
  expect(() => workOf("build-resnet-18", CASES["build-resnet-18"]!)).toThrow(/has no steps to be profiled/);
});

it.each([
  [2, 2, { kernel: 3, stride: 1, padding: 1 }, 4],
  [1, 1, { kernel: 3, stride: 1, padding: 1 }, 1],
  [32, 32, { kernel: 1, stride: 1, padding: 0 }, 32],
  [8, 4, { kernel: 3, stride: 2, padding: 1 }, 11],
  [32, 16, { kernel: 7, stride: 2, padding: 3 }, 106],
])("of a map of %d, %d windows %o have %d taps within", (size, places, window, taps) => {
  expect(tapsWithin(size, places, window)).toBe(taps);
});
