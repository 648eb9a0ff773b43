import { describe, expect, it } from "vitest";
import { fold, key, stream } from "../../tensor/random.ts";
import { byteOf, colourOn, hexOf, inkAndGround } from "./colours.ts";
import { fraction, nearestSeed, octaves, valueNoise, zigzag } from "./fields.ts";
import { SHAPE_CLASSES } from "./shape-classes.ts";
import { shapeNames, shapePicture } from "./shapes.ts";
import { textureNames, texturePicture } from "./textures.ts";

const SIDE = 16;

/** The standard deviation of a picture's bytes. */
function spread(bytes: Uint8Array): number {
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  return Math.sqrt(bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / bytes.length);
}

describe("textures", () => {
  it.each(textureNames())("%s: a function of the key, and never of one colour", (name) => {
    const pictures = Array.from({ length: 6 }, (_, i) => texturePicture(name, fold(key(3), i), SIDE));
    expect(texturePicture(name, fold(key(3), 0), SIDE)).toEqual(pictures[0]);
    expect(new Set(pictures.map(String)).size).toBe(6);
    for (const picture of pictures) {
      expect(picture).toHaveLength(SIDE * SIDE * 3);
      expect(spread(picture)).toBeGreaterThan(4);
    }
  });

  it("show the same field larger at a larger side", () => {
    const [small, large] = [SIDE, 4 * SIDE].map((side) => texturePicture("clouds-2", key(5), side));
    const mean = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
    expect(Math.abs(mean(small!) - mean(large!))).toBeLessThan(3);
  });

  it("have names that are none of the textures used for testing", () => {
    const tested = /band|blotch|braid|bubbl|bump|chequer|check|cobweb|crack|hatch|crystal/;
    expect(textureNames().filter((name) => tested.test(name))).toEqual([]);
    expect(() => texturePicture("tartan", key(0), SIDE)).toThrow(RangeError);
  });
});

describe("shapes", () => {
  it.each(shapeNames())("%s: a function of the key", (name) => {
    const pictures = Array.from({ length: 6 }, (_, i) => shapePicture(name, fold(key(3), i)));
    expect(shapePicture(name, fold(key(3), 0))).toBe(pictures[0]);
    expect(new Set(pictures).size).toBe(6);
    expect(pictures[0]).toMatch(/^<rect width="1" height="1" fill="#[0-9a-f]{6}"\/>/);
  });

  it("lie within the unit circle, and no two are alike", () => {
    const drawn = Object.values(SHAPE_CLASSES).map(({ parts, holes }) => JSON.stringify([parts, holes]));
    expect(new Set(drawn).size).toBe(drawn.length);
    for (const { parts } of Object.values(SHAPE_CLASSES)) {
      for (const part of parts) {
        const corners = [...part.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) =>
          Math.hypot(Number(x), Number(y)),
        );
        expect(Math.max(...corners)).toBeLessThan(1.2);
      }
    }
    expect(() => shapePicture("blob", key(0))).toThrow(RangeError);
  });
});

describe("fields", () => {
  it("stay within [0, 1] and are smooth where they should be", () => {
    const fields = [valueNoise(7), octaves(7, { count: 4, fading: 0.5 })];
    for (const field of fields) {
      for (let i = 0; i < 500; i++) {
        const [x, y] = [i * 0.37 - 90, 40 - i * 0.21];
        expect(field(x, y)).toBeGreaterThanOrEqual(0);
        expect(field(x, y)).toBeLessThanOrEqual(1);
        expect(Math.abs(field(x, y) - field(x + 1e-6, y))).toBeLessThan(1e-4);
      }
    }
  });

  it("find the nearest seed from both sides of an edge between cells", () => {
    const [left, right] = [nearestSeed(-1e-9, 0.5, 3), nearestSeed(1e-9, 0.5, 3)];
    expect(left.nearest).toBeCloseTo(right.nearest, 6);
    expect(left.tone).toBe(right.tone);
  });

  it("repeat for negative numbers too", () => {
    expect([fraction(-0.25), zigzag(-0.25), zigzag(0.75), zigzag(0), zigzag(0.5)]).toEqual([0.75, 0.5, 0.5, 0, 1]);
  });
});

describe("colours", () => {
  it("can be told from their ground", () => {
    const next = stream(key(1));
    const light = ([r, g, b]: readonly number[]): number => 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    for (let i = 0; i < 200; i++) {
      const { ink, ground } = inkAndGround(next, 0.3);
      expect(Math.abs(light(ink) - light(ground))).toBeGreaterThanOrEqual(0.3);
    }
    expect(light(colourOn([0.5, 0.5, 0.5], next, { contrast: 0.4 }))).not.toBeCloseTo(0.5, 1);
  });

  it("are written as SVG and bytes", () => {
    expect(hexOf([1, 0.5, 0])).toBe("#ff8000");
    expect([byteOf(-1), byteOf(2), byteOf(0.5)]).toEqual([0, 255, 128]);
  });
});
