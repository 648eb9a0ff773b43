import { describe, expect, it } from "vitest";
import { fold, key, normal } from "../tensor/random.ts";
import { fitTemperature } from "./temperature.ts";

/** Scores [n, ways] of images whose own class mostly has the largest. */
function noisy(n: number, ways: number, size: number): { scores: Float32Array; labels: number[] } {
  const labels = Array.from({ length: n }, (_, i) => i % ways);
  const noise = normal(fold(key(7), `${n} ${ways}`), n * ways);
  const own = (at: number): number => (at % ways === labels[Math.floor(at / ways)] ? 1.5 : 0);
  return { scores: Float32Array.from(noise, (z, at) => size * (z + own(at))), labels };
}

/** The loss of smoothed labels as it is defined, image by image. */
function loss(scores: Float32Array, labels: readonly number[], ways: number, temperature: number): number {
  const n = labels.length;
  const losses = labels.map((label, i) => {
    const row = Array.from(scores.subarray(i * ways, (i + 1) * ways), (score) => temperature * score);
    const most = Math.max(...row);
    const log = most + Math.log(row.reduce((sum, one) => sum + Math.exp(one - most), 0));
    return row.reduce((sum, one, way) => sum + (((way === label ? n : 0) + 1) / (n + ways)) * (log - one), 0);
  });
  return losses.reduce((sum, one) => sum + one, 0) / n;
}

describe("fitTemperature", () => {
  it.each([
    [30, 3, 0.01],
    [500, 10, 0.05],
    [500, 10, 1],
    [40, 2, 3],
    [2000, 100, 0.2],
  ])("of %i images in %i classes, scores of size %d, is where the loss is least", (n, ways, size) => {
    const { scores, labels } = noisy(n, ways, size);
    const { temperature, loss: least } = fitTemperature(scores, labels, ways);
    expect(temperature).toBeGreaterThan(0.11);
    expect(temperature).toBeLessThan(900);
    expect(least).toBeCloseTo(loss(scores, labels, ways, temperature), 6);
    const [below, above] = [0.999, 1.001].map((factor) => loss(scores, labels, ways, factor * temperature));
    const at = loss(scores, labels, ways, temperature);
    expect(at).toBeLessThan(below!);
    expect(at).toBeLessThan(above!);
    // the slope is zero at the temperature itself, not only somewhere within a thousandth
    expect(Math.abs(above! - below!)).toBeLessThan(0.05 * (above! + below! - 2 * at));
  });

  it("ends at a bound where the best lies beyond it", () => {
    const flat = noisy(60, 3, 1e-6);
    expect(fitTemperature(flat.scores, flat.labels, 3).temperature).toBeGreaterThan(990);
    const loud = noisy(60, 3, 1e4);
    expect(fitTemperature(loud.scores, loud.labels, 3).temperature).toBeLessThan(0.101);
    const wrong = noisy(60, 3, 0.5);
    const turned = wrong.labels.map((label) => (label + 1) % 3);
    expect(fitTemperature(wrong.scores, turned, 3).temperature).toBeLessThan(0.101);
  });

  it("is no number only where the scores are none", () => {
    for (const size of [1e-3, 1e3, 1e30]) {
      const { scores, labels } = noisy(20, 4, size);
      const { temperature, loss: found } = fitTemperature(scores, labels, 4);
      expect(Number.isFinite(temperature)).toBe(true);
      expect(Number.isFinite(found)).toBe(true);
    }
    expect(fitTemperature(Float32Array.of(-2e3, -3e3), [0], 2).loss).toBeGreaterThan(0); // no cosines
    expect(fitTemperature(Float32Array.of(0.2, 0.7), [0, 0], 1).loss).toBe(0);
    expect(fitTemperature(Float32Array.of(Number.NaN, 0.5), [0], 2).loss).toBeNaN();
  });
});
