import { expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { positionsByClass } from "../../data/dataset.ts";
import { key } from "../../tensor/random.ts";
import { UntrainedBaselines } from "./untrained-baselines.ts";
import { normalizedPixels } from "./random-network.ts";

it("normalizedPixels: planes by colour, image after image", () => {
  const images = Uint8Array.of(0, 255, 51, 51, 102, 204, 255, 0, 0, 51, 255, 255); // 2 images of 2 pixels
  const normalization = { mean: [0, 0.2, 0.4], deviation: [1, 0.5, 0.2] } as const;
  const expected = [0, 1, 0, 0, 0, 2, 1, 0, -0.4, 0, 3, 3];
  normalizedPixels(images, 2, normalization).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});

it("UntrainedBaselines: every head of both, the same for the same key and group, colours are easy for pixels", async () => {
  const { pixels, labels, classes } = colouredImages(3, 12, 8);
  const dataset = { name: "colours", side: 8, images: pixels, labels: Uint16Array.from(labels), classes };
  const data = { dataset, pool: { positions: positionsByClass(dataset), classes: [0, 1, 2] } };
  const shape = { groups: 2, ways: 3, generation: 8, test: 4, shots: 2 };
  const baselines = await UntrainedBaselines.create(tinyPudNet(), { data, shape, key: key(0) });
  const first = await baselines.accuracies(0);
  expect(Object.keys(first)).toEqual([
    "random network/2-shot centroids",
    "random network/centroids of all",
    "raw pixels/2-shot centroids",
    "raw pixels/centroids of all",
  ]);
  expect(first["raw pixels/centroids of all"]).toBe(1);
  expect(first["random network/centroids of all"]).toBeGreaterThan(0.5);
  expect(await baselines.accuracies(0)).toEqual(first);
  await baselines.release();
});
