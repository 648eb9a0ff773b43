import fc from "fast-check";
import { expect, test } from "vitest";
import {
  balancedSample,
  confusionCounts,
  isMistake,
  mostConfidentMistakes,
  mostConfusedPairs,
  type Prediction,
  wilsonInterval,
} from "./predictions.ts";

const predictions: Prediction[] = [
  { label: 0, predicted: 0, score: 0.99 },
  { label: 0, predicted: 2, score: 0.6 },
  { label: 1, predicted: 1, score: 0.5 },
  { label: 2, predicted: 0, score: 0.9 },
  { label: 2, predicted: 0, score: 0.7 },
  { predicted: 1, score: 1 },
];

test("counts have a row per actual and a column per predicted class; the unlabelled do not count", () => {
  expect(confusionCounts(predictions, 3)).toEqual([
    [1, 0, 1],
    [0, 1, 0],
    [2, 0, 0],
  ]);
});

test("confused pairs come by count, without correct ones", () => {
  expect(mostConfusedPairs(confusionCounts(predictions, 3), 9)).toEqual([
    { actual: 2, predicted: 0, count: 2, share: 1 },
    { actual: 0, predicted: 2, count: 1, share: 0.5 },
  ]);
});

test("the most confident mistakes come by score", () => {
  expect(mostConfidentMistakes(predictions, 2)).toEqual([3, 4]);
  expect(isMistake({ predicted: 1, score: 1 })).toBe(false);
});

test("a balanced sample takes the classes in turn and nothing twice", () => {
  const any = fc.array(fc.record({ label: fc.nat({ max: 3 }), predicted: fc.nat({ max: 3 }), score: fc.double() }));
  fc.assert(
    fc.property(any, fc.nat({ max: 20 }), (many, limit) => {
      const chosen = balancedSample(many, limit);
      expect(chosen).toHaveLength(Math.min(limit, many.length));
      expect(new Set(chosen).size).toBe(chosen.length);
      const perClass = [0, 1, 2, 3].map((label) => chosen.filter((i) => many[i]!.label === label).length);
      const available = [0, 1, 2, 3].map((label) => many.filter((one) => one.label === label).length);
      const most = Math.max(...perClass);
      perClass.forEach((count, i) => expect(count).toBeGreaterThanOrEqual(Math.min(most - 1, available[i]!)));
    }),
  );
});

test("Wilson's interval gives the textbook numbers and stays within 0 and 1", () => {
  expect(wilsonInterval(0.9, 100)).toEqual([expect.closeTo(0.8256, 4), expect.closeTo(0.9448, 4)]);
  expect(wilsonInterval(1, 10)).toEqual([expect.closeTo(0.7225, 4), expect.closeTo(1, 10)]);
  expect(wilsonInterval(0, 10)[0]).toBe(0);
});
