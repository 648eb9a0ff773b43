import { expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { imageSource } from "./image-source.ts";

it("images lie one after the other, and none is cut", () => {
  const pixels = Uint8Array.from({ length: 24 }, (_, i) => i);
  const images = imageSource(pixels, 12);
  expect(images.count).toBe(2);
  expect([...images.read(1, 2)]).toEqual([...pixels.subarray(12)]);
  expect(() => imageSource(pixels, 27)).toThrow(UserError);
  expect(() => imageSource(pixels, 27)).toThrow("24 pixels are no whole number of images of 27 pixels");
});
