// What a live classifier is made from: classes of pictures by id, and the squares that are known of them.

import { badUse } from "../errors.ts";
import { listed } from "../names.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { groupsByKeys } from "./held-out.ts";
import type { LabelledImages } from "./labelled-images.ts";

/** A picture of a class. */
export interface LivePicture {
  /** Unique in the dataset. */
  readonly id: string;
  /** Equal for copies, such as a hash of the file: they are held out together. */
  readonly content: string;
  /** Equal for pictures that were taken in one go, which are held out together, too. */
  readonly burst: string;
}

export interface LiveClass {
  readonly id: string;
  /** What the classifier calls it; unique among those with pictures. */
  readonly name: string;
  readonly pictures: readonly LivePicture[];
}

/** Classes without pictures are left out of the classifier. */
export interface LiveDataset {
  readonly classes: readonly LiveClass[];
}

/** A dataset as a classifier is made from it. */
export interface LiveImages extends LabelledImages {
  /** The classes that have pictures, in their order. */
  readonly classes: readonly LiveClass[];
  /** Their places among all classes, and how many these are. */
  readonly places: readonly number[];
  readonly allClasses: number;
  /** [n] */
  readonly pictures: readonly LivePicture[];
  /** [n]: which pictures are held out together. */
  readonly groups: readonly number[];
}

/**
 * The pictures of all classes, class after class.
 * @throws UserError for fewer than two classes with pictures, two of one name, and pictures whose squares are not known
 */
export function liveImages(
  { classes: all }: LiveDataset,
  squares: ReadonlyMap<string, Uint8Array>,
  pixels: number,
): LiveImages {
  const places = [...all.keys()].filter((i) => all[i]!.pictures.length > 0);
  const classes = places.map((i) => all[i]!);
  checkClasses(classes);
  const pictures = classes.flatMap((one) => one.pictures);
  const ids = pictures.map(({ id }) => id);
  const strange = ids.filter((id) => !squares.has(id));
  if (strange.length > 0)
    badUse(`pictures that were never added: ${listed(strange)}`, "add each picture before it is learned");
  return {
    classes,
    places,
    allClasses: all.length,
    pictures,
    images: squaresOf(ids, squares, pixels),
    labels: classes.flatMap((one, way) => one.pictures.map(() => way)),
    ways: classes.length,
    groups: groupsByKeys(pictures.map(({ content, burst }) => [`content ${content}`, `burst ${burst}`])),
  };
}

function checkClasses(classes: readonly LiveClass[]): void {
  const hint = "a classifier needs pictures of at least two classes";
  if (classes.length < 2) badUse(classes.length === 1 ? "only one class has pictures" : "no class has pictures", hint);
  const names = classes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) badUse(`two classes are named "${twice}"`, "give each class a name of its own");
}

/** Squares by id, one after the other. */
export function squaresOf(
  ids: readonly string[],
  squares: ReadonlyMap<string, Uint8Array>,
  pixels: number,
): ImageSource {
  return {
    count: ids.length,
    read(from, to) {
      const out = new Uint8Array((to - from) * pixels);
      for (let i = from; i < to; i++) out.set(squares.get(ids[i]!)!, (i - from) * pixels);
      return out;
    },
  };
}
