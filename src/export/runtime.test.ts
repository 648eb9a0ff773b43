// The runtime of the files beside the library: the same scores for every architecture and head, the same squares.

import { describe, expect, it, test } from "vitest";
import { roughClassifier, type RoughOptions } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { ClassifierSession } from "../classifier/classify.ts";
import { squarePlanes } from "../data/square.ts";
import { ARCHITECTURES } from "../models/architectures.ts";
import { key, uniform } from "../tensor/random.ts";
import { pack } from "./pack.ts";
import { planOf } from "./plan.ts";
import { runPlan } from "./runtime.ts";

const EVERY: RoughOptions[] = Object.entries(ARCHITECTURES).flatMap(([arch, { stems, family }]) =>
  stems.flatMap((stem) => [
    { arch, stem, head: "centroids" as const },
    ...(family === "resnet"
      ? [{ arch, stem, readout: "stages" as const, head: "closed-form" as const, side: 40 }]
      : []),
  ]),
);

describe("runPlan beside ClassifierSession", () => {
  test.each([
    ...EVERY,
    { arch: "convnet-3", head: "closed-form", side: 28 },
    { arch: "convnet-4", head: "linear", width: 6, side: 23 },
    { arch: "resnet-8", head: "linear", width: 5, side: 21 },
  ] satisfies RoughOptions[])("%j", async (options) => {
    const classifier = roughClassifier(options);
    const { side } = classifier.arch;
    const { images } = colouredImages(3, 2, side);
    const { packed, bytes } = pack(planOf(classifier));
    const running = runPlan(packed, bytes);
    const session = await ClassifierSession.create(classifier);
    const expected = await session.probabilities(images);
    const answers = await session.answer(images);
    await session.release();
    const actual = Array.from({ length: 6 }, (_, i) => [...running.probabilities(images.read(i, i + 1))]).flat();
    expect(new Set(expected).size).toBeGreaterThan(12); // nothing degenerate
    expect(Math.max(...actual.map((score, i) => Math.abs(score - expected[i]!)))).toBeLessThan(1e-4);
    const similarities = Array.from({ length: 6 }, (_, i) => running.similarity(images.read(i, i + 1)));
    similarities.forEach((similarity, i) => expect(similarity).toBeCloseTo(answers[i]!.similarity!, 4));
  });
});

it("says with its labels what is unknown", () => {
  const { unknown: rule, ...rest } = roughClassifier({ arch: "convnet-3", side: 12 });
  const running = (threshold?: number) => {
    const { packed, bytes } = pack(
      planOf(threshold === undefined ? rest : { ...rest, unknown: { ...rule!, threshold } }),
    );
    return runPlan(packed, bytes);
  };
  const picture = { data: Uint8Array.from(uniform(key(1), 432, 0, 256)), width: 12, height: 12 };
  const { similarity } = running(-1).answer(picture);
  const { square, similarity: ofPlanes, classify, answer } = running(similarity! + 1e-6);
  expect(similarity).toBe(ofPlanes(square(picture)));
  expect(answer(picture, 2)).toEqual({ labels: classify(picture, 2), unknown: true, similarity });
  expect(running(similarity! - 1e-6).answer(picture).unknown).toBe(false);
  expect(running().answer(picture)).toEqual({ labels: classify(picture), unknown: false });
});

it("makes the squares of src/data/square.ts, of every kind of picture", () => {
  const { packed, bytes } = pack(planOf(roughClassifier({ arch: "convnet-3", side: 12 })));
  const { square } = runPlan(packed, bytes);
  for (const [i, [width, height]] of [
    [12, 12],
    [5, 40],
    [100, 64],
    [31, 200],
    [1, 1],
    [96, 97],
  ].entries()) {
    for (const channels of [1, 2, 3, 4]) {
      const data = Uint8Array.from(uniform(key(i), channels * width! * height!, 0, 256));
      const picture = { data, width: width!, height: height! };
      expect(square(picture)).toEqual(squarePlanes(picture, 12));
    }
  }
  expect(() => square({ data: new Uint8Array(7), width: 2, height: 2 })).toThrow("7 samples are not 1 to 4");
});

it("uses nothing outside itself", async () => {
  const classifier = roughClassifier({ arch: "resnet-8", readout: "stages" });
  const { packed, bytes } = pack(planOf(classifier));
  const planes = colouredImages(1, 1, 16).pixels;
  const url = `data:text/javascript,${encodeURIComponent(`export default ${runPlan.toString()}`)}`;
  const { default: alone } = (await import(/* @vite-ignore */ url)) as { default: typeof runPlan };
  expect(alone(packed, bytes).probabilities(planes)).toEqual(runPlan(packed, bytes).probabilities(planes));
});

it("refuses what is no picture, and no planes of one", () => {
  const { packed, bytes } = pack(planOf(roughClassifier({ arch: "convnet-3", side: 12 })));
  const { probabilities, classify, square } = runPlan(packed, bytes);
  const planes = square({ data: new Uint8Array(12), width: 2, height: 2 });
  expect(() => probabilities(planes.subarray(1))).toThrow("431 numbers, expected the 432 of square()");
  expect(() => probabilities(Float32Array.from(planes, () => 0.5))).toThrow("number 0 is 0.5, expected whole numbers");
  expect(() => probabilities(Uint16Array.from(planes, (_, i) => 256 * (i % 2)))).toThrow("number 1 is 256");
  expect(() => classify({ data: new Uint8Array(12), width: -2, height: -2 })).toThrow("12 samples are not 1 to 4");
  expect(() => classify({ data: Uint16Array.of(1, 2, 300), width: 1, height: 1 })).toThrow("number 2 is 300");
  expect(classify({ data: new Uint8Array(3), width: 1, height: 1 }, -1)).toEqual([]);
});
