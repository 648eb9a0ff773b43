// Classifiers of few classes, made as `pudnet predict` makes them, and what they say of pictures of their classes and of others.

import { gatherImages, type ImageDataset, positionsByClass } from "pudnet/datasets";
import { fold, type Key, key, sample } from "pudnet/engine";
import { answer, type Classifier, imageSource, predictClassifier, type Predictor } from "pudnet/methods";
import { auroc } from "./auroc.ts";

/** What is drawn for each group: classes that are known, pictures of each that the classifier is made from, and pictures that are asked. */
export interface Draw {
  readonly ways: number;
  readonly labels: number;
  /** Of each known class, and of each kind of unknown pictures `ways` times as many. */
  readonly asked: number;
}

/** The images of some classes of a data set. */
export interface Classes {
  readonly dataset: ImageDataset;
  readonly classes: readonly number[];
}

/** An answer to a picture of a known class. */
export interface Judged {
  readonly score: number;
  readonly right: boolean;
}

export interface GroupResult {
  /** Share of the pictures of known classes that are taken for unknown, and of each kind of others. */
  readonly refused: Readonly<Record<string, number>>;
  /** By kind of unknown pictures. */
  readonly auroc: Readonly<Record<string, number>>;
  readonly answers: readonly Judged[];
}

export const KNOWN = "known";
/** Classes of the same data set that the classifier was not given. */
const OTHER_CLASSES = "other classes";

/** Group `index`: a function of it, the seed and the draw alone. */
export async function measureGroup(
  predictor: Predictor,
  { dataset, classes }: Classes,
  others: Readonly<Record<string, ImageDataset>>,
  { ways, labels: perClass, asked }: Draw,
  index: number,
): Promise<GroupResult> {
  const source = fold(key(0), index);
  const positions = positionsByClass(dataset);
  const known = sample(fold(source, "classes"), classes, ways);
  const drawn = known.map((one, way) => sample(fold(fold(source, "pictures"), way), positions[one]!, perClass + asked));
  const made = drawn.flatMap((ofClass) => ofClass.slice(0, perClass));
  const labels = drawn.flatMap((ofClass, way) => ofClass.slice(0, perClass).map(() => way));
  const names = known.map((one) => dataset.classes[one]!);
  const { classifier } = await predictClassifier(predictor, images(dataset, made), labels, names, { heldOut: 0 });
  const questions = drawn.flatMap((ofClass, way) => ofClass.slice(perClass).map((at) => ({ at, way })));
  const answers = await answer(classifier, images(dataset, questions.map(({ at }) => at)), { top: 1 }); // prettier-ignore
  const similarity: Record<string, number[]> = { [KNOWN]: answers.map((one) => one.similarity!) };
  const rest = classes.filter((one) => !known.includes(one));
  if (rest.length >= ways) {
    const strange = sample(fold(source, "others"), rest, ways).flatMap((one, at) =>
      sample(fold(fold(source, "other pictures"), at), positions[one]!, asked),
    );
    similarity[OTHER_CLASSES] = await similarities(classifier, dataset, strange);
  }
  for (const [name, other] of Object.entries(others)) {
    similarity[name] = await similarities(classifier, other, someOf(other, fold(source, name), ways * asked));
  }
  const { threshold } = classifier.unknown!;
  const unknown = Object.entries(similarity);
  return {
    refused: Object.fromEntries(unknown.map(([name, of]) => [name, of.filter((value) => value < threshold).length / of.length])), // prettier-ignore
    auroc: Object.fromEntries(
      unknown.filter(([name]) => name !== KNOWN).map(([name, of]) => [name, auroc(similarity[KNOWN]!, of)]),
    ),
    answers: answers.map(({ labels: [best] }, i) => ({
      score: best!.score,
      right: best!.label === names[questions[i]!.way],
    })),
  };
}

function images(dataset: ImageDataset, positions: readonly number[]) {
  return imageSource(gatherImages(dataset, positions), 3 * dataset.side ** 2);
}

async function similarities(classifier: Classifier, dataset: ImageDataset, at: readonly number[]): Promise<number[]> {
  return (await answer(classifier, images(dataset, at), { top: 1 })).map(({ similarity }) => similarity!);
}

function someOf({ labels }: ImageDataset, source: Key, count: number): number[] {
  return sample(source, Uint32Array.from(labels, (_, i) => i), count); // prettier-ignore
}
