// From decoded images in memory to a classifier, again and again: weights, few-shot centroids, and the closed form on all labels.

import { classCentroids } from "../src/heads/centroid-head.ts";
import { COMPARED_LAMBDA } from "../src/heads/ridge/lambda.ts";
import { RidgeSolver } from "../src/heads/ridge/solver.ts";
import { type ArchName, featureSize, type Stem } from "../src/models/architectures.ts";
import { imageSource } from "../src/predict/image-source.ts";
import { Predictor } from "../src/predict/predictor.ts";
import type { SessionOptions } from "../src/tensor/runtime.ts";
import { closedFormFlop, peakGflops } from "./arithmetic.ts";
import { noise, predictedModel, PREDICTED_IMAGES, WAYS } from "./problems.ts";
import { since, type Work } from "./work.ts";

const SHOTS = 10;

/**
 * `ms`: 2,500 decoded images to weights; `ready_ms`: also batch norm fitted to them and 10-shot centroids of 5 classes;
 * `closed_form_ms`: in place of the centroids the closed form on all of them.
 */
export async function predictWork(arch: ArchName, stem: Stem, options: SessionOptions): Promise<Work> {
  const model = predictedModel(arch, stem);
  const predictor = await Predictor.create(model, options);
  const solver = new RidgeSolver(featureSize(model.arch), options);
  const pixels = 3 * 32 * 32;
  const images = imageSource(noise([PREDICTED_IMAGES, 3, 32, 32]).data, pixels);
  const support = imageSource(images.read(0, WAYS * SHOTS), pixels);
  const labels = Uint16Array.from({ length: images.count }, (_, i) => Math.floor((WAYS * i) / images.count));
  return {
    steps: 1,
    release: async () => {
      await predictor.release();
      await solver.release();
    },
    call: async () => {
      const start = performance.now();
      const predicted = await predictor.predict(images);
      const ms = since(start);
      const fitted = await predictor.fit(predicted, images);
      const fitted_ms = since(start);
      classCentroids(await predictor.features(fitted.network, support), { ways: WAYS, perClass: SHOTS });
      const ready_ms = since(start);
      await solver.fit(
        { features: await predictor.fittedFeatures(fitted, images), labels, ways: WAYS },
        COMPARED_LAMBDA,
      );
      return { ms, ready_ms, closed_form_ms: fitted_ms + since(start) - ready_ms };
    },
  };
}

/** The least that the closed form takes by its arithmetic alone, in milliseconds, at the rate of large products or convolutions. */
export async function closedFormFloor(arch: ArchName, stem: Stem, options: SessionOptions): Promise<number> {
  return closedFormFlop(predictedModel(arch, stem), PREDICTED_IMAGES, WAYS) / (await peakGflops(options)) / 1e6;
}
