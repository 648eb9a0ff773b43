// Pictures as they might be dropped: JPEGs that a seed draws, blurred spots of the colours of a class.

import { access, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pMap from "p-map";
import sharp from "sharp";
import { fold, key, uniform } from "../../src/tensor/random.ts";

export interface PictureFiles {
  readonly classes: number;
  readonly perClass: number;
  readonly width: number;
  readonly height: number;
}

const SPOTS = { width: 12, height: 9 };

/** Paths, picture after picture, the classes in turn; they stay in the temporary folder for the next run. */
export async function madePictures({ classes, perClass, width, height }: PictureFiles): Promise<string[]> {
  const folder = join(tmpdir(), `pudnet-bench-page-${width}x${height}`);
  await mkdir(folder, { recursive: true });
  const all = Array.from({ length: classes * perClass }, (_, i) => ({ way: i % classes, i: Math.floor(i / classes) }));
  return await pMap(
    all,
    async ({ way, i }) => {
      const path = join(folder, `${way}-${i}.jpg`);
      if (await isThere(path)) return path;
      const raw = { ...SPOTS, channels: 3 } as const;
      await sharp(spots(way, i), { raw }).resize(width, height, { kernel: "cubic" }).jpeg({ quality: 85 }).toFile(path);
      return path;
    },
    { concurrency: 4 },
  );
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Noise around a pattern that its class has. */
function spots(way: number, i: number): Uint8Array {
  const size = SPOTS.width * SPOTS.height * 3;
  const ofClass = uniform(fold(key(1), way), size, 0, 150);
  const own = uniform(fold(fold(key(2), way), i), size, 0, 105);
  return Uint8Array.from(own, (value, at) => value + ofClass[at]!);
}
