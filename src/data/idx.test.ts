import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { parseIdxImages, parseIdxLabels, replicateGrey } from "./idx.ts";

const be32 = (...values: number[]): number[] =>
  values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
const images = (...sizes: [number, number, number]): Uint8Array =>
  Uint8Array.from([...be32(0x803, ...sizes), ...Array.from({ length: sizes[0] * sizes[1] * sizes[2] }, (_, i) => i)]);
const labels = (...values: number[]): Uint8Array => Uint8Array.from([...be32(0x801, values.length), ...values]);

describe("parseIdxImages", () => {
  it("reads sizes and pixels", () => {
    expect(parseIdxImages(images(2, 2, 3), "x")).toEqual({
      count: 2,
      height: 2,
      width: 3,
      pixels: Uint8Array.from({ length: 12 }, (_, i) => i),
    });
  });

  it("reads a view into a larger buffer", () => {
    const bytes = images(1, 2, 2);
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect([...parseIdxImages(larger.subarray(3, 3 + bytes.length), "x").pixels]).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ["a truncated header", images(1, 2, 2).subarray(0, 9), /9 bytes/],
    ["an empty file", new Uint8Array(), /0 bytes/],
    ["truncated data", images(2, 2, 2).subarray(0, 20), /truncated: 20 bytes.*promises 24/],
    ["bytes too many", Uint8Array.from([...images(1, 2, 2), 9]), /too long: 21 bytes.*promises 20/],
    ["labels instead", labels(...Array<number>(20).fill(1)), /0x00000801/],
    ["a gzip file", Uint8Array.from([0x1f, 0x8b, ...Array<number>(30).fill(0)]), /gzipped/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseIdxImages(bytes, "train-images")).toThrow(FormatError);
    expect(() => parseIdxImages(bytes, "train-images")).toThrow(message);
    expect(() => parseIdxImages(bytes, "train-images")).toThrow(/^train-images: /);
  });
});

describe("parseIdxLabels", () => {
  it("reads one label a byte", () => expect([...parseIdxLabels(labels(9, 0, 3), "x", 3)]).toEqual([9, 0, 3]));
  it("refuses another number of labels than images", () =>
    expect(() => parseIdxLabels(labels(1, 2), "l", 3)).toThrow("l: 2 labels for 3 images"));
});

it("replicateGrey makes three equal planes of each image", () => {
  expect([...replicateGrey(Uint8Array.from([1, 2, 3, 4]), 2)]).toEqual([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]);
});
