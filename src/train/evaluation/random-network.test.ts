import { expect, it } from "vitest";
import { normalizedPixels } from "./random-network.ts";

it("normalizedPixels: planes by colour, image after image", () => {
  const images = Uint8Array.of(0, 255, 51, 51, 102, 204, 255, 0, 0, 51, 255, 255); // 2 images of 2 pixels
  const normalization = { mean: [0, 0.2, 0.4], deviation: [1, 0.5, 0.2] } as const;
  const expected = [0, 1, 0, 0, 0, 2, 1, 0, -0.4, 0, 3, 3];
  normalizedPixels(images, 2, normalization).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});
