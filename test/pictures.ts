// Small pictures on disk, a folder a class.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { fold, key, uniform } from "../src/tensor/random.ts";

export type Colour = readonly [number, number, number];

export const PETS = { cat: [220, 60, 40], dog: [40, 200, 60] } as const;

/** Writes `perClass` small noisy pictures of one colour a class. */
export async function writePictures(
  folder: string,
  classes: Readonly<Record<string, Colour>>,
  perClass: number,
): Promise<void> {
  for (const [name, colour] of Object.entries(classes)) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const noise = uniform(fold(fold(key(1), name), i), 12 * 12 * 3, -30, 30);
      const pixels = Uint8Array.from(noise, (value, j) => Math.min(255, Math.max(0, colour[j % 3]! + value)));
      const png = await sharp(pixels, { raw: { width: 12, height: 12, channels: 3 } })
        .png()
        .toBuffer();
      await writeFile(join(folder, name, `${i}.png`), png);
    }
  }
}
