import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "./judgement.ts";
import { confusionCounts, mostConfusedPairs, type Prediction } from "./predictions.ts";

const prediction = (label: number, predicted: number, score = 0.75): Prediction => ({ label, predicted, score });

describe("judge", () => {
  // actual 0: 3 right, 1 taken for 1; actual 1: 1 right, 1 taken for 0, 2 for 2; actual 2: none; actual 3: one, taken for 0
  const predictions = [
    [0, 0, 0, 0, 1],
    [1, 1, 0, 2, 2],
    [3, 0],
  ].flatMap(([label, ...answers]) => answers.map((predicted) => prediction(label!, predicted)));
  const judged = judge(predictions, 5);

  it("counts what is right, with Wilson's interval, chance and the most frequent class", () => {
    expect(judged).toMatchObject({ n: 9, right: 4, accuracy: 4 / 9, chance: 1 / 5 });
    expect(judged.majority).toEqual({ accuracy: 4 / 9, label: 0 });
    // (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = 4/9, n = 9, z = 1.96
    expect(judged.interval).toEqual([expect.closeTo(0.18878, 4), expect.closeTo(0.73331, 4)]);
  });

  it("gives recall, precision and F1 a class, none where there is nothing to divide by", () => {
    expect(judged.classes).toEqual([
      { n: 4, right: 3, predicted: 5, recall: 3 / 4, precision: 3 / 5, f1: expect.closeTo(2 / 3, 12) },
      { n: 4, right: 1, predicted: 2, recall: 1 / 4, precision: 1 / 2, f1: expect.closeTo(1 / 3, 12) },
      { n: 0, right: 0, predicted: 2, precision: 0, f1: 0 },
      { n: 1, right: 0, predicted: 0, recall: 0, f1: 0 },
      { n: 0, right: 0, predicted: 0 },
    ]);
    expect(judged.balancedAccuracy).toBeCloseTo((3 / 4 + 1 / 4 + 0) / 3, 12);
    expect(judged.meanF1).toBeCloseTo((2 / 3 + 1 / 3 + 0) / 3, 12);
  });

  it("names every kind of mistake, the most frequent first", () => {
    expect(judged.confused).toEqual([
      { actual: 1, predicted: 2, count: 2, share: 1 / 2 },
      { actual: 3, predicted: 0, count: 1, share: 1 },
      { actual: 0, predicted: 1, count: 1, share: 1 / 4 },
      { actual: 1, predicted: 0, count: 1, share: 1 / 4 },
    ]);
  });

  it("tells how far scores are from accuracy, bin by bin", () => {
    // bin 0.9 to 1: scores 0.95 and 1, one of two right; bin 0.5 to 0.6: score 0.5, right
    const { meanScore, calibrationError } = judge(
      [prediction(0, 0, 0.95), prediction(0, 1, 1), prediction(1, 1, 0.5)],
      2,
    );
    expect(meanScore).toBeCloseTo((0.95 + 1 + 0.5) / 3, 12);
    expect(calibrationError).toBeCloseTo((2 * Math.abs(0.975 - 0.5) + Math.abs(0.5 - 1)) / 3, 12);
  });

  it("one picture is enough, and those without a label do not count", () => {
    expect(judge([prediction(1, 1), { predicted: 0, score: 1 }], 2)).toMatchObject({
      n: 1,
      accuracy: 1,
      calibrationError: 0.25,
    });
  });

  it("agrees with the confusion matrix, whatever the predictions", () => {
    const k = fc.integer({ min: 2, max: 6 });
    const answers = k.chain((classes) => {
      const one = fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1), fc.float({ min: 0, max: 1, noNaN: true }));
      return fc.record({ classes: fc.constant(classes), rows: fc.array(one, { minLength: 1, maxLength: 60 }) });
    });
    fc.assert(
      fc.property(answers, ({ classes, rows }) => {
        const all = rows.map(([label, predicted, score]) => prediction(label, predicted, score));
        const counts = confusionCounts(all, classes);
        const found = judge(all, classes);
        const order = (pairs: typeof found.confused) => pairs.map((pair) => JSON.stringify(pair)).toSorted();
        expect(order(found.confused)).toEqual(order(mostConfusedPairs(counts, Number.POSITIVE_INFINITY)));
        expect(found.classes.map(({ n }) => n)).toEqual(
          counts.map((row) => row.reduce((sum, count) => sum + count, 0)),
        );
        expect(found.right).toBe(counts.reduce((sum, row, c) => sum + row[c]!, 0));
        expect(found.calibrationError).toBeLessThanOrEqual(1);
        expect(found.calibrationError).toBeGreaterThanOrEqual(Math.abs(found.meanScore - found.accuracy) - 1e-9);
      }),
    );
  });
});
