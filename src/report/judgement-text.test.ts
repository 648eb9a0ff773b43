import { describe, expect, it } from "vitest";
import { judge } from "./judgement.ts";
import { judgementLines, weaknessLines } from "./judgement-text.ts";
import type { Prediction } from "./predictions.ts";

const prediction = (label: number, predicted: number, score = 0.8): Prediction => ({ label, predicted, score });

describe("judgementLines", () => {
  const predictions = [prediction(0, 0), prediction(0, 0), prediction(0, 1, 0.9), prediction(1, 1)];
  const mistakes = [{ path: "cat/3.jpg", actual: "cat", predicted: "dog", score: 0.9 }];
  const text = judgementLines(judge(predictions, 3), ["cat", "dog", "owl"], mistakes).join("\n");

  it("tells accuracy beside what guessing would get, and the classes without images", () => {
    expect(text).toMatch(/^accuracy: 75.0 % \(95 % interval 30.1 to 95.4 %; 3 of 4 images\)$/m);
    expect(text).toMatch(/^to compare: 33.3 % by guessing, 75.0 % by always answering "cat"$/m);
    expect(text).toMatch(/^mean of the classes: recall 83.3 %, F1 73.3 %$/m);
    expect(text).toMatch(/^scores: 82.5 % on average, 7.5 points above the accuracy/m);
    expect(text).toMatch(/^no images of 1 of 3 classes: owl$/m);
  });

  it("has a table of classes, the matrix, pairs and mistakes", () => {
    expect(text).toMatch(/^\| +cat \| +3 \| +66.67 % \| +100.00 % \| +80.00 % \| +dog \(1\) \|$/m);
    expect(text).toMatch(/^\| +owl \| +0 \| +\| +\| +\| +\|$/m);
    expect(text).toMatch(/^ {2} 1 cat +2 +1 +\.$/m);
    expect(text).toMatch(/^ {2} 2 dog +\. +1 +\.$/m);
    expect(text).toMatch(/^ {2}cat taken for dog: 1 \(33.3 % of cat\)$/m);
    expect(text).toMatch(/^ {2}cat\/3.jpg: is cat, taken for dog \(90.0 %\)$/m);
  });

  it("of many classes shows those that fare worst, and pairs instead of the matrix", () => {
    const names = Array.from({ length: 200 }, (_, c) => `class ${c}`);
    // every class is right once; class c is taken for the next one c times
    const many = names.flatMap((_, c) => [
      prediction(c, c),
      ...Array.from({ length: c }, () => prediction(c, (c + 1) % 200)),
    ]);
    const lines = judgementLines(judge(many, 200), names, Array<(typeof mistakes)[number]>(500).fill(mistakes[0]!));
    expect(lines.length).toBeLessThan(70);
    expect(lines.join("\n")).toMatch(/the 30 of 200 classes with the lowest F1/);
    expect(lines.find((line) => line.includes(" class 199 |"))).toMatch(/class 0 \(199\)/);
    expect(lines.join("\n")).toMatch(
      /class 199 taken for class 0: 199 \(99.5 % of class 199\)\n(.*\n){9} {2}and 189 more pairs/,
    );
    expect(lines.at(-1)).toBe("  and 490 more");
    expect(lines.join("\n")).not.toMatch(/matrix/);
  });
});

describe("weaknessLines", () => {
  it("names the classes with the lowest F1 and the most frequent mistakes, three of each", () => {
    const names = ["a", "b", "c", "d", "e\u001b[31m"];
    const predictions = names.flatMap((_, c) => [
      prediction(c, c, 0.5),
      ...Array.from({ length: c }, () => prediction(c, (c + 1) % 5, 0.5)),
    ]);
    const lines = weaknessLines(judge(predictions, 5), names);
    expect(lines[0]).toBe(
      "scores: 50.0 % on average, 16.7 points above the accuracy (calibration error 16.7 over 15 images, too few to rely on)",
    );
    expect(lines[1]).toMatch(
      /^lowest F1: e\S+ 22.2 % \(recall 20.0 %, n = 5\), d 28.6 % \(recall 25.0 %, n = 4\), a 33.3 % .* and 2 more$/,
    );
    expect(lines.slice(2, 4)).toEqual([
      "most often mistaken:",
      expect.stringMatching(/^ {2}e.* taken for a: 4 \(80.0 % of/),
    ]);
    expect(lines.length).toBe(7);
    expect(lines.at(-1)).toBe("  and 1 more pairs");
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("has nothing to name where all is right", () => {
    const lines = weaknessLines(judge([prediction(0, 0, 1), prediction(1, 1, 1)], 2), ["a", "b"]);
    expect(lines.slice(1)).toEqual(["no mistakes at all"]);
  });
});
