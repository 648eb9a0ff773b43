import { beforeAll, describe, expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { type Classifier, predictClassifier } from "./classifier.ts";
import { classify } from "./classify.ts";
import { evaluateClassifier } from "./evaluate-classifier.ts";
import type { ImageSource } from "../predict/image-source.ts";

let classifier: Classifier;
beforeAll(async () => {
  const { images, labels, classes } = colouredImages(3, 10, 8);
  ({ classifier } = await predictClassifier(tinyPudNet(), images, labels, classes, { heldOut: 0 }));
});

describe("evaluateClassifier", () => {
  it("judges the answers that classify gives", async () => {
    const { images } = colouredImages(3, 12, 8, 1);
    const labels = Array.from({ length: 36 }, (_, i) => (i * 7) % 3); // right and wrong ones
    const { predictions, ...figures } = await evaluateClassifier(classifier, images, labels);
    const answers = (await classify(classifier, images, { top: 1 })).map(([first]) => first!);
    expect(predictions.map(({ predicted }) => classifier.classes[predicted])).toEqual(
      answers.map(({ label }) => label),
    );
    expect(predictions.map(({ score }) => score)).toEqual(answers.map(({ score }) => score));
    const right = answers.filter(({ label }, i) => label === classifier.classes[labels[i]!]).length;
    expect(figures).toMatchObject({ n: 36, right, accuracy: right / 36, chance: 1 / 3 });
    expect(right).toBeGreaterThan(0);
    expect(right).toBeLessThan(36);
  });

  it("reads part by part, and takes a single image of a single class", async () => {
    const { images } = colouredImages(1, 1, 8, 1);
    const sizes: number[] = [];
    const many: ImageSource = {
      count: 2100,
      read: (from, to) => {
        sizes.push(to - from);
        return new Uint8Array((to - from) * 3 * 64).fill(9);
      },
    };
    expect((await evaluateClassifier(classifier, many, Array<number>(2100).fill(2))).n).toBe(2100);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64);
    const one = await evaluateClassifier(classifier, images, [0]);
    expect(one).toMatchObject({ n: 1, accuracy: 1, classes: [{ n: 1 }, { n: 0 }, { n: 0 }] });
  });

  it("refuses labels that do not fit", async () => {
    const { images } = colouredImages(1, 2, 8);
    await expect(evaluateClassifier(classifier, images, [0])).rejects.toThrow("1 labels for 2 images");
    await expect(evaluateClassifier(classifier, images, [0, 3])).rejects.toThrow("label 3 of image 1: expected 0 to 2");
    const none = { count: 0, read: () => new Uint8Array() };
    await expect(evaluateClassifier(classifier, none, [])).rejects.toThrow("no images");
  });
});
