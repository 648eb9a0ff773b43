// A meta-training run small enough to be killed many times: pictures on disk, a config, and the built command line as a
// process that can be watched and stopped.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { fold, key, uniform } from "../../src/tensor/random.ts";

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");
const SIDE = 16;
const CLASSES = 6;
const PER_CLASS = 8;

/** Writes an image folder, a split and a config to `folder`; returns the path of the config. */
export async function writeTinyTraining(folder: string): Promise<string> {
  const pictures = join(folder, "pictures");
  for (let c = 0; c < CLASSES; c++) {
    mkdirSync(join(pictures, `class-${c}`), { recursive: true });
    for (let i = 0; i < PER_CLASS; i++) {
      const noise = uniform(fold(fold(key(1), c), i), 3 * SIDE * SIDE, 0, 120);
      const pixels = Uint8Array.from(noise, (value, j) => value + 25 * ((j % 3) + c) * (j % (c + 2) === 0 ? 1 : 0));
      const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(pictures, `class-${c}`, `${i}.png`));
    }
  }
  writeFileSync(join(folder, "split.json"), JSON.stringify({ val: ["class-3", "class-4", "class-5"] }));
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `name: tiny
seed: 3
data: { dataset: pictures, split: split.json, side: ${SIDE} }
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
  return config;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly stop: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
  /** Resolves once `count` rows of the table are printed, or when the process ends. */
  readonly rows: (count: number) => Promise<void>;
}

/** Starts `pudnet ARGS` in `folder`. */
export function start(folder: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<Ended>((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const rows = (count: number): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if ((stdout.match(/^\| +\d+ \|/gm)?.length ?? 0) >= count) done();
      };
      child.stdout.on("data", look);
      child.on("close", () => done());
      look();
    });
  return { stop: (signal) => void child.kill(signal), ended, rows };
}

/** Runs `pudnet ARGS` in `folder` to its end. */
export function run(folder: string, ...args: string[]): Promise<Ended> {
  return start(folder, ...args).ended;
}
