// The same beginning for both sides: first parameters, batches of pictures, and the file that hands them to a peer.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "../src/formats/safetensors.ts";
import { layerSpecs } from "../src/models/architectures.ts";
import { gatherImages } from "../src/data/dataset.ts";
import { readImageFolder } from "../src/node/datasets/image-folder.ts";
import { key, sample } from "../src/tensor/random.ts";
import { compileTrainer } from "../src/tensor/trainer.ts";
import { type HostTensor, hostTensor } from "../src/tensor/tree.ts";
import {
  initSupervisedState,
  supervisedBatchSpec,
  type SupervisedProblem,
  type SupervisedState,
  supervisedStep,
} from "../src/train/supervised-step.ts";
import { BATCH, oneHot } from "./problems.ts";
import type { Settings } from "./settings.ts";

/** Our loss in each of so many steps, and what `work` makes of the file with the same beginning, which is then removed. */
export async function fromSameStart<T>(
  problem: SupervisedProblem,
  steps: number,
  settings: Settings,
  work: (file: string, ours: readonly number[]) => Promise<T>,
): Promise<{ readonly ours: readonly number[]; readonly peers: T }> {
  const state = initSupervisedState(key(0), problem);
  const batches = await pictureBatches(problem, steps);
  const ours = await ourLosses(problem, state, batches, settings);
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-"));
  try {
    const file = join(folder, "start.safetensors");
    await writeFile(file, writeSafetensors(startTensors(problem, state, batches)));
    return { ours, peers: await work(file, ours) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Batch {
  /** uint8 [BATCH, 3, side, side] */
  readonly images: HostTensor;
  readonly labels: readonly number[];
}

/** The pictures of the sample in an order drawn by key, over and over. */
async function pictureBatches({ arch }: SupervisedProblem, count: number): Promise<Batch[]> {
  const { dataset } = await readImageFolder(join("samples", "fashion-unseen"), { side: arch.side, cache: false });
  const order = sample(key(0), Array.from(dataset.labels.keys()));
  return Array.from({ length: count }, (_, step) => {
    const positions = Array.from({ length: BATCH }, (__, i) => order[(step * BATCH + i) % order.length]!);
    const data = gatherImages(dataset, positions);
    return {
      images: { shape: [BATCH, 3, arch.side, arch.side], data },
      labels: positions.map((at) => dataset.labels[at]!),
    };
  });
}

async function ourLosses(
  problem: SupervisedProblem,
  state: SupervisedState<HostTensor>,
  batches: readonly Batch[],
  { device, threads }: Settings,
): Promise<number[]> {
  const spec = supervisedBatchSpec(problem, BATCH);
  const trainer = await compileTrainer(supervisedStep(problem), state, spec, { device, threads });
  const feeds = batches.map(({ images, labels }) => ({ images, labels: oneHot(labels, problem.classes) }));
  const losses: number[] = [];
  for (let step = 0; step < feeds.length; step += trainer.stepsPerCall) {
    const metrics = await trainer.run(feeds.slice(step, step + trainer.stepsPerCall));
    losses.push(...metrics.map(({ loss }) => loss!));
  }
  await trainer.release();
  return losses;
}

/** What --start of the peers reads; pixels are normalised here, since peers take floats. */
function startTensors(
  { arch, normalization }: SupervisedProblem,
  { params }: SupervisedState<HostTensor>,
  batches: readonly Batch[],
): Map<string, HostTensor> {
  const plane = arch.side ** 2;
  const images = hostTensor([batches.length * BATCH, 3, arch.side, arch.side]);
  const labels = batches.flatMap((batch) => batch.labels);
  batches.forEach(({ images: { data } }, b) => {
    for (let i = 0; i < data.length; i++) {
      const colour = Math.floor(i / plane) % 3;
      const normal = (Number(data[i]) / 255 - normalization.mean[colour]!) / normalization.deviation[colour]!;
      images.data[b * data.length + i] = normal;
    }
  });
  const tensors = new Map<string, HostTensor>([
    ["images", images],
    ["labels", { shape: [labels.length], data: BigInt64Array.from(labels, BigInt) }],
    ["head.weight", params.head.weight],
    ["head.bias", params.head.bias],
  ]);
  layerSpecs(arch).forEach(({ name, norm }, i) => {
    tensors.set(`kernels.${i}`, params.weights.kernels[name]!);
    tensors.set(`norms.${i}.weight`, params.weights.norms[norm]!.weight);
    tensors.set(`norms.${i}.bias`, params.weights.norms[norm]!.bias);
  });
  return tensors;
}
