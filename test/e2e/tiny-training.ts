// A meta-training run small enough to be killed many times: pictures on disk, a config, and the built command line as a
// process that can be watched and stopped.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAIN, writePictures } from "./pudnet.ts";

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

/** Starts `pudnet ARGS` in `folder`, with the cache of decoded pictures in there. */
export function start(folder: string, ...args: string[]): Running {
  const env = { ...process.env, PUDNET_CACHE: join(folder, "cache") };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
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
