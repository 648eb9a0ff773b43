// Do both sides compute the same? The loss after 20 training steps from the same weights on the same batches of pictures.
// At Adam's usual rate nobody can tell: a gradient near zero decides by its sign, and after 20 steps of ResNet-18 PyTorch's
// own layouts differ by a third. At 1e-5 the loss falls as well (2.3 to 0.9) and rounding stays rounding; both are reported.

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
import { ADAM } from "../src/train/optimizer.ts";
import type { AgreeCase } from "./cases.ts";
import { layouts, type Peers, startPeer } from "./children.ts";
import { BATCH, oneHot, trainProblem } from "./problems.ts";
import { type Row, row } from "./rows.ts";
import type { Settings } from "./settings.ts";

/** The loss is that of the step after these. */
const STEPS = 20;

/** The rate whose figure counts, and the one of the benchmarks, for the record. */
const RATES = [1e-5, 1e-3] as const;

export async function measureAgreement(name: string, { arch, target }: AgreeCase, settings: Settings): Promise<Row[]> {
  const base = { name, n: 1, target: `${target} relative`, unit: "relative" };
  if ("missing" in settings.peers) return [row({ ...base, n: 0, note: `no peer: ${settings.peers.missing}` })];
  const rows: Row[] = [];
  for (const rate of RATES) {
    const label = rate === RATES[0] ? name : `${name}-rate-${rate}`;
    settings.onProgress(`${label}: ${STEPS} steps on both sides`);
    const { ours, peers } = await losses(
      { ...trainProblem(arch), optimizer: { ...ADAM, learningRate: rate } },
      settings.peers,
      settings,
    );
    const toOurs = Math.max(...peers.map((loss) => Math.abs(ours / loss - 1)));
    const among = Math.max(...peers.flatMap((a) => peers.map((b) => Math.abs(a / b - 1))));
    const value = Number(toOurs.toPrecision(2)); // to the layout that is furthest away
    const all = layouts(settings.device)
      .map(([layout], i) => `${layout} ${peers[i]!.toPrecision(6)}`)
      .join(", ");
    const note = `Adam ${rate}: ours ${ours.toPrecision(6)}, PyTorch ${all}, which differ by up to ${among.toExponential(1)}`;
    const judged = rate === RATES[0] ? { met: value < target } : { target: "" };
    rows.push(row({ ...base, name: label, value, note, ...judged }));
  }
  return rows;
}

/** Our loss after the steps, and that of each layout of the peer. */
async function losses(problem: SupervisedProblem, peers: Peers, settings: Settings) {
  const state = initSupervisedState(key(0), problem);
  const batches = await pictureBatches(problem);
  const ours = await ourLoss(problem, state, batches, settings);
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-"));
  try {
    const file = join(folder, "start.safetensors");
    await writeFile(file, writeSafetensors(startTensors(problem, state, batches)));
    const found: number[] = [];
    for (const [, layout] of layouts(settings.device)) {
      found.push(await peerLoss(peers, file, problem, [...layout, "--threads", settings.threads]));
    }
    return { ours, peers: found };
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
async function pictureBatches({ arch }: SupervisedProblem): Promise<Batch[]> {
  const { dataset } = await readImageFolder(join("samples", "fashion-unseen"), { side: arch.side, cache: false });
  const order = sample(key(0), Array.from(dataset.labels.keys()));
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const positions = Array.from({ length: BATCH }, (__, i) => order[(step * BATCH + i) % order.length]!);
    const data = gatherImages(dataset, positions);
    return {
      images: { shape: [BATCH, 3, arch.side, arch.side], data },
      labels: positions.map((at) => dataset.labels[at]!),
    };
  });
}

async function ourLoss(
  problem: SupervisedProblem,
  state: SupervisedState<HostTensor>,
  batches: readonly Batch[],
  { device, threads }: Settings,
): Promise<number> {
  const spec = supervisedBatchSpec(problem, BATCH);
  const trainer = await compileTrainer(supervisedStep(problem), state, spec, { device, threads });
  const feeds = batches.map(({ images, labels }) => ({ images, labels: oneHot(labels, problem.classes) }));
  let loss = Number.NaN;
  for (let step = 0; step < feeds.length; step += trainer.stepsPerCall) {
    const metrics = await trainer.run(feeds.slice(step, step + trainer.stepsPerCall));
    loss = metrics.at(-1)!["loss"]!;
  }
  await trainer.release();
  return loss;
}

async function peerLoss(
  peers: Peers,
  file: string,
  { arch, optimizer: { learningRate } }: SupervisedProblem,
  how: readonly (string | number)[],
): Promise<number> {
  const run = ["--warm-up", 0, "--steps", STEPS + 1, "--json", "--losses", "--start", file, "--rate", learningRate];
  const args = ["--arch", arch.name, ...how, ...run];
  const child = startPeer(peers, "train_step.py", args);
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
