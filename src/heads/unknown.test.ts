import { describe, expect, it } from "vitest";
import { fold, key, normal } from "../tensor/random.ts";
import { similaritiesTo, unknownRule } from "./unknown.ts";

/** `count` features of each class around its own direction, and as many that lie around another one. */
function drawn(count: number, seed: number) {
  const directions = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
  ];
  const around = (centre: readonly number[], n: number, at: number): Float32Array => {
    const noise = Float32Array.from(normal(fold(key(seed), at), 4 * n));
    return noise.map((value, i) => centre[i % 4]! + 0.1 * value);
  };
  const features = Float32Array.from(directions.flatMap((centre, way) => [...around(centre, count, way)]));
  const labels = directions.flatMap((_, way) => Array.from({ length: count }, () => way));
  return { features, labels, ways: 2, strange: around([0, 0, 1, 1], count, 2) };
}

describe("unknownRule", () => {
  it("refuses about 4 % of new images of its classes, and nearly all of others", () => {
    const rule = unknownRule(drawn(500, 1))!;
    const { features, strange } = drawn(500, 2);
    const refused = (of: Float32Array): number =>
      similaritiesTo(rule)(of).filter((similarity) => similarity < rule.threshold).length / (of.length / 4);
    expect(refused(features)).toBeGreaterThan(0.02);
    expect(refused(features)).toBeLessThan(0.06);
    expect(refused(strange)).toBe(1);
  });

  it("refuses none of its own where they are few", () => {
    const data = drawn(8, 3);
    const rule = unknownRule(data)!;
    expect(similaritiesTo(rule)(data.features).every((similarity) => similarity >= rule.threshold)).toBe(true);
  });

  it("compares with a centroid that is made without the image", () => {
    // two images a class at right angles: each is unlike what remains of its class, and at 45 degrees to the mean with it
    const features = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    expect(unknownRule({ features, labels: [0, 0, 1, 1], ways: 2 })!.threshold).toBe(0);
  });

  it("says nothing where no image can be left out, and takes classes of one image along", () => {
    const features = Float32Array.of(1, 0, 0, 1, 0.9, 0.1);
    expect(unknownRule({ features: features.subarray(0, 4), labels: [0, 1], ways: 2 })).toBeUndefined();
    const rule = unknownRule({ features, labels: [0, 1, 0], ways: 2 })!;
    expect(similaritiesTo(rule)(Float32Array.of(0, 5))[0]).toBeCloseTo(1, 6);
  });
});
