// Prediction by a static network, which is the same whatever it is shown.

import { expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { NetworkRunner } from "./network-runner.ts";
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
  await predictor.release();
  await runner.release();
});
