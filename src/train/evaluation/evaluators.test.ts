// Every evaluator on classes that are easy to tell apart: right answers, and the same ones for the same group.

import { afterEach, describe, expect, it, vi } from "vitest";
import { coloursOf, easyDataset } from "../../../test/easy-data.ts";
import { changingPudNet, tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { METHODS } from "../../baselines/methods.ts";
import { initMusml, MUSML_OPTIONS } from "../../baselines/musml.ts";
import { gatherImages, type ImageDataset, positionsByClass } from "../../data/dataset.ts";
import { architecture } from "../../models/architectures.ts";
import { initWeights } from "../../models/network.ts";
import { key } from "../../tensor/random.ts";
import { neckOf } from "../episodic-training.ts";
import { evaluationKey, type EvaluationShape } from "./groups.ts";
import type { HeadName } from "../../heads/heads.ts";
import { ADAM } from "../optimizer.ts";
import { type ImageSource } from "../../predict/image-source.ts";
import { type Network } from "../../predict/network-runner.ts";
import { Predictor } from "../../predict/predictor.ts";
import { CHOSEN, predictionEvaluator } from "./as-predicted.ts";
import { embeddingEvaluator, type FixedNetwork } from "./embedding.ts";
import { type GroupEvaluator, type GroupResult, type Groups, groupOf } from "./evaluator.ts";
import { musmlEvaluator } from "./musml.ts";
import { pudnetEvaluator, pudnetJudge } from "./pudnet.ts";
import { randomNetworkEvaluator, rawPixelEvaluator } from "./random-network.ts";
import { supervisedEvaluator } from "./supervised.ts";

const SIDE = 8;
const arch = architecture("convnet-3", SIDE, { width: 16 });
const target = { arch, normalization: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] } } as const;
const network: Network = initWeights(key(4), arch);
const HEADS: readonly HeadName[] = ["few", "all", "closed-form"];

function groupsOf(dataset: ImageDataset, shape: EvaluationShape): Groups {
  const pool = { positions: positionsByClass(dataset), classes: dataset.classes.map((_, c) => c) };
  return { threads: 1, data: { dataset, pool, part: dataset.part }, shape, key: evaluationKey(0) };
}

const SHAPE = { ways: 3, shots: 3, generation: 12, test: 6, groups: 4 };
const easy = groupsOf(easyDataset({ classes: 6, perClass: 30 }), SHAPE);

const rule = (name: "protonet" | "meta-deepbdc"): FixedNetwork => {
  const method = METHODS[name];
  const neck = neckOf(method, arch, key(1));
  const params = neck?.initial ?? method.init(key(1), arch);
  return { ...target, network, rule: { method, params }, ...(neck ? { neck } : {}) };
};
const musml = { ...MUSML_OPTIONS, dimension: 2, innerSteps: 1 };
const scratch = { epochs: [1, 6], batch: 16, optimizer: { ...ADAM, learningRate: 1e-2 }, seed: 0 };

const EVALUATORS: Readonly<Record<string, (groups: Groups) => Promise<GroupEvaluator>>> = {
  embedding: (groups) => embeddingEvaluator({ ...target, network }, groups, HEADS),
  "embedding, ProtoNet's rule": (groups) => embeddingEvaluator(rule("protonet"), groups, HEADS),
  "embedding, Meta-DeepBDC's rule": (groups) => embeddingEvaluator(rule("meta-deepbdc"), groups, ["few"]),
  pudnet: (groups) => pudnetEvaluator(tinyPudNet({ width: 16 }), groups, { heads: HEADS }),
  "pudnet, norms of the generation set": (groups) =>
    pudnetEvaluator(tinyPudNet({ width: 16 }), groups, { heads: HEADS, norm: "generation" }),
  static: (groups) =>
    pudnetEvaluator(tinyPudNet({ width: 16, predict: "none" }), groups, { heads: HEADS, norm: "generation" }),
  "pudnet, a change through the gate": (groups) =>
    pudnetEvaluator(changingPudNet("better", { width: 16 }), groups, {
      heads: HEADS,
      norm: "generation",
      strength: "auto",
    }),
  predict: (groups) => predictionEvaluator(tinyPudNet({ width: 16 }), groups),
  random: (groups) => randomNetworkEvaluator(target, groups, HEADS),
  pixels: (groups) => rawPixelEvaluator(target, groups, HEADS),
  scratch: (groups) => supervisedEvaluator(target, groups, scratch),
  "scratch, from a network": (groups) =>
    supervisedEvaluator(target, groups, { ...scratch, bodyRate: 0.1, start: async () => network }),
  musml: (groups) => musmlEvaluator({ ...target, params: initMusml(key(2), arch, musml), options: musml }, groups),
};
const NAMES = Object.keys(EVALUATORS);

async function figures(name: string, groups: Groups, which: readonly number[]): Promise<GroupResult[]> {
  const evaluator = await EVALUATORS[name]!(groups);
  try {
    const results: GroupResult[] = [];
    for (const group of which) results.push(await evaluator.evaluate(group));
    return results;
  } finally {
    await evaluator.release();
  }
}

afterEach(() => vi.restoreAllMocks());

it("judges one prediction of PudNet with both norms, each as alone", async () => {
  const predict = vi.spyOn(Predictor.prototype, "predictEach");
  const judge = await pudnetJudge(tinyPudNet({ width: 16 }), easy, { heads: HEADS });
  const both: GroupResult[][] = [];
  for (const group of [0, 1])
    both.push([await judge.evaluate(group, "running"), await judge.evaluate(group, "generation")]);
  await judge.release();
  expect(predict).toHaveBeenCalledTimes(2);
  for (const [running, generation] of both) expect(generation!.seconds).toEqual(running!.seconds);
  const alone = [
    await figures("pudnet", easy, [0, 1]),
    await figures("pudnet, norms of the generation set", easy, [0, 1]),
  ];
  const accuracies = (results: readonly GroupResult[]) => results.map(({ accuracy }) => accuracy);
  expect([0, 1].map((norm) => accuracies(both.map((of) => of[norm]!)))).toEqual(alone.map(accuracies));
});

it.each([
  ["better", 1],
  ["worse", 0],
] as const)(
  "of a change for the %s the gate makes as much as at strength %d; all of it is made by default",
  async (what, best) => {
    const results = [];
    for (const strength of ["auto", best, 1 - best, undefined] as const) {
      const options = { heads: HEADS, norm: "generation", ...(strength === undefined ? {} : { strength }) } as const;
      const evaluator = await pudnetEvaluator(changingPudNet(what, { width: 16 }), easy, options);
      results.push((await evaluator.evaluate(1)).accuracy);
      await evaluator.release();
    }
    const [auto, good, bad, usual] = results;
    expect(auto).toEqual(good);
    expect(usual).toEqual(best === 1 ? good : bad);
    expect(bad!["closed form on all"]).toBeLessThan(good!["closed form on all"]!);
  },
);

it("refuses a strength where no change is predicted", async () => {
  const made = pudnetEvaluator(tinyPudNet(), easy, { heads: HEADS, strength: 1 });
  await expect(made).rejects.toThrow("strength 1 of a change, but this PudNet predicts none");
});

it("makes no change that the labelled images do not prefer, and the head that they prefer", async () => {
  // either way one of the two networks lets nothing through
  for (const change of ["better", "worse"] as const) {
    const evaluator = await predictionEvaluator(changingPudNet(change, { width: 16 }), easy);
    const { accuracy } = await evaluator.evaluate(0);
    await evaluator.release();
    for (const value of Object.values(accuracy)) expect(value).toBeGreaterThan(0.9);
  }
});

it("takes PudNet's weights from other classes where its sketch is to be wrong, all else from its own", async () => {
  const predict = vi.spyOn(Predictor.prototype, "predictEach");
  const features = vi.spyOn(Predictor.prototype, "features");
  const options = { heads: ["few"], wrongSketch: { ...easy, key: evaluationKey(1) } } as const;
  const evaluator = await pudnetEvaluator(tinyPudNet({ width: 16 }), easy, options);
  await evaluator.evaluate(2);
  await evaluator.release();
  const { dataset } = easy.data;
  const own = groupOf(easy, 2);
  const read = (images: ImageSource | undefined) => Buffer.from(images!.read(0, images!.count));
  const of = (positions: ArrayLike<number>) => Buffer.from(gatherImages(dataset, positions));
  // six classes, three a group: the sketch is of the other three
  const sketched = read(predict.mock.calls[0]?.[0]);
  const stride = 3 * SIDE * SIDE;
  const classOf = new Map(Array.from(dataset.labels, (label, i) => [of([i]).toString("hex"), label]));
  const seen = Array.from({ length: sketched.length / stride }, (_, i) =>
    classOf.get(sketched.subarray(i * stride, (i + 1) * stride).toString("hex")),
  );
  expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4, 5].filter((c) => !own.classes.includes(c))));
  const shots = own.generation.filter((_, i) => i % SHAPE.generation < SHAPE.shots);
  expect(read(features.mock.calls[0]?.[1])).toEqual(of(shots));
  expect(read(features.mock.calls[1]?.[1])).toEqual(of(own.test));
});

const HEAD_TITLES = ["3-shot centroids", "centroids of all", "closed form on all"];
const TITLES: Readonly<Record<string, readonly string[]>> = {
  "embedding, ProtoNet's rule": ["3-shot rule", ...HEAD_TITLES.slice(1)],
  "embedding, Meta-DeepBDC's rule": ["3-shot rule"],
  predict: [CHOSEN, ...HEAD_TITLES],
  scratch: ["1 epoch", "6 epochs"],
  "scratch, from a network": ["1 epoch", "6 epochs"],
  musml: ["3-shot centroids"],
};
/** Of the head that sees most, or after the last epoch. */
const lastOf = (accuracy: GroupResult["accuracy"]): number => Object.values(accuracy).at(-1)!;

describe.each(NAMES)("%s", (name) => {
  it("is right on easy classes, and gives the same group the same figures in any order", async () => {
    const forth = await figures(name, easy, [0, 1]);
    const [again] = await figures(name, easy, [1]);
    expect(again!.accuracy).toEqual(forth[1]!.accuracy);
    for (const { accuracy, seconds } of forth) {
      expect(Object.keys(accuracy)).toEqual(TITLES[name] ?? HEAD_TITLES);
      expect(lastOf(accuracy)).toBeGreaterThan(0.9);
      for (const value of Object.values(seconds)) expect(value).toBeGreaterThan(0);
    }
    const timed = {
      pudnet: ["prediction"],
      predict: ["prediction"],
      musml: ["prediction"],
      scratch: ["1 epoch", "6 epochs"],
    };
    const expected = timed[name.split(",")[0] as keyof typeof timed] ?? [];
    expect(Object.keys(forth[0]!.seconds)).toEqual(expected);
  });
});

it.each(["protonet", "meta-deepbdc"] as const)("%s in pieces that fit is the same as at once", async (name) => {
  const heads: readonly HeadName[] = name === "protonet" ? HEADS : ["few"];
  const of = async (mostBytes?: number): Promise<GroupResult["accuracy"][]> => {
    const evaluator = await embeddingEvaluator(rule(name), hard, heads, mostBytes);
    const found = [await evaluator.evaluate(0), await evaluator.evaluate(1)];
    await evaluator.release();
    return found.map(({ accuracy }) => accuracy);
  };
  const hard = groupsOf(easyDataset({ classes: 6, perClass: 40, noise: 150 }), { ...SHAPE, test: 25 });
  const whole = await of();
  expect(lastOf(whole[0]!)).toBeLessThan(1);
  expect(await of(7 * 4 * rule(name).arch.width)).toEqual(whole); // seven of 75 queries at a time, or one
});

it("training goes on from 1 to 6 epochs, and its seconds add up", async () => {
  const [figure] = await figures("scratch", easy, [0]);
  expect(figure!.accuracy["6 epochs"]).toBeGreaterThanOrEqual(figure!.accuracy["1 epoch"]!);
  expect(figure!.seconds["6 epochs"]).toBeGreaterThan(figure!.seconds["1 epoch"]!);
});

it("fine-tuning starts from a network made from all generation images and no test image", async () => {
  let handed = 0;
  const start = async (generation: { readonly count: number }): Promise<Network> => {
    handed = generation.count;
    return network;
  };
  const evaluator = await supervisedEvaluator(target, easy, { ...scratch, epochs: [1], start, bodyRate: 0.1 });
  await evaluator.evaluate(0);
  await evaluator.release();
  expect(handed).toBe(36);
});

it("a stop is heeded within a group's training", async () => {
  const stop = new AbortController();
  const evaluator = await supervisedEvaluator(target, easy, { ...scratch, epochs: [1000], signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await expect(evaluator.evaluate(0)).rejects.toThrow("enough");
  await evaluator.release();
});

describe("200 ways, judged by the five best (ImageNet-1K-set)", () => {
  // As in the experiment, but for fewer images a class, and smaller ones.
  const shape = { ways: 200, shots: 2, generation: 3, test: 1, groups: 1, seed: 0, top: 5 };
  const dataset = easyDataset({ classes: 200, perClass: 4, noise: 90 });
  const judge = async (name: string, top: number): Promise<GroupResult["accuracy"]> =>
    (await figures(name, groupsOf(dataset, { ...shape, top }), [0]))[0]!.accuracy;

  it.each(["embedding", "embedding, ProtoNet's rule", "pudnet", "random", "pixels"])("%s", async (name) => {
    const [five, one] = [await judge(name, 5), await judge(name, 1)];
    for (const [head, value] of Object.entries(five)) {
      expect(value).toBeGreaterThan(one[head]!);
      expect(value).toBeGreaterThan(0.1); // chance: 0.025
      expect(value * 200).toBeCloseTo(Math.round(value * 200), 6);
    }
  });

  it("training from scratch", async () => {
    expect((await judge("scratch", 5))["6 epochs"]).toBeGreaterThan(0.1);
  });

  it("all answers are among the 200 best", async () => {
    expect(Object.values(await judge("pixels", 200))).toEqual([1, 1, 1]);
  });
});

it.each(["embedding", "pudnet", "scratch", "musml"])("47 ways, all classes of DTD at once: %s", async (name) => {
  const shape = { ways: 47, shots: 2, generation: 6, test: 3, groups: 1, seed: 0 };
  const dataset = easyDataset({ classes: 47, perClass: 9 });
  const [result] = await figures(name, groupsOf(dataset, shape), [0]);
  expect(lastOf(result!.accuracy)).toBeGreaterThan(0.3); // chance: 0.021
});

it("no two of the stand-in's 200 classes look the same", () => {
  const colours = Array.from({ length: 200 }, (_, c) => coloursOf(c));
  const distances = colours.flatMap((a, i) =>
    colours.slice(i + 1).map((b) => Math.hypot(...a.map((value, j) => value - b[j]!))),
  );
  expect(Math.min(...distances)).toBeGreaterThan(20);
});
