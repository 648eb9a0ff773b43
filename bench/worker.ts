// A process of ours under test. It speaks the peers' protocol (peers/protocol.py): it warms up, says that it is ready,
// then makes one call for each line on stdin and prints its times. "build", "floor" and "memory" do their work once and exit.
//
//   worker.js train-step|meta-step|build-train-step|build-meta-step ARCH DEVICE THREADS
//   worker.js groups ARCH DEVICE THREADS GROUPS-A-THREAD LOCAL-STEPS
//   worker.js predict ARCH DEVICE THREADS STEM
//   worker.js floor ARCH DEVICE THREADS STEM
//   worker.js memory ARCH DEVICE THREADS IMAGES

import { createInterface } from "node:readline";
import type { ArchName, Stem } from "../src/models/architectures.ts";
import type { Device } from "../src/tensor/runtime.ts";
import { peakMegabytes } from "../test/peak-memory.ts";
import { closedFormFloor, predictWork } from "./prediction.ts";
import { buildOnce, groupsWork, predictStream, stepWork, type Work } from "./work.ts";

const say = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);

async function serve(work: Work): Promise<void> {
  for (let done = 0; done < 3; done += work.steps) await work.call();
  say({ ready: true, steps: work.steps });
  for await (const _ of createInterface({ input: process.stdin })) say(await work.call());
  await work.release();
}

const [task = "", arch, device, threads, argument, another] = process.argv.slice(2);
const [name, options] = [arch as ArchName, { device: device as Device, threads: Number(threads) }];
if (task === "train-step" || task === "meta-step") await serve(await stepWork(task, name, options));
else if (task === "groups") await serve(await groupsWork(name, Number(argument), Number(another), options));
else if (task === "build-train-step") say(await buildOnce("train-step", name, options));
else if (task === "build-meta-step") say(await buildOnce("meta-step", name, options));
else if (task === "predict") await serve(await predictWork(name, argument as Stem, options));
else if (task === "floor") say({ floor_ms: await closedFormFloor(name, argument as Stem, options) });
else if (task === "memory") {
  await predictStream(name, Number(argument), options);
  say({ peakMegabytes: peakMegabytes() });
} else throw new Error(`no work "${task}"`);
process.exit(); // sessions keep their threads alive
