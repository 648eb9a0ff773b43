// Prediction by a static network, which is the same whatever it is shown, and of a change of learned weights.

import { expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { type HostTensor, hostTensor, leaves, mapTree } from "../tensor/tree.ts";
import { type Network, NetworkRunner } from "./network-runner.ts";
import { Predictor } from "./predictor.ts";

it("a static network needs no sketch: its kernels are as learned, its features those of the network", async () => {
  const model = tinyPudNet({ predict: "none" });
  const { params, stats } = model;
  expect(Object.keys(params)).toEqual(["constantSketch", "generators", "learned", "norms", "head", "tau"]);
  const { images } = colouredImages(2, 3, 8);
  const predictor = await Predictor.create(model);
  const network = await predictor.predict(images);
  expect(network).toEqual({ weights: { kernels: params.learned, norms: params.norms }, stats: stats.target });
  const runner = await NetworkRunner.create(model);
  expect(await predictor.features(network, images)).toEqual(await runner.features(network, images));
  const others = tinyPudNet({ predict: "none", seed: 1 });
  predictor.use(others.params, others.stats);
  expect((await predictor.predict(images)).weights.kernels).toBe(others.params.learned);
  await expect(predictor.predict(images, 0)).rejects.toThrow("strength 0 of a change, but this PudNet predicts none");
  await predictor.release();
  await runner.release();
});

it("a domain that was trained on has its learned sketch, any other the mean, whatever the images are", async () => {
  const model = tinyPudNet({ sketch: "domain", domains: ["food", "signs"] });
  const sketches = model.params.domainSketches!.data as Float32Array;
  const [food, signs] = [sketches.subarray(0, 8), sketches.subarray(8)];
  const mean = food.map((value, i) => (value + signs[i]!) / 2);
  const [some, others] = [colouredImages(2, 3, 8).images, colouredImages(3, 2, 8, 1).images];
  const predictor = await Predictor.create(model);
  for (const [domain, expected] of [
    ["food", food],
    ["signs", signs],
    ["coins", mean],
    [undefined, mean],
  ] as const) {
    const sketch = await predictor.sketch(some, domain);
    expect(sketch.shape).toEqual([1, 8]);
    Array.from(sketch.data, Number).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    const network = await predictor.predict(some, 1, domain);
    expect([network]).toEqual(await predictor.networksOf(sketch, [1]));
    await expect(predictor.networksOf(undefined, [1])).rejects.toThrow("weights predicted without a sketch");
    expect(await predictor.predict(others, 1, domain)).toEqual(network);
  }
  expect(await predictor.predict(some, 1, "food")).not.toEqual(await predictor.predict(some, 1, "signs"));
  await predictor.release();
});

it("a change of learned weights is made in part where only part is wanted", async () => {
  const { params: start, ...model } = tinyPudNet({ predict: "change" });
  const params = mapTree<HostTensor, HostTensor>(start, ({ shape, data }) =>
    hostTensor(
      shape,
      (data as Float32Array).map((value, i) => value + 0.1 * Math.cos(i)),
    ),
  ) as typeof start;
  const { images } = colouredImages(2, 3, 8);
  const predictor = await Predictor.create({ ...model, params });
  const [none, half, whole] = [
    await predictor.predict(images, 0),
    await predictor.predict(images, 0.5),
    await predictor.predict(images),
  ];
  const each = await predictor.predictEach(images, [0, 0.5, 1]);
  await expect(predictor.predict(images, 1.5)).rejects.toThrow("strength 1.5 of a change");
  await predictor.release();
  expect(each).toEqual([none, half, whole]);
  expect(none.weights).toEqual({ kernels: params.learned, norms: params.norms });
  const numbers = ({ weights }: Network) =>
    leaves<HostTensor>(weights).flatMap(([, { data }]) => Array.from(data, Number));
  const [first, last] = [numbers(none), numbers(whole)];
  numbers(half).forEach((value, i) => expect(value).toBeCloseTo((first[i]! + last[i]!) / 2, 6));
  expect(whole.weights.kernels["conv2"]).not.toEqual(none.weights.kernels["conv2"]);
});
