// The hypernetworks in checkpoints/: each is the state of a training that was best in validation, where the tables judge last states.

import { invariant } from "pudnet/engine";
import type { CheckpointFile, TargetRecipe } from "pudnet/evaluation";
import type { SourceName } from "./datasets.ts";

export interface ShippedFile extends CheckpointFile {
  readonly file: string;
  /** What it was trained on. */
  readonly source: SourceName;
  readonly target: TargetRecipe;
  /** What trained it, with seed 0. */
  readonly config: string;
  /** The groups after which the state was kept, of all that it was trained on. */
  readonly steps: number;
  readonly of: number;
}

export const SHIPPED = {
  "fashion-set": {
    method: "file",
    sha256: "0300833dd15c2b5e9ed2d0201ffe5b687f628a16518076f45adf9346aee7e49d",
    file: "checkpoints/fashion-convnet-3.safetensors",
    source: "fashion-set",
    target: { arch: "convnet-3", width: 64, stem: "3x3" },
    config: "configs/fashion-convnet-3-turned.yaml",
    steps: 4000,
    of: 5000,
  },
  "cifar-100-set": {
    method: "file",
    sha256: "a0b161db3310fffe41ecb55ffa95dacf33d42f9c1d247e3af4639dc69f377f03",
    file: "checkpoints/cifar-100-convnet-3.safetensors",
    source: "cifar-100-set",
    target: { arch: "convnet-3", width: 64, stem: "3x3" },
    config: "configs/cifar-100-convnet-3.yaml",
    steps: 18_000,
    of: 24_000,
  },
} as const satisfies Partial<Record<SourceName, ShippedFile>>;

export type ShippedName = keyof typeof SHIPPED;

/** What is known of a file that a recipe names. */
export function shippedFile({ sha256 }: CheckpointFile): ShippedFile {
  const found = Object.values<ShippedFile>(SHIPPED).find((one) => one.sha256 === sha256);
  invariant(found !== undefined, () => `no shipped file has the SHA-256 ${sha256}`);
  return found;
}
