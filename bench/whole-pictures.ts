// The pictures that whole commands are measured with: the repository's samples, and JPEGs that are made here, by seed, once.

import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pMap from "p-map";
import sharp from "sharp";
import { PACKAGE_ROOT } from "../src/node/package-root.ts";
import { fold, key, type Key, stream } from "../src/tensor/random.ts";

export type PictureSet = "samples" | "one" | "jpegs-2500" | "jpegs-5000" | "photos-24";

export interface Pictures {
  /** What is given to the command: folders, or files. */
  readonly paths: readonly string[];
  readonly count: number;
}

interface Recipe {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  readonly perClass: number;
}

const CLASSES = 5;
/** Two folders of 2,500: classes as sub-folders. */
const SMALL = ["jpegs-a", "jpegs-b"].map((name): Recipe => {
  return { name, width: 500, height: 375, classes: CLASSES, perClass: 500 };
});
/** What a telephone's camera makes: 12 million pixels. */
const PHOTOS: Recipe = { name: "photos", width: 4000, height: 3000, classes: 1, perClass: 24 };
const SAMPLES = join(PACKAGE_ROOT, "samples", "fashion-unseen");
const MADE_AT_ONCE = 4;

/** A set of pictures, made where it is not there yet. */
export async function picturesOf(set: PictureSet, onProgress: (text: string) => void): Promise<Pictures> {
  if (set === "samples") return { paths: [SAMPLES], count: 1000 };
  if (set === "one") return { paths: [join(SAMPLES, "bag", "0000.png")], count: 1 };
  const recipes = { "jpegs-2500": SMALL.slice(0, 1), "jpegs-5000": SMALL, "photos-24": [PHOTOS] }[set];
  const folder = join(tmpdir(), "pudnet-bench-pictures-1");
  for (const recipe of recipes) await make(recipe, join(folder, recipe.name), onProgress);
  return {
    paths: recipes.map(({ name }) => join(folder, name)),
    count: recipes.reduce((sum, { classes, perClass }) => sum + classes * perClass, 0),
  };
}

async function make(recipe: Recipe, folder: string, onProgress: (text: string) => void): Promise<void> {
  for (let way = 0; way < recipe.classes; way++) {
    const place = join(folder, `class-${way}`);
    await mkdir(place, { recursive: true });
    const all = Array.from({ length: recipe.perClass }, (_, i) => ({ path: join(place, `${i}.jpg`), i }));
    const missing = all.filter(({ path }) => !existsSync(path));
    if (missing.length === 0) continue;
    onProgress(`making ${missing.length} JPEGs in ${place}`);
    const own = fold(fold(key(0), recipe.name), way);
    const canvas = await noiseCanvas(recipe, way, own);
    const write = async ({ path, i }: (typeof all)[number]): Promise<void> => {
      await writeFile(`${path}.part`, await picture(canvas, recipe, fold(own, i)));
      await rename(`${path}.part`, path);
    };
    await pMap(missing, write, { concurrency: MADE_AT_ONCE });
  }
}

interface Canvas {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels a cell of noise and its share of the contrast: shapes, parts, texture, grain, as in photographs. */
const SCALES = [
  [256, 0.5],
  [64, 0.25],
  [16, 0.15],
  [2, 0.1],
] as const;
/** Pictures are cut out of a canvas larger by this on either side. */
const MARGIN = 1000;

/** Noise at several scales around a colour of the class. */
async function noiseCanvas(recipe: Recipe, way: number, own: Key): Promise<Canvas> {
  const [width, height] = [recipe.width + MARGIN, recipe.height + MARGIN];
  const pixels = new Uint8Array(3 * width * height);
  const hue = (2 * Math.PI * way) / recipe.classes;
  for (const [cell, share] of SCALES) {
    const [w, h] = [Math.ceil(width / cell), Math.ceil(height / cell)];
    const next = stream(fold(own, cell));
    const noise = new Uint8Array(3 * w * h);
    for (let i = 0; i < noise.length; i++) noise[i] = share * (200 * next() + 25 + 25 * Math.cos(hue + (i % 3) * 2.1));
    const enlarged = sharp(noise, { raw: { width: w, height: h, channels: 3 } });
    const layer = await enlarged.resize(width, height, { fit: "fill", kernel: "cubic" }).raw().toBuffer();
    for (let i = 0; i < layer.length; i++) pixels[i]! += layer[i]!;
  }
  return { pixels, width, height };
}

/** A part of a canvas. */
function picture({ pixels, ...size }: Canvas, { width, height }: Recipe, own: Key): Promise<Uint8Array> {
  const next = stream(own);
  const [left, top] = [Math.floor(MARGIN * next()), Math.floor(MARGIN * next())];
  return sharp(pixels, { raw: { ...size, channels: 3 } })
    .extract({ left, top, width, height })
    .jpeg({ quality: 90 })
    .toBuffer();
}
