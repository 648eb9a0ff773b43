// Do both sides compute the same? The loss after 20 training steps from the same weights on the same batches, a new one a
// step: on one batch again and again the loss would come near zero, where the peer's layouts differ among themselves too.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "../src/formats/safetensors.ts";
import { layerSpecs } from "../src/models/architectures.ts";
import { key } from "../src/tensor/random.ts";
import { compileTrainer } from "../src/tensor/trainer.ts";
import { type HostTensor, hostTensor } from "../src/tensor/tree.ts";
import {
  initScratchState,
  scratchBatchSpec,
  type ScratchProblem,
  type ScratchState,
  scratchStep,
} from "../src/train/scratch-step.ts";
import type { AgreeCase } from "./cases.ts";
import { LAYOUTS, type Peers, startPeer } from "./children.ts";
import { BATCH, noise, oneHot, trainProblem } from "./problems.ts";
import { type Row, row } from "./rows.ts";
import type { Settings } from "./settings.ts";

/** The loss is that of the step after these. */
const STEPS = 20;

export async function measureAgreement(
  name: string,
  { arch, target }: AgreeCase,
  { threads, peers, onProgress }: Settings,
): Promise<Row[]> {
  const base = { name, n: 1, target: `${target} relative`, unit: "relative" };
  if ("missing" in peers) return [row({ ...base, n: 0, note: `no peer: ${peers.missing}` })];
  onProgress(`${name}: ${STEPS} steps on both sides`);
  const problem = trainProblem(arch);
  const state = initScratchState(key(0), problem);
  const batches = Array.from({ length: STEPS + 1 }, (_, i) => labelledNoise(problem, i));
  const ours = await ourLoss(problem, state, batches, threads);
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-"));
  try {
    const file = join(folder, "start.safetensors");
    await writeFile(file, writeSafetensors(startTensors(problem, state, batches)));
    const losses: number[] = [];
    for (const layout of LAYOUTS) losses.push(await peerLoss(peers, file, arch, layout, threads));
    const value = Number(Math.abs(ours / losses[0]! - 1).toPrecision(2)); // to the peer's default layout
    const others = LAYOUTS.map((layout, i) => `${layout} ${losses[i]!.toPrecision(6)}`).join(", ");
    const note = `loss after ${STEPS} steps: ours ${ours.toPrecision(6)}; PyTorch ${others}`;
    return [row({ ...base, value, met: value < target, note })];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Batch {
  /** uint8 [BATCH, 3, side, side] */
  readonly images: HostTensor;
  readonly labels: readonly number[];
}

/** Noise, the brighter the higher the label, so that there is something to learn. */
function labelledNoise(problem: ScratchProblem, seed: number): Batch {
  const images = noise(scratchBatchSpec(problem, BATCH).images.shape, seed);
  const labels = Array.from({ length: BATCH }, (_, i) => i % problem.classes);
  const pixels = images.data.length / BATCH;
  images.data.forEach((value, i) => (images.data[i] = 0.9 * value + 2 * labels[Math.floor(i / pixels)]!));
  return { images, labels };
}

async function ourLoss(
  problem: ScratchProblem,
  state: ScratchState<HostTensor>,
  batches: readonly Batch[],
  threads: number,
): Promise<number> {
  const spec = scratchBatchSpec(problem, BATCH);
  const trainer = await compileTrainer(scratchStep(problem) as never, state, spec, { threads });
  const feeds = batches.map(({ images, labels }) => ({ images, labels: oneHot(labels, problem.classes) }));
  let loss = Number.NaN;
  for (let step = 0; step < feeds.length; step += trainer.stepsPerCall) {
    const metrics = await trainer.run(feeds.slice(step, step + trainer.stepsPerCall));
    loss = metrics.at(-1)!["loss"]!;
  }
  await trainer.release();
  return loss;
}

async function peerLoss(peers: Peers, file: string, arch: string, layout: string, threads: number): Promise<number> {
  const run = ["--warm-up", 0, "--steps", STEPS + 1, "--json", "--losses", "--start", file];
  const child = startPeer(peers, "train_step.py", ["--arch", arch, "--layout", layout, "--threads", threads, ...run]);
  try {
    await child.next(); // ready
    let loss = Number.NaN;
    for (let step = 0; step <= STEPS; step++) loss = Number((await child.next())["loss"]);
    await child.close();
    return loss;
  } finally {
    child.kill();
  }
}

/** What peers/train_step.py --start reads; pixels are normalised here, since the peer takes floats. */
function startTensors(
  { arch, normalization }: ScratchProblem,
  { params }: ScratchState<HostTensor>,
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
