// A classifier with other pictures or classes than before, and the weights and batch-norm statistics that it has: its head is made
// again, of the features that were kept and those of the pictures that are new.

import { badUse, closest } from "../errors.ts";
import { positionsOfClasses } from "../heads/labelled.ts";
import { featureSize } from "../models/architectures.ts";
import { listed } from "../names.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { NetworkRunner } from "../predict/network-runner.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, key } from "../tensor/random.ts";
import { type Calibration, headOfFeatures, type HeadReport, type HeadSettings } from "./fitted-head.ts";
import type { Classifier } from "./classifier.ts";
import type { KeptPicture, KeptPictures } from "./kept-pictures.ts";
import { someImages } from "./held-out.ts";

/** Changes of classes by their names, made in this order: names are changed, classes removed, pictures added. */
export interface ClassifierChanges {
  readonly rename?: readonly (readonly [from: string, to: string])[];
  readonly remove?: readonly string[];
  readonly add?: {
    /** Squares as the classifier sees them. */
    readonly images: ImageSource;
    /** One an image. */
    readonly pictures: readonly AddedPicture[];
  };
}

export interface AddedPicture extends Omit<KeptPicture, "label"> {
  /** May be a new one. */
  readonly class: string;
}

export interface UpdateOptions extends CompileOptions, HeadSettings {
  /** As when the classifier was predicted: which pictures decide where there are many. */
  readonly seed?: number;
}

export interface UpdatedClassifier {
  readonly classifier: Classifier;
  readonly kept: KeptPictures;
  readonly calibration: Calibration;
  readonly chosen: HeadReport;
  /** Pictures that were added; those that a class has already are not. */
  readonly added: number;
  readonly repeated: number;
}

/**
 * Changes pictures and classes. The head is that of all pictures fitted together under the same network, to 1e-4.
 * @throws UserError for classes that are not there, two of one name, fewer than two classes or two pictures of one, and for a fine-tuned
 *   classifier, whose head was trained with its network
 */
export async function updateClassifier(
  classifier: Classifier,
  before: KeptPictures,
  { rename = [], remove = [], add }: ClassifierChanges,
  { seed = 0, ...settings }: UpdateOptions = {},
): Promise<UpdatedClassifier> {
  const { head, unknown: _, ...known } = classifier;
  if (head.kind === "linear")
    badUse(
      "a fine-tuned classifier: its head was trained with its network",
      "run pudnet finetune again, with all pictures",
    );
  const names = classesAfter(classifier.classes, rename, remove);
  const { pictures, stays, fresh } = picturesAfter(before, names, add?.pictures ?? []);
  const classes = [...new Set([...names.filter((name) => name !== undefined), ...pictures.map((one) => one.class)])];
  const labels = pictures.map((picture) => classes.indexOf(picture.class));
  requireTwoEach(labels, classes);
  const d = featureSize(classifier.arch);
  const features = new Float32Array(pictures.length * d);
  stays.forEach((i, row) => features.set(before.features.subarray(i * d, (i + 1) * d), row * d));
  if (fresh.length > 0)
    features.set(await featuresOf(classifier, someImages(add!.images, fresh), settings), stays.length * d);
  const made = await headOfFeatures(
    { features, labels, ways: classes.length },
    { temperature: head.temperature },
    settings,
    fold(key(seed), "shots"),
  );
  return {
    classifier: { ...known, classes, head: made.head, ...(made.unknown ? { unknown: made.unknown } : {}) },
    kept: { features, pictures: pictures.map(({ path, sha256 }, i) => ({ path, sha256, label: labels[i]! })) },
    calibration: made.calibration,
    chosen: made.chosen,
    added: fresh.length,
    repeated: (add?.pictures.length ?? 0) - fresh.length,
  };
}

/** What each class is called afterwards; nothing where it is removed. */
function classesAfter(
  classes: readonly string[],
  rename: readonly (readonly [from: string, to: string])[],
  remove: readonly string[],
): (string | undefined)[] {
  const names = [...classes];
  for (const [from, to] of rename) {
    const at = placeOf(from, classes);
    if (names[at] !== from) badUse(`class "${from}" is renamed twice`, "give each class one new name");
    if (to === "") badUse(`no new name for class "${from}"`, "give it as FROM=TO");
    names[at] = to;
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) badUse(`two classes would be named "${twice}"`, "choose another name");
  const removed = new Set(remove.map((name) => placeOf(name, names)));
  return names.map((name, i) => (removed.has(i) ? undefined : name));
}

function placeOf(name: string, classes: readonly string[]): number {
  const at = classes.indexOf(name);
  if (at >= 0) return at;
  const near = closest(name, classes);
  const known = `it has ${listed(classes.map((one) => `"${one}"`))}`;
  return badUse(
    `the classifier has no class "${name}"`,
    near === undefined ? known : `did you mean "${near}"? ${known}`,
  );
}

/** The pictures that stay, then the new ones; one that its class has already is not new. */
function picturesAfter(before: KeptPictures, names: readonly (string | undefined)[], added: readonly AddedPicture[]) {
  const stays = [...before.pictures.keys()].filter((i) => names[before.pictures[i]!.label] !== undefined);
  const old = stays.map((i) => ({ ...before.pictures[i]!, class: names[before.pictures[i]!.label]! }));
  const identity = (picture: AddedPicture): string => `${picture.sha256} ${picture.class}`;
  const known = new Set(old.map(identity));
  const fresh = [...added.keys()].filter((i) => known.size < known.add(identity(added[i]!)).size);
  return { pictures: [...old, ...fresh.map((i) => added[i]!)], stays, fresh };
}

function requireTwoEach(labels: readonly number[], classes: readonly string[]): void {
  if (classes.length < 2)
    badUse(
      classes.length === 1 ? "only one class would be left" : "no classes would be left",
      "a classifier needs two",
    );
  const poor = positionsOfClasses(labels, classes.length).findIndex((positions) => positions.length < 2);
  if (poor >= 0) badUse(`class "${classes[poor]}" would have fewer than 2 pictures`, "give each class at least 2");
}

async function featuresOf(
  { arch, normalization, network }: Classifier,
  images: ImageSource,
  options: CompileOptions,
): Promise<Float32Array> {
  const runner = await NetworkRunner.create({ arch, normalization }, options);
  try {
    return await runner.features(network, images);
  } finally {
    await runner.release();
  }
}
