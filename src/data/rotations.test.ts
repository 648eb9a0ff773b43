import { expect, test } from "vitest";
import type { ImageDataset } from "./dataset.ts";
import { turnedImages, withTurnedClasses } from "./rotations.ts";

const plane = Uint8Array.of(1, 2, 3, 4); // 1 2 / 3 4

test("planes turn counterclockwise", () => {
  expect([...turnedImages(plane, 2, 1)]).toEqual([2, 4, 1, 3]);
  expect([...turnedImages(plane, 2, 2)]).toEqual([4, 3, 2, 1]);
  expect([...turnedImages(plane, 2, 3)]).toEqual([3, 1, 4, 2]);
  expect([...turnedImages(turnedImages(plane, 2, 1), 2, 3)]).toEqual([...plane]);
});

test("turned classes come after the old ones, with their images and parts", () => {
  const image = (base: number): number[] => Array.from({ length: 12 }, (_, i) => base + i);
  const dataset: ImageDataset = {
    name: "two",
    side: 2,
    images: Uint8Array.from([...image(0), ...image(100), ...image(50)]),
    labels: Uint16Array.of(0, 1, 0),
    classes: ["cat", "dog"],
    part: Uint8Array.of(0, 0, 1),
  };
  const { dataset: all, turned } = withTurnedClasses(dataset, [0]);
  expect(all.classes).toEqual(["cat", "dog", "cat turned 90°", "cat turned 180°", "cat turned 270°"]);
  expect(turned).toEqual([2, 3, 4]);
  expect([...all.labels]).toEqual([0, 1, 0, 2, 2, 3, 3, 4, 4]);
  expect([...all.part!]).toEqual([0, 0, 1, 0, 1, 0, 1, 0, 1]);
  expect(all.images.subarray(0, 36)).toEqual(dataset.images);
  expect(all.images.subarray(3 * 12, 4 * 12)).toEqual(turnedImages(dataset.images.subarray(0, 12), 2, 1));
});
