// A classifier that grows: the head of all pictures fitted together, from features that were kept.

import { beforeAll, describe, expect, it } from "vitest";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { headProbabilities, type PredictedHead } from "../heads/classifier-head.ts";
import { FormatError, UserError } from "../errors.ts";
import { imageSource } from "../predict/image-source.ts";
import { NetworkRunner } from "../predict/network-runner.ts";
import { sha256 } from "../formats/sha256.ts";
import { fold, key } from "../tensor/random.ts";
import { type Classifier, predictClassifier } from "./classifier.ts";
import { writeWeights } from "./classifier-file.ts";
import { headOfFeatures } from "./fitted-head.ts";
import { type KeptPictures, readKeptPictures, writeKeptPictures } from "./kept-pictures.ts";
import { updateClassifier } from "./update-classifier.ts";

const SIDE = 16;
const PIXELS = 3 * SIDE ** 2;
const WAYS = 3;
const PER_CLASS = 40;
const { pixels, labels } = colouredImages(WAYS, PER_CLASS, SIDE);
const NAMES = ["cat", "dog", "fish"];
const hash = (i: number): string => i.toString(16).padStart(64, "0");
const pictureOf = (i: number) => ({ path: `${i}.png`, sha256: hash(i) });
const imagesOf = (chosen: readonly number[]) =>
  imageSource(Uint8Array.from(chosen.flatMap((i) => [...pixels.subarray(i * PIXELS, (i + 1) * PIXELS)])), PIXELS);
const adding = (chosen: readonly number[], name = (i: number) => NAMES[labels[i]!]!) => ({
  images: imagesOf(chosen),
  pictures: chosen.map((i) => ({ ...pictureOf(i), class: name(i) })),
});
const all = [...labels.keys()];

const model = tinyPudNet({ side: SIDE });
let classifier: Classifier;
let kept: KeptPictures;
/** Of all pictures under the classifier's network, in 32 bits. */
let features: Float32Array;
const first = all.filter((i) => labels[i]! < 2 && i % 2 === 0);

beforeAll(async () => {
  const made = await predictClassifier(
    model,
    imagesOf(first),
    first.map((i) => labels[i]!),
    NAMES.slice(0, 2),
    { heldOut: 0 },
  );
  ({ classifier } = made);
  const before = { features: made.features, pictures: first.map((i) => ({ ...pictureOf(i), label: labels[i]! })) };
  const weights = writeWeights(classifier);
  kept = await readKeptPictures(await writeKeptPictures(before, weights), classifier, await sha256(weights), "kept");
  const runner = await NetworkRunner.create(classifier);
  features = await runner.features(classifier.network, imagesOf(all));
  await runner.release();
});

/** The largest difference between the scores of two heads. */
function apart(a: Classifier["head"], b: PredictedHead): number {
  expect(a.kind).toBe(b.kind);
  const [one, other] = [a as PredictedHead, b].map((head) => headProbabilities(head, features));
  return one!.reduce((most, score, i) => Math.max(most, Math.abs(score - other![i]!)), 0);
}

const together = async (chosen: readonly number[], ways: number, choice: "auto" | "centroids" | "closed-form") => {
  const d = features.length / all.length;
  const rows = Float32Array.from(chosen.flatMap((i) => [...features.subarray(i * d, (i + 1) * d)]));
  const data = { features: rows, labels: chosen.map((i) => labels[i]!), ways };
  return (await headOfFeatures(data, model.config, { head: choice }, fold(key(0), "shots"))).head;
};

describe("the head", () => {
  it.each(["auto", "centroids", "closed-form"] as const)(
    "%s is that of everything fitted together, to 1e-4",
    async (head) => {
      const rest = all.filter((i) => !first.includes(i));
      const grown = await updateClassifier(classifier, kept, { add: adding(rest) }, { head });
      expect(grown).toMatchObject({ added: rest.length, repeated: 0, classifier: { classes: NAMES } });
      expect(grown.classifier.network).toBe(classifier.network);
      expect(grown.kept.pictures.map(({ path }) => path)).toEqual([...first, ...rest].map((i) => `${i}.png`));
      const direct = await together([...first, ...rest], 3, head);
      expect(apart(grown.classifier.head, direct)).toBeLessThan(1e-4);

      const back = await updateClassifier(grown.classifier, grown.kept, { remove: ["fish"] }, { head });
      const without = [...first, ...rest].filter((i) => labels[i] !== 2);
      expect(apart(back.classifier.head, await together(without, 2, head))).toBeLessThan(1e-4);
    },
  );
});

describe("names", () => {
  it("change alone, or with pictures that are added under the new ones", async () => {
    const { classifier: other, kept: same } = await updateClassifier(classifier, kept, { rename: [["dog", "wolf"]] });
    expect(other.classes).toEqual(["cat", "wolf"]);
    expect(same).toEqual(kept);
    const swapped = await updateClassifier(classifier, kept, {
      rename: [
        ["dog", "cat"],
        ["cat", "dog"],
      ],
    });
    expect(swapped.classifier.classes).toEqual(["dog", "cat"]);
    const more = all.filter((i) => labels[i] === 1 && i % 2 === 1);
    const grown = await updateClassifier(classifier, kept, {
      rename: [["dog", "wolf"]],
      add: adding(more, () => "wolf"),
    });
    expect(grown.classifier.classes).toEqual(["cat", "wolf"]);
    expect(grown.kept.pictures.filter(({ label }) => label === 1)).toHaveLength(PER_CLASS);
  });

  it("a class that is removed may come back with other pictures", async () => {
    const more = all.filter((i) => labels[i] === 2);
    const grown = await updateClassifier(classifier, kept, { remove: ["dog"], add: adding(more, () => "dog") });
    expect(grown.classifier.classes).toEqual(["cat", "dog"]);
    expect(grown.kept.pictures.filter(({ label }) => label === 1).map(({ path }) => path)).toEqual(
      more.map((i) => `${i}.png`),
    );
  });

  it("pictures that are there already are not added again; in another class they are", async () => {
    const same = first.slice(0, 5);
    expect(await updateClassifier(classifier, kept, { add: adding([...same, ...same]) })).toMatchObject({
      added: 0,
      repeated: 10,
    });
    const other = await updateClassifier(classifier, kept, { add: adding(same, () => "bird") });
    expect(other).toMatchObject({ added: 5, repeated: 0, classifier: { classes: ["cat", "dog", "bird"] } });
  });

  it.each([
    [{ remove: ["cta"] }, 'no class "cta"', 'did you mean "cat"? it has "cat", "dog"'],
    [{ rename: [["bird", "x"]] }, 'no class "bird"', 'it has "cat", "dog"'],
    [{ rename: [["cat", "dog"]] }, 'two classes would be named "dog"', "another name"],
    [
      {
        rename: [
          ["cat", "a"],
          ["cat", "b"],
        ],
      },
      'class "cat" is renamed twice',
      "one new name",
    ],
    [{ rename: [["cat", ""]] }, 'no new name for class "cat"', "FROM=TO"],
    [{ remove: ["cat"] }, "only one class would be left", "needs two"],
    [{ remove: ["cat", "dog"] }, "no classes would be left", "needs two"],
    [{ add: adding([0], () => "bird") }, 'class "bird" would have fewer than 2 pictures', "at least 2"],
  ] as const)("%o is refused", async (changes, message, hint) => {
    const failed: unknown = await updateClassifier(classifier, kept, changes).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UserError);
    expect(failed).toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
      exitCode: 2,
    });
  });
});

describe("what is kept", () => {
  it("comes back as it was", async () => {
    expect(kept.pictures).toEqual(first.map((i) => ({ ...pictureOf(i), label: labels[i]! })));
    const d = features.length / all.length;
    first.forEach((i, row) => {
      const [found, direct] = [kept.features.subarray(row * d, (row + 1) * d), features.subarray(i * d, (i + 1) * d)];
      found.forEach((value, j) => expect(value).toBeCloseTo(direct[j]!, 4));
    });
  });

  it("is refused beside other weights, or damaged", async () => {
    const weights = writeWeights(classifier);
    const bytes = await writeKeptPictures(kept, weights);
    const read = (given: Uint8Array, hash_ = "0") => readKeptPictures(given, classifier, hash_, "kept");
    await expect(read(bytes)).rejects.toThrow("of another classifier");
    const changed = bytes.map((byte, i) => (i === bytes.length - 3 ? byte ^ 1 : byte));
    await expect(read(changed, await sha256(weights))).rejects.toThrow(FormatError);
    await expect(
      readKeptPictures(bytes, { ...classifier, classes: ["cat"] }, await sha256(weights), "kept"),
    ).rejects.toThrow("do not fit");
    await expect(readKeptPictures(weights, classifier, "0", "kept")).rejects.toThrow("not a checkpoint");
  });
});
