// Labelled images that a classifier is made from, and what is asked of them.

import { badUse } from "../errors.ts";
import { positionsOfClasses, requireLabels } from "../heads/labelled.ts";
import type { ImageSource } from "../predict/image-source.ts";

export interface LabelledImages {
  readonly images: ImageSource;
  /** [n], 0 to ways - 1 */
  readonly labels: ArrayLike<number>;
  readonly ways: number;
}

/** @throws UserError for fewer than two classes, two of one name, a class with fewer than two images, or labels that do not fit */
export function checkLabelledImages(data: LabelledImages, classes: readonly string[]): void {
  const { labels, ways } = data;
  if (ways < 2) badUse(ways === 1 ? "only one class" : "no classes", "a classifier needs at least two classes");
  const seen = new Set<string>();
  const twice = classes.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) badUse(`two classes are named "${twice}"`, "give each class a name of its own");
  checkLabels(data);
  const poor = positionsOfClasses(labels, ways).findIndex((positions) => positions.length < 2);
  if (poor >= 0) badUse(`class "${classes[poor]}" has fewer than 2 images`, "give each class at least 2 images");
}

/** @throws UserError unless there is one label an image, each of them a class */
export function checkLabels({ images, labels, ways }: LabelledImages): void {
  if (labels.length !== images.count)
    badUse(`${labels.length} labels for ${images.count} images`, "give one label an image");
  requireLabels(labels, ways);
}
