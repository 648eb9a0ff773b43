// A classifier that follows its pictures: the numbers of predictClassifier, and of everything fitted together.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changingPudNet, colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { UserError } from "../errors.ts";
import { imageSource } from "../predict/image-source.ts";
import type { HostTensor } from "../tensor/tree.ts";
import { type Classifier, predictClassifier } from "./classifier.ts";
import { classify } from "./classify.ts";
import { LiveClassifier } from "./live-classifier.ts";
import type { LiveDataset } from "./live-dataset.ts";

const SIDE = 8;
const PIXELS = 3 * SIDE ** 2;
const WAYS = 3;
const PER_CLASS = 12;
const { pixels, labels } = colouredImages(WAYS, PER_CLASS, SIDE);
const planesOf = (i: number): Uint8Array => pixels.slice(i * PIXELS, (i + 1) * PIXELS);
const squares = labels.map((_, i) => ({ id: `p${i}`, planes: planesOf(i) }));

/** The first `counts[way]` pictures of each class, each a burst of its own. */
function datasetOf(counts: readonly number[]): LiveDataset {
  return {
    classes: counts.map((count, way) => ({
      id: `c${way}`,
      name: `class ${way}`,
      pictures: Array.from({ length: count }, (_, i) => {
        const id = `p${way * PER_CLASS + i}`;
        return { id, content: id, burst: id };
      }),
    })),
  };
}

/** All that a head is made of. */
function numbersOf({ head }: Classifier): number[] {
  const { kind, ...parts } = head;
  expect(kind).not.toBe("linear");
  return Object.values(parts).flatMap((part: HostTensor | number) =>
    typeof part === "number" ? [part] : Array.from(part.data, Number),
  );
}

let live: LiveClassifier;
beforeAll(async () => {
  live = await LiveClassifier.create(tinyPudNet());
  live.add(squares);
});
afterAll(() => live.release());

describe("learn", () => {
  it.each([
    ["all weights", tinyPudNet()],
    ["a change", changingPudNet("better")],
    ["nothing but norms", tinyPudNet({ predict: "none" })],
  ])("gives the numbers of predictClassifier where a model predicts %s", async (_, model) => {
    const one = await LiveClassifier.create(model);
    one.add(squares);
    const learned = await one.learn(datasetOf([12, 12, 12]), "head");
    const names = ["class 0", "class 1", "class 2"];
    const made = await predictClassifier(model, imageSource(pixels, PIXELS), labels, names);
    expect(learned).toMatchObject({ how: "weights", images: 36, head: made.chosen });
    expect(learned.change).toEqual(made.change);
    expect(one.classifier).toEqual(made.classifier);
    await one.release();
  });

  it("with weights held, equals fitting the head of all pictures together, after any additions and removals", async () => {
    await live.learn(datasetOf([6, 5, 4]), "weights");
    const { network } = live.classifier;
    await live.learn(datasetOf([12, 5, 9]), "head");
    expect((await live.learn(datasetOf([7, 12, 9]), "head")).how).toBe("head");
    expect(live.classifier.network).toBe(network);
    const grown = numbersOf(live.classifier);
    const together = await LiveClassifier.create(tinyPudNet());
    together.add(squares);
    await together.learn(datasetOf([6, 5, 4]), "weights");
    await together.learn(datasetOf([7, 12, 9]), "head");
    const direct = numbersOf(together.classifier);
    expect(grown.length).toBe(direct.length);
    expect(Math.max(...grown.map((value, i) => Math.abs(value - direct[i]!)))).toBeLessThan(1e-4);
    await together.release();
  });

  it("tells of all of the work, and answers as before meanwhile", async () => {
    await live.learn(datasetOf([4, 4, 4]), "weights");
    const before = await live.ask(planesOf(0), { nearest: 0 });
    const shares: number[] = [];
    const meanwhile: unknown[] = [];
    await live.learn(datasetOf([12, 12, 4]), "head", async (share) => {
      shares.push(share);
      meanwhile.push(await live.ask(planesOf(0), { nearest: 0 }));
    });
    expect(shares).toEqual([1]); // in one go, being few
    expect(meanwhile).toEqual([before]);
    expect(await live.ask(planesOf(0), { nearest: 0 })).not.toEqual(before);
  });

  it("says what each picture is taken for by a head that is made without it", async () => {
    const [first, ...others] = datasetOf([12, 12, 12]).classes;
    const { leftOut, head } = await live.learn(
      { classes: [others[0]!, { ...first!, pictures: [] }, others[1]!] },
      "head",
    );
    expect([...leftOut.keys()]).toEqual(others.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
    const right = others.flatMap(({ pictures }, i) => pictures.filter(({ id }) => leftOut.get(id) === [0, 2][i]));
    expect(right.length / 24).toBe(head.leftOut[head.kind]!.accuracy);
  });

  it("judges without a change of what was learned, until it is told to end", async () => {
    await live.learn(datasetOf([12, 12, 4]), "weights");
    const { classifier } = live;
    const given = new Error("enough");
    const giveUp = (): never => {
      throw given;
    };
    await expect(live.judge(datasetOf([12, 12, 12]), giveUp)).rejects.toBe(given);
    expect((await live.judge(datasetOf([12, 12, 12])))!.n).toBe(6);
    expect(live.classifier).toBe(classifier);
  });

  it("is judged by pictures that are held out, classes being told by their places", async () => {
    const [first, ...others] = datasetOf([12, 12, 12]).classes;
    const empty = { id: "empty", name: "empty", pictures: [] };
    const judged = await live.judge({ classes: [first!, empty, ...others] });
    expect(judged!.n).toBe(6);
    expect(judged!.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([2, 0, 2, 2]);
    const right = judged!.confusion.reduce((sum, row, way) => sum + row[way]!, 0);
    expect(judged!.accuracy).toBe(right / 6);
    expect(judged!.mistakes.length).toBe(6 - right);
    expect(judged!.bins.reduce((sum, { n }) => sum + n, 0)).toBe(6);
    const error = judged!.bins.reduce((sum, bin) => sum + (bin.n / 6) * Math.abs(bin.confidence - bin.accuracy), 0);
    expect(judged!.calibrationError).toBeCloseTo(error, 6);
  });

  it("tells the mistakes by picture and places, the surest first", async () => {
    const { classes } = datasetOf([12, 12, 12]);
    const all = classes.flatMap((one) => one.pictures);
    // each class has as many pictures of every colour
    const mixed = classes.map((one, way) => ({ ...one, pictures: all.filter((_, i) => i % 3 === way) }));
    const judged = await live.judge({ classes: mixed });
    const { mistakes, accuracy, n } = judged!;
    expect(mistakes.length).toBe(Math.round(n * (1 - accuracy)));
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes.map(({ score }) => score)).toEqual(mistakes.map(({ score }) => score).toSorted((a, b) => b - a));
    for (const { picture, expected, predicted } of mistakes) {
      expect(mixed[expected]!.pictures.map(({ id }) => id)).toContain(picture);
      expect(predicted).not.toBe(expected);
    }
  });

  it("works with classes of one picture, of which none is held out", async () => {
    const { head, leftOut } = await live.learn(datasetOf([1, 1, 1]), "weights");
    expect(leftOut.size).toBe(0);
    expect(await live.judge(datasetOf([1, 1, 1]))).toBeUndefined();
    expect(head).toEqual({ kind: "centroids", leftOut: {} });
    const some = await live.judge(datasetOf([1, 10, 10]));
    expect(some!.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([0, 2, 2]);
  });

  it("holds no class out that is one burst", async () => {
    const [first, ...others] = datasetOf([12, 12, 12]).classes;
    const burst = { ...first!, pictures: first!.pictures.map((one) => ({ ...one, burst: "press" })) };
    const judged = await live.judge({ classes: [burst, ...others] });
    expect(judged!.confusion[0]).toEqual([0, 0, 0]);
  });

  it.each([
    ["no class has pictures", { classes: [] }],
    ["only one class has pictures", datasetOf([3, 0, 0])],
    ['two classes are named "same"', { classes: datasetOf([2, 2]).classes.map((one) => ({ ...one, name: "same" })) }],
    [
      "pictures that were never added: q",
      {
        classes: datasetOf([2, 2]).classes.map((one) => ({ ...one, pictures: [{ id: "q", content: "", burst: "" }] })),
      },
    ],
  ])("refuses: %s", async (message, dataset) => {
    const refused = live.learn(dataset, "head");
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(message);
  });
});

describe("ask", () => {
  it("gives what classify gives, and the pictures that are most alike", async () => {
    await live.learn(datasetOf([12, 12, 12]), "weights");
    const [direct] = await classify(live.classifier, imageSource(planesOf(5), PIXELS));
    const { labels: found, nearest } = await live.ask(planesOf(5), { nearest: 3 });
    expect(found.map((one) => one.class)).toEqual(direct!.map(({ label }) => label.replace("class ", "c")));
    found.forEach(({ score }, i) => expect(score).toBeCloseTo(direct![i]!.score, 5));
    expect(nearest[0]).toEqual({ picture: "p5", similarity: expect.closeTo(1, 5) });
    expect(nearest.length).toBe(3);
    expect(nearest[1]!.similarity).toBeGreaterThanOrEqual(nearest[2]!.similarity);
  });

  it("knows nothing before the first learn, and goes on after pictures were dropped", async () => {
    const fresh = await LiveClassifier.create(tinyPudNet());
    await expect(fresh.ask(planesOf(0), { nearest: 1 })).rejects.toThrow("nothing has been learned yet");
    expect(() => fresh.classifier).toThrow(UserError);
    expect(() => fresh.add([{ id: "small", planes: new Uint8Array(3) }])).toThrow("3 pixels");
    fresh.add(squares);
    await fresh.learn(datasetOf([2, 2, 2]), "weights");
    expect(fresh.images.count).toBe(6);
    fresh.drop(["p0"]);
    expect(fresh.images.count).toBe(5);
    expect((await fresh.ask(planesOf(0), { nearest: 1 })).nearest[0]!.picture).toBe("p0");
    await expect(fresh.learn(datasetOf([2, 2, 2]), "head")).rejects.toThrow("never added: p0");
    fresh.add([{ id: "p0", planes: planesOf(20) }]); // another picture of that name
    await fresh.learn(datasetOf([2, 2, 2]), "head");
    expect((await fresh.ask(planesOf(20), { nearest: 1 })).nearest[0]!.picture).toBe("p0");
    await fresh.release();
  });
});
