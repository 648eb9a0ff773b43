// A meta-training run small enough to be killed many times: pictures on disk, a config, and the built command line as a
// process that can be watched and stopped.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Exit, type Running, start as startProgram } from "../built-program.ts";
import { writePictures } from "../pictures.ts";

const PER_CLASS = 8;

/** Writes an image folder, a split and `config.yaml` to `folder`. */
export async function writeTinyTraining(folder: string): Promise<void> {
  const classes = Array.from({ length: 6 }, (_, c) => [`class-${c}`, [40 * c, 200 - 30 * c, 90] as const] as const);
  await writePictures(join(folder, "pictures"), Object.fromEntries(classes), PER_CLASS);
  writeFileSync(join(folder, "split.json"), JSON.stringify({ val: ["class-3", "class-4", "class-5"] }));
  writeFileSync(
    join(folder, "config.yaml"),
    `name: tiny
seed: 3
data: { dataset: pictures, split: split.json, side: 16 }
target: { arch: convnet-3, width: 8 }
pudnet: { hiddenSize: 16, generatorWidth: 2 }
group: { ways: 3, shots: 2, queries: 2, extra: 1 }
steps: 240
optimizer: { warmUp: 20 }
validation: { every: 80, groups: 2, generation: 4, test: 2 }
logEvery: 5
checkpointSeconds: 0.01
threads: 1
`,
  );
}

/** Writes `mixture.yaml`: the pictures as two sources, a third for validation, groups of three shapes. */
export async function writeTinyMixture(folder: string): Promise<void> {
  await writeTinyTraining(folder);
  const colours = { circle: [200, 30, 60], square: [30, 60, 200], cross: [90, 180, 20] } as const;
  await writePictures(join(folder, "data", "shapes-3"), colours, PER_CLASS);
  await writePictures(join(folder, "data", "tones-3"), colours, PER_CLASS);
  writeFileSync(
    join(folder, "mixture.yaml"),
    readFileSync(join(folder, "config.yaml"), "utf8")
      .replace(/^data: .*$/m, MIXTURE)
      .replace(/^group: .*$/m, SHAPES),
  );
}

const MIXTURE = `data:
  side: 16
  sources:
    - { dataset: pictures, split: split.json }
    - { dataset: shapes-3 }
    - { dataset: tones-3, role: validation }`;
const SHAPES = `group:
  shapes:
    - { ways: 3, shots: 2, queries: 2, extra: 1 }
    - { ways: 2, shots: 3, queries: 1, extra: 0 }
    - { ways: 2, shots: 1, queries: 2, extra: 2 }`;

/** Starts `pudnet ARGS` in `folder`, with the cache of decoded pictures in there. */
export function start(folder: string, ...args: string[]): Running {
  return startProgram(args, { cwd: folder, env: { PUDNET_CACHE: join(folder, "cache") } });
}

/** Runs `pudnet ARGS` in `folder` to its end. */
export function run(folder: string, ...args: string[]): Promise<Exit> {
  return start(folder, ...args).ended;
}
