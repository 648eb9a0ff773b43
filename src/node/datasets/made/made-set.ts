// What a made set is: classes that draw their pictures from a key, and the packages that they take.

import type { Key } from "../../../tensor/random.ts";
import type { OpenPackage } from "./packages.ts";

/** Height and width of made pictures, in pixels. */
export const MADE_SIDE = 64;

export interface MadeClass {
  /** The name of its folder: letters, digits and hyphens. */
  readonly name: string;
  /** Picture i: SVG elements in the square [0, 1] x [0, 1], or red, green, blue bytes [64, 64, 3]; a function of the class's key and i alone. */
  readonly picture: (ofClass: Key, i: number) => string | Uint8Array;
}

export interface MadeSet {
  readonly about: string;
  /** Test sets share no class with any training set: they are never trained on, nor is anything chosen on them. */
  readonly role: "train" | "test";
  /** Pictures a class that are made unless others are asked for. */
  readonly perClass: number;
  /** Names of the packages that it takes, in the order of use. */
  readonly packages: readonly string[];
  /** Its classes, of the packages one by one (they are large). */
  readonly classes: (packages: AsyncIterable<OpenPackage>) => Promise<readonly MadeClass[]>;
}
