import { describe, expect, it } from "vitest";
import { changingPudNet, colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { UserError } from "../errors.ts";
import { fold, key, normal, stream } from "../tensor/random.ts";
import { cosines, labelledCentroids } from "../heads/centroid-head.ts";
import { type Classifier, predictClassifier } from "./classifier.ts";
import type { CentroidHead } from "../heads/classifier-head.ts";
import { classify } from "./classify.ts";
import type { HeadChoice } from "../heads/head-choices.ts";
import { fitHead } from "./fitted-head.ts";
import { heldOutSplit, someImages } from "./held-out.ts";
import { estimateOn } from "./held-out-estimate.ts";
import { unfitted } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";
import { fitTemperature, probabilities } from "../heads/temperature.ts";

describe("fitTemperature", () => {
  it("finds the temperature that labels were drawn with", () => {
    const [n, ways] = [4000, 4];
    const cosine = Float32Array.from(normal(key(1), n * ways, 0.2));
    const scores = probabilities(cosine, ways, 12);
    const next = stream(key(2));
    const labels = Array.from({ length: n }, (_, i) => {
      let rest = next();
      const way = scores.subarray(i * ways, (i + 1) * ways).findIndex((score) => (rest -= score) < 0);
      return Math.max(0, way);
    });
    expect(fitTemperature(cosine, labels, ways).temperature).toBeGreaterThan(11);
    expect(fitTemperature(cosine, labels, ways).temperature).toBeLessThan(13);
  });

  it("is not certain after four images without a mistake, and more so after many", () => {
    const score = (n: number): number => {
      const cosine = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 0.9 : 0.7));
      const labels = Array<number>(n).fill(0);
      return probabilities(cosine.subarray(0, 2), 2, fitTemperature(cosine, labels, 2).temperature)[0]!;
    };
    expect(score(4)).toBeCloseTo(5 / 6, 3); // Laplace's rule of succession
    expect(score(998)).toBeCloseTo(999 / 1000, 3);
  });

  it("survives cosines that say nothing", () => {
    const { temperature } = fitTemperature(new Float32Array(6).fill(0.5), [0, 1, 0], 2);
    expect(Number.isFinite(temperature)).toBe(true);
  });
});

describe("heldOutSplit", () => {
  it("holds back a fifth of each class, at least one image and never all", () => {
    const labels = [...Array<number>(50).fill(0), ...Array<number>(2).fill(1), ...Array<number>(3).fill(2)];
    const { kept, heldOut } = heldOutSplit(labels, 3, 0.2, key(0));
    const count = (positions: readonly number[]) =>
      [0, 1, 2].map((c) => positions.filter((i) => labels[i] === c).length);
    expect([count(kept), count(heldOut)]).toEqual([
      [40, 1, 2],
      [10, 1, 1],
    ]);
    expect([...kept, ...heldOut].toSorted((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    expect(heldOutSplit(labels, 3, 0.2, key(0))).toEqual({ kept, heldOut });
    expect(heldOutSplit(labels, 3, 0.2, key(1)).heldOut).not.toEqual(heldOut);
  });
});

it("fitHead: centroids and leave-one-out scores are those of their definition", async () => {
  const { images, labels } = colouredImages(3, 5, 8);
  const predictor = await Predictor.create(tinyPudNet());
  const fitted = await predictor.fit(await predictor.predict(images), images);
  const features = await predictor.features(fitted.network, images);
  const d = features.length / labels.length;
  const data = { images, labels, ways: 3 };
  const { head, calibration } = await fitHead(predictor, fitted, data, { head: "centroids" }, key(0));
  if (head.kind !== "centroids") throw new Error(`a ${head.kind} head`);
  const means = labelledCentroids(features, labels, 3);
  head.centroids.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(means[i]!, 5));
  const without = labels.flatMap((_, i) => {
    const others = labelledCentroids(features, labels, 3, (j) => j !== i);
    return [...cosines(features.subarray(i * d, (i + 1) * d), others, 3)];
  });
  const direct = fitTemperature(Float32Array.from(without), labels, 3);
  expect(head.temperature / direct.temperature).toBeCloseTo(1, 2);
  expect(calibration).toMatchObject({ images: 15, loss: expect.closeTo(direct.loss, 3) });
  await predictor.release();
});

it("Predictor.fit: the features that it gives are those of the fitted network, of evenly spread images where there are many", async () => {
  const { images } = colouredImages(3, 240, 8);
  const predictor = await Predictor.create(tinyPudNet());
  const { network, positions, features } = await predictor.fit(await predictor.predict(images), images);
  expect(positions.length).toBe(500);
  expect([positions[0], positions[1], positions.at(-1)]).toEqual([0, 1, 718]);
  expect(features).toEqual(await predictor.features(network, someImages(images, positions)));
  await predictor.release();
});

it("fitHead: with one image a class there is nothing to calibrate with, and it says so", async () => {
  const { images, labels } = colouredImages(3, 1, 8);
  const predictor = await Predictor.create(tinyPudNet());
  const network = unfitted(await predictor.predict(images));
  const { head, calibration, chosen } = await fitHead(predictor, network, { images, labels, ways: 3 }, {}, key(0));
  expect(head).toMatchObject({ kind: "centroids", temperature: 10 });
  expect(calibration).toEqual({ method: "not calibrated", images: 0 });
  expect(chosen).toEqual({ kind: "centroids", leftOut: {} });
  await predictor.release();
});

function centroidsOf({ head }: Classifier): CentroidHead {
  if (head.kind !== "centroids") throw new Error(`a ${head.kind} head`);
  return head;
}

describe("predictClassifier", () => {
  it("holds images of one group out together, and as if there were none where each class is one", async () => {
    const { images, labels, classes } = colouredImages(3, 20, 8);
    const groups = labels.map((_, i) => Math.floor(i / 4));
    const made = (options: object) => predictClassifier(tinyPudNet(), images, labels, classes, options);
    const { positions } = (await made({ groups })).heldOut!;
    expect(positions.length).toBe(12);
    for (const [i, group] of groups.entries())
      expect(positions.includes(i)).toBe(positions.some((other) => groups[other] === group));
    expect((await made({ groups: labels })).heldOut).toEqual((await made({})).heldOut);
  });

  // three colours: even an untrained network tells them apart, better with its batch norm fitted
  it.each([
    ["generation", 0.9],
    ["running", 0.5],
  ] as const)("classifies with norm %s, the same for the same seed", async (norm, least) => {
    const { images, labels, classes } = colouredImages(3, 20, 8);
    const model = tinyPudNet();
    const { classifier, heldOut, seconds } = await predictClassifier(model, images, labels, classes, { norm });
    expect(heldOut!.n).toBe(12);
    expect(heldOut!.accuracy).toBeGreaterThan(least);
    expect(heldOut!.interval[0]).toBeLessThan(heldOut!.accuracy);
    expect(heldOut!.positions.map((i) => labels[i])).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(seconds.forwardPass).toBeGreaterThan(0);
    const fresh = colouredImages(3, 10, 8, 1);
    const top = await classify(classifier, fresh.images, { top: 1 });
    const right = top.filter(([best], i) => best!.label === fresh.classes[fresh.labels[i]!]);
    expect(right.length).toBeGreaterThan(30 * least);
    expect(top[0]![0]!.score).toBeLessThanOrEqual(1);
    const again = await predictClassifier(model, images, labels, classes, { norm });
    expect(again.classifier.head).toEqual(classifier.head);
    expect(again.heldOut).toEqual(heldOut);
  });

  it("works with two images a class, and with one shot", async () => {
    const { images, labels, classes } = colouredImages(3, 2, 8);
    for (const shots of ["all", 1, 10] as const) {
      const options = { head: "centroids", shots } as const;
      const { classifier, heldOut } = await predictClassifier(tinyPudNet(), images, labels, classes, options);
      expect(heldOut!.n).toBe(3);
      const { temperature, centroids } = centroidsOf(classifier);
      expect(temperature).toBeLessThan(100);
      expect(centroids.data.every(Number.isFinite)).toBe(true);
    }
  });

  it("takes the head that pictures left out prefer, and tells of both", async () => {
    const { images, labels, classes } = colouredImages(3, 8, 8);
    const predictor = await Predictor.create(tinyPudNet());
    const make = (head?: HeadChoice) => predictClassifier(predictor, images, labels, classes, head ? { head } : {});
    const auto = await make();
    const { kind, leftOut } = auto.chosen;
    expect(kind).toBe(auto.classifier.head.kind);
    expect(Object.values(leftOut).map(({ images: n }) => n)).toEqual([24, 24]);
    expect(leftOut[kind]!.loss).toBe(Math.min(...Object.values(leftOut).map(({ loss }) => loss)));
    const asked = { "closed-form": await make("closed-form"), centroids: await make("centroids") };
    await predictor.release();
    expect(asked[kind].classifier).toEqual(auto.classifier);
    for (const [name, { classifier, chosen, heldOut }] of Object.entries(asked)) {
      expect([classifier.head.kind, chosen.kind, heldOut!.n]).toEqual([name, name, 6]);
    }
  });

  it("gives centroids of shots where a number of them is asked for", async () => {
    const { images, labels, classes } = colouredImages(3, 8, 8);
    const { classifier, chosen } = await predictClassifier(tinyPudNet(), images, labels, classes, { shots: 2 });
    expect(classifier.head.kind).toBe("centroids");
    expect(Object.keys(chosen.leftOut)).toEqual(["centroids"]);
  });

  it.each([
    ["better", 1],
    ["worse", 0],
  ] as const)(
    "makes as much of a change for the %s as its own pictures prefer, and tells why",
    async (what, strength) => {
      const { images, labels, classes } = colouredImages(3, 10, 8);
      const predictor = await Predictor.create(changingPudNet(what));
      const auto = await predictClassifier(predictor, images, labels, classes);
      const again = await predictClassifier(predictor, images, labels, classes, { strength: "auto" });
      const asked = await predictClassifier(predictor, images, labels, classes, { strength });
      const other = await predictClassifier(predictor, images, labels, classes, { strength: 1 - strength });
      await predictor.release();
      expect(auto.change).toMatchObject({ strength, leftOut: { images: 30 } });
      expect([again.classifier, again.change, again.heldOut]).toEqual([auto.classifier, auto.change, auto.heldOut]);
      expect([asked.classifier, asked.change, asked.heldOut]).toEqual([auto.classifier, { strength }, auto.heldOut]);
      expect(other.change).toEqual({ strength: 1 - strength });
      expect(other.heldOut!.accuracy).toBeLessThan(auto.heldOut!.accuracy);
    },
  );

  it("has the pictures that are not held out choose the strength that the estimate is of", async () => {
    const { images, labels, classes } = colouredImages(3, 2, 8); // one a class is left, so that none can be left out
    const options = { head: "centroids" } as const;
    const { change, heldOut } = await predictClassifier(changingPudNet("better"), images, labels, classes, options);
    expect(change!.strength).toBe(1);
    const base = await predictClassifier(changingPudNet("better"), images, labels, classes, {
      ...options,
      strength: 0,
    });
    expect(heldOut).toEqual(base.heldOut);
  });

  it("takes labels in any order and a Predictor, which it leaves open", async () => {
    const { images, labels, classes } = colouredImages(2, 6, 8);
    const order = [11, 0, 10, 1, 9, 2, 8, 3, 7, 4, 6, 5];
    const shuffled = { count: 12, read: (from: number) => images.read(order[from]!, order[from]! + 1) };
    const read = (from: number, to: number): Uint8Array =>
      Uint8Array.from(Array.from({ length: to - from }, (_, i) => [...shuffled.read(from + i)]).flat());
    const predictor = await Predictor.create(tinyPudNet());
    const options = { heldOut: 0, norm: "running", head: "centroids" } as const;
    const plain = await predictClassifier(predictor, images, labels, classes, options);
    const mixed = await predictClassifier(
      predictor,
      { count: 12, read },
      order.map((i) => labels[i]!),
      classes,
      options,
    );
    expect(plain.heldOut).toBeUndefined();
    const expected = centroidsOf(plain.classifier).centroids.data;
    centroidsOf(mixed.classifier).centroids.data.forEach((value, i) =>
      expect(value).toBeCloseTo(Number(expected[i]), 3),
    );
    await predictor.release();
  });

  it("of many images and weights that are the same for all has one network, which no image that is held out has a say in", async () => {
    const { images, labels } = colouredImages(2, 320, 8);
    const model = tinyPudNet({ predict: "none" });
    const classes = ["a", "b"];
    const { kept, heldOut } = heldOutSplit(labels, 2, 0.2, fold(key(0), "held-out"));
    const predictor = await Predictor.create(model, { threads: 1 });
    const made = await predictClassifier(predictor, images, labels, classes);
    expect(made.heldOut!.positions).toEqual(heldOut);
    const { network } = await predictor.fit(await predictor.predict(images), someImages(images, kept));
    expect(made.classifier.network).toEqual(network);
    const features = await predictor.features(network, images);
    made.features.forEach((value, at) => expect(value).toBeCloseTo(features[at]!, 5));
    const rest = { labels: kept.map((i) => labels[i]!), ways: 2, images: someImages(images, kept) };
    const { head } = await fitHead(predictor, unfitted(network), rest, {}, fold(key(0), "shots"));
    const { predicted } = await estimateOn(heldOut, { images, labels, ways: 2 }, predictor, network, head);
    expect(made.heldOut!.predicted).toEqual(predicted);
    // other pictures in their places make another head, but neither another network nor other features of the kept ones
    const isHeld = new Set(heldOut);
    const others = {
      count: images.count,
      read: (from: number, to: number) =>
        images.read(from, to).map((value, at) => (isHeld.has(from + Math.floor(at / 192)) ? 255 - value : value)),
    };
    const again = await predictClassifier(predictor, others, labels, classes);
    expect(again.classifier.network).toEqual(network);
    const d = made.features.length / labels.length;
    for (const i of kept.slice(0, 50)) {
      const [before, now] = [made, again].map((one) => one.features.subarray(i * d, (i + 1) * d));
      expect(now).toEqual(before);
    }
    expect(again.heldOut!.predicted).not.toEqual(predicted);
    await predictor.release();
  });

  it("refuses what cannot make a classifier", async () => {
    const { images, labels, classes } = colouredImages(2, 3, 8);
    const bad: [labels: number[], classes: string[], options: object, message: RegExp][] = [
      [[0, 0, 0, 0, 0, 0], ["a"], {}, /only one class/],
      [[0, 0, 0, 0, 0, 1], classes, {}, /"class-1" has fewer than 2/],
      [[0, 0, 0, 1, 1, 2], classes, {}, /label 2 of image 5/],
      [[0, 1], classes, {}, /2 labels for 6 images/],
      [labels, classes, { heldOut: 1 }, /held-out share 1/],
      [labels, classes, { shots: 0 }, /0 shots/],
      [labels, classes, { shots: 3, head: "auto" }, /3 shots with head "auto"/],
      [labels, classes, { strength: 1 }, /strength 1 of a change, but this PudNet predicts none/],
      [labels, classes, { shots: 3, head: "closed-form" }, /3 shots with head "closed-form"/],
    ];
    for (const [ofImages, names, options, message] of bad) {
      const failure = predictClassifier(tinyPudNet(), images, ofImages, names, options);
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.toBeInstanceOf(UserError);
    }
  });
});
