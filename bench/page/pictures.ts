// Pictures as they might be dropped: JPEGs that a seed draws, blurred spots of the colours of a class, in a folder a class.

import { access, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pMap from "p-map";
import sharp from "sharp";
import { fold, key, uniform } from "../../src/tensor/random.ts";

export interface PictureSet {
  readonly classes: number;
  readonly perClass: number;
  readonly width: number;
  readonly height: number;
}

const SPOTS = { width: 12, height: 9 };

/** The folder with a folder for each class; it stays among the temporary ones for the next run. */
export async function pictureFolder(set: PictureSet): Promise<string> {
  const { classes, perClass, width, height } = set;
  const folder = join(tmpdir(), `pudnet-bench-page-${classes}x${perClass}-${width}x${height}`);
  const ways = Array.from({ length: classes }, (_, way) => way);
  for (const way of ways) await mkdir(join(folder, `class-${way}`), { recursive: true });
  const all = ways.flatMap((way) => Array.from({ length: perClass }, (_, i) => ({ way, i })));
  await pMap(all, ({ way, i }) => draw(join(folder, `class-${way}`, `${i}.jpg`), way, i, set), { concurrency: 4 });
  return folder;
}

/** A picture that is in no folder. */
export async function onePicture(set: PictureSet): Promise<string> {
  const path = join(tmpdir(), `pudnet-bench-page-one-${set.width}x${set.height}.jpg`);
  await draw(path, 0, set.perClass, set);
  return path;
}

async function draw(path: string, way: number, i: number, { width, height }: PictureSet): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const raw = { ...SPOTS, channels: 3 } as const;
  await sharp(spots(way, i), { raw }).resize(width, height, { kernel: "cubic" }).jpeg({ quality: 85 }).toFile(path);
}

/** Noise around a pattern that its class has. */
function spots(way: number, i: number): Uint8Array {
  const size = SPOTS.width * SPOTS.height * 3;
  const ofClass = uniform(fold(key(1), way), size, 0, 150);
  const own = uniform(fold(fold(key(2), way), i), size, 0, 105);
  return Uint8Array.from(own, (value, at) => value + ofClass[at]!);
}
