// The inputs that all places of a soak test share, small enough that a command on them takes a second.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { savePudNet } from "../../src/node/checkpoints/pudnet.ts";
import { writeTinyTraining } from "../e2e/tiny-training.ts";
import { writeFashionStandIn } from "../fashion-stand-in.ts";
import { PETS, writePictures } from "../pictures.ts";
import { tinyPudNet } from "../tiny-pudnet.ts";
import type { Ground } from "./scenario.ts";

/** Names in a ground's folder. */
export const MODEL = "model.safetensors";
export const PET_PICTURES = "pets";
/** Of the same classes in other colours: what a classifier is made of that is replaced later. */
export const OLD_PICTURES = "old-pets";
export const MANY_PICTURES = "many-pets";
export const STAND_INS = "data";
/** Of the pictures that are trained on. */
export const TEST_SPLIT = "test-split.json";

/** Writes the inputs to a folder of their own. */
export async function layGround(folder: string): Promise<Ground> {
  await mkdir(folder, { recursive: true });
  await writeTinyTraining(folder);
  await writeFile(join(folder, TEST_SPLIT), JSON.stringify({ test: ["class-3", "class-4", "class-5"] }));
  await savePudNet(join(folder, MODEL), tinyPudNet({ side: 16, width: 4 }));
  await writePictures(join(folder, PET_PICTURES), PETS, 8);
  await writePictures(join(folder, OLD_PICTURES), { cat: PETS.dog, dog: [40, 60, 200] }, 8);
  await writePictures(join(folder, MANY_PICTURES), PETS, 100);
  writeFashionStandIn(join(folder, STAND_INS), { train: 300, test: 140 });
  return { folder };
}
