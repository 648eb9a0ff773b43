// A process of ours under test. It speaks the peers' protocol (peers/protocol.py): it warms up, says that it is ready,
// then makes one call for each line on stdin and prints its times. "build" and "memory" do their work once and exit.
//
//   worker.js train-step|meta-step|build-train-step|build-meta-step ARCH THREADS
//   worker.js predict ARCH THREADS STEM
//   worker.js memory ARCH THREADS IMAGES

import { createInterface } from "node:readline";
import type { ArchName, Stem } from "../src/models/architectures.ts";
import { buildOnce, predictStream, predictWork, stepWork, type Work } from "./work.ts";

const say = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);

async function serve(work: Work): Promise<void> {
  for (let done = 0; done < 3; done += work.steps) await work.call();
  say({ ready: true, steps: work.steps });
  for await (const _ of createInterface({ input: process.stdin })) say(await work.call());
}

const [task = "", arch, threadCount, argument] = process.argv.slice(2) as [string?, ArchName?, string?, string?];
const [name, threads] = [arch!, Number(threadCount)];
if (task === "train-step" || task === "meta-step") await serve(await stepWork(task, name, threads));
else if (task === "build-train-step") say(await buildOnce("train-step", name, threads));
else if (task === "build-meta-step") say(await buildOnce("meta-step", name, threads));
else if (task === "predict") await serve(await predictWork(name, argument as Stem, threads));
else if (task === "memory") {
  await predictStream(name, Number(argument), threads);
  say({ peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 });
} else throw new Error(`no work "${task}"`);
process.exit(); // sessions keep their threads alive
