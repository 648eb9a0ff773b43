import { describe, expect, test } from "vitest";
import type { ImageDataset } from "pudnet/datasets";
import { key, stream } from "pudnet/engine";
import {
  allLayers,
  averagePicture,
  type WeightSample,
  type WeightSampleOptions,
  weightSamples,
} from "./weight-samples.ts";

const SIDE = 12;
const PIXELS = 3 * SIDE * SIDE;

/** Class c has 8 + c images of one brightness, plus noise. */
function brightnesses(classes: number): ImageDataset {
  const labels = Array.from({ length: classes }, (_, c) => Array.from({ length: 8 + c }, () => c)).flat();
  const next = stream(key(1));
  const images = Uint8Array.from({ length: labels.length * PIXELS }, (_, at) => {
    return 20 * labels[Math.floor(at / PIXELS)]! + 30 * next();
  });
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  return { name: "brightnesses", side: SIDE, images, labels: Uint16Array.from(labels), classes: names };
}

const dataset = brightnesses(7);
const base = {
  seed: 3,
  to: 1,
  epochs: 1,
  init: "shared",
  ways: 5,
  perClass: 10,
  width: 16,
  batch: 16,
  threads: 1,
} as const;

async function collected(options: Partial<WeightSampleOptions>): Promise<WeightSample[]> {
  const samples: WeightSample[] = [];
  for await (const drawn of weightSamples(dataset, { ...base, ...options })) samples.push(drawn);
  return samples;
}

const start = async (options: Partial<WeightSampleOptions>) =>
  (await collected({ ...options, epochs: 0 })).map(allLayers);

describe("a weight sample", () => {
  test("has the average of its images and kernels by layer", async () => {
    const [drawn] = await collected({});
    expect(new Set(drawn!.classes).size).toBe(5);
    expect(drawn!.classes).toEqual(drawn!.classes.toSorted((a, b) => a - b));
    const counts = drawn!.classes.map((c) => Math.min(10, 8 + c));
    expect(drawn!.images).toBe(counts.reduce((a, b) => a + b));
    const brightness = drawn!.classes
      .map((c, k) => (20 * c + 14.5) * (counts[k]! / drawn!.images))
      .reduce((a, b) => a + b);
    expect(drawn!.x).toHaveLength(192);
    expect(drawn!.x.reduce((a, b) => a + b) / 192).toBeCloseTo(brightness / 255, 2);
    expect(Object.entries(drawn!.y).map(([layer, { length }]) => [layer, length])).toEqual([
      ["conv1", 16 * 3 * 9],
      ["conv2", 16 * 16 * 9],
      ["conv3", 16 * 16 * 9],
    ]);
    expect(allLayers(drawn!)).toHaveLength(432 + 2 * 2304);
    expect(drawn!.loss).toBeGreaterThan(0);
  });

  test("is a function of seed and index", async () => {
    const [zero, one] = await collected({ to: 2 });
    const [alone] = await collected({ from: 1, to: 2 });
    expect(alone).toEqual(one);
    expect(alone!.index).toBe(1);
    expect(one!.x).not.toEqual(zero!.x);
    const [other] = await collected({ seed: 4 });
    expect(other!.x).not.toEqual(zero!.x);
  });

  test("starts from the weights of all others or, as a control, from its own", async () => {
    const [shared, shared2] = await start({ to: 2 });
    const [own, own2] = await start({ to: 2, init: "own" });
    expect(shared2).toEqual(shared);
    expect(own2).not.toEqual(own);
    const [moved] = await collected({});
    expect(allLayers(moved!)).not.toEqual(shared); // trained
    const [control] = await collected({ init: "own" });
    expect(control!.x).toEqual(moved!.x);
  });
});

test("too few classes and an aborted signal stop it", async () => {
  const few = weightSamples(brightnesses(4), base).next();
  await expect(few).rejects.toThrow("4 classes with images: expected at least 5");
  await expect(collected({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

describe("the average picture", () => {
  test("pools whole pixels", () => {
    const image = Uint8Array.from({ length: 3 * 16 * 16 }, (_, at) => (at % 2 === 0 ? 0 : 255) * Number(at < 256));
    const pooled = averagePicture(image, 16);
    expect([...pooled.subarray(0, 64)].every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
    expect([...pooled.subarray(64)].every((value) => value === 0)).toBe(true);
  });

  test("shares a pixel between the cells that it overlaps", () => {
    const image = new Uint8Array(PIXELS); // 12 px: a cell is 1.5 px wide
    image[1] = 255;
    const pooled = averagePicture(image, SIDE);
    const area = 1 / 1.5;
    expect(pooled[0]).toBeCloseTo((0.5 * 1 * area) / 1.5, 6);
    expect(pooled[1]).toBeCloseTo((0.5 * 1 * area) / 1.5, 6);
    expect(pooled[2]).toBe(0);
    expect(pooled[8]).toBe(0); // the pixel is in the first row, which is all in the first cell
  });

  test.each([8, 28, 30, 32])("of one colour is that colour (side %d)", (side) => {
    const pooled = averagePicture(new Uint8Array(2 * 3 * side * side).fill(51), side);
    for (const value of pooled) expect(value).toBeCloseTo(0.2, 6);
  });
});
