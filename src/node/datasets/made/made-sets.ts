// The table of made sets: a row a set of `pudnet data make`.

import { requireKnown } from "../../../errors.ts";
import { emojiClasses } from "./emoji.ts";
import { EMOJI } from "./emoji-classes.ts";
import { TEST_SCRIPTS, TRAIN_SCRIPTS } from "./glyph-scripts.ts";
import { fontPackages, glyphClasses } from "./glyphs.ts";
import { TEST_CONCEPTS, TRAIN_CONCEPTS } from "./icon-concepts.ts";
import { iconClasses } from "./icons.ts";
import type { MadeSet } from "./made-set.ts";
import { specOf } from "./packages.ts";
import { pinnedPackages } from "./pinned.ts";
import { shapeClasses, textureClasses } from "./procedures.ts";

/** Packages of a scope by their names, apart by blanks. */
function scoped(scope: string, names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => `${scope}/${name}`);
}

/** The package whose icons are for testing: no training set takes it. */
const TEST_ICONS = scoped("@iconify-json", "ph");

export const MADE_SETS = {
  "glyphs-train": {
    about: "letters of eleven scripts, by many fonts: a class is a code point",
    role: "train",
    perClass: 50,
    packages: fontPackages(TRAIN_SCRIPTS),
    classes: (packages) => glyphClasses(TRAIN_SCRIPTS, packages, { least: 4, mostOfOne: 4, most: 50 }),
  },
  "glyphs-test": {
    about: "letters of Khmer, which no training set has",
    role: "test",
    perClass: 40,
    packages: fontPackages(TEST_SCRIPTS),
    classes: (packages) => glyphClasses(TEST_SCRIPTS, packages, { least: 6, mostOfOne: 3, most: 40 }),
  },
  "icons-train": {
    about: "icons: a class is a concept that many sets of icons draw",
    role: "train",
    perClass: 60,
    packages: scoped(
      "@iconify-json",
      `tabler mdi ic bi ri solar carbon fluent ant-design ion mingcute fa6-solid fa6-regular heroicons octicon iconoir uil
      bx bxs icon-park-outline icon-park-solid icon-park-twotone majesticons basil mage tdesign hugeicons iconamoon la eva akar-icons ci
      clarity ep f7 zondicons game-icons pixelarticons flat-color-icons vaadin lucide`,
    ),
    classes: (packages) => iconClasses(TRAIN_CONCEPTS, packages, { least: 10, mostOfOne: 3, most: 60 }),
  },
  "icons-test": {
    about: "icons of one set that is in no training set, of concepts that are in none",
    role: "test",
    perClass: 40,
    packages: TEST_ICONS,
    classes: (packages) => iconClasses(TEST_CONCEPTS, packages, { least: 2, mostOfOne: 6, most: 6 }),
  },
  emoji: {
    about: "emoji: a class is a code point, drawn by several vendors",
    role: "train",
    perClass: 40,
    packages: scoped(
      "@iconify-json",
      "noto twemoji fluent-emoji-flat emojione fxemoji noto-v1 fluent-emoji streamline-emojis emojione-monotone fluent-emoji-high-contrast",
    ),
    classes: (packages) => emojiClasses(EMOJI, packages, { least: 5, most: 12 }),
  },
  textures: {
    about: "textures: a class is a procedure with its settings, such as bricks or wood grain",
    role: "train",
    perClass: 100,
    packages: [],
    classes: async () => textureClasses(),
  },
  shapes: {
    about: "shapes and small compositions of them, turned, mirrored, stretched and partly covered",
    role: "train",
    perClass: 100,
    packages: [],
    classes: async () => shapeClasses(),
  },
} as const satisfies Record<string, MadeSet>;

type MadeSetName = keyof typeof MADE_SETS;

/** The packages of a set as npm is asked for them. @throws UserError for an unknown name */
export function packagesOf(name: string): string[] {
  return pinnedPackages(madeSet(name).packages).map(specOf);
}

/** A row of the table. @throws UserError for an unknown name */
export function madeSet(name: string): MadeSet {
  requireKnown("made set", name, Object.keys(MADE_SETS));
  return MADE_SETS[name as MadeSetName];
}
