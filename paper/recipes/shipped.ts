// The networks in checkpoints/: each is the state of a training that was best in validation, or its last one, where the tables judge last states.

import { invariant } from "pudnet/engine";
import type { CheckpointFile, TargetRecipe } from "pudnet/evaluation";
import type { SourceName } from "./datasets.ts";

export interface ShippedFile extends CheckpointFile {
  readonly file: string;
  /** What it was trained on; absent: several data sets, which the config names. */
  readonly source?: SourceName;
  readonly target: TargetRecipe;
  /** Height and width of its images. */
  readonly side: number;
  /** What trained it, with seed 0. */
  readonly config: string;
  /** The steps after which the state was kept, of all that it was trained for: of a hypernetwork groups. */
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
    side: 28,
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
    side: 32,
    config: "configs/cifar-100-convnet-3.yaml",
    steps: 18_000,
    of: 24_000,
  },
} as const satisfies Partial<Record<SourceName, ShippedFile>>;

export type ShippedName = keyof typeof SHIPPED;

const NOT_MADE = "0".repeat(60);

/** The networks for anyone's pictures. One whose file is not made yet has a SHA-256 that no file has: it ends in NOT_MADE. */
export const GENERAL = {
  base: {
    method: "file",
    sha256: "31152aa5b10d117d659e817f5e548083c23fb0f2db31d7a8d56d31ef7aa59aee",
    file: "checkpoints/base-resnet-8.safetensors",
    target: { arch: "resnet-8", width: 48, stem: "3x3+pool", readout: "stages" },
    side: 48,
    config: "configs/base-resnet-8.yaml",
    steps: 26_000,
    of: 26_000,
  },
  tiny: {
    method: "file",
    sha256: "db5da8bc57bf3c15ad8774cd9289e9a7b776384bd4adb2af9d0a5ed2a02863d9",
    file: "checkpoints/tiny-resnet-8.safetensors",
    target: { arch: "resnet-8", width: 16, stem: "3x3", readout: "stages" },
    side: 32,
    config: "configs/tiny-resnet-8.yaml",
    steps: 24_000,
    of: 24_000,
  },
} as const satisfies Readonly<Record<string, ShippedFile>>;

/** Whether a file that a recipe names is made. */
export function isMade({ sha256 }: CheckpointFile): boolean {
  return !sha256.endsWith(NOT_MADE);
}

/** What is known of a file that a recipe names. */
export function shippedFile({ sha256 }: CheckpointFile): ShippedFile {
  const all: readonly ShippedFile[] = [...Object.values(SHIPPED), ...Object.values(GENERAL)];
  const found = all.find((one) => one.sha256 === sha256);
  invariant(found !== undefined, () => `no shipped file has the SHA-256 ${sha256}`);
  return found;
}
