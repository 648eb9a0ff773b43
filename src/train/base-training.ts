// The base network: a target network trained by cross entropy on all classes of several domains. It is what a prediction
// falls back to, and what a hypernetwork changes. A batch has images of one domain, told from the classes of that domain alone: batch norm
// sees in training what it is fitted to in the end.

import { turnedImages } from "../data/rotations.ts";
import { type Variation, varyImage } from "../data/variation.ts";
import type { Arch } from "../models/architectures.ts";
import { fold, key, type Key, stream } from "../tensor/random.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import type { BaseNetwork } from "./base-network.ts";
import { type BaseState, baseStep, initBaseState } from "./base-step.ts";
import type { Teacher } from "./distillation.ts";
import { compiledSteps, type TrainingProblem } from "./loop.ts";
import { type OptimizerRecipe, smallerRate } from "./optimizer.ts";
import { type SupervisedBatch, supervisedBatchSpec, type SupervisedProblem } from "./supervised-step.ts";
import type { TrainingData } from "./training-data.ts";

export interface BaseOptions {
  readonly steps: number;
  /** Images a step. */
  readonly batch: number;
  readonly optimizer: OptimizerRecipe;
  readonly variation: Omit<Variation, "mirror">;
  /** Names of the domains whose mirror images are as natural as the images. */
  readonly mirrored: readonly string[];
  /** Names of the domains whose classes, turned by a quarter, a half and three quarters, are further classes. */
  readonly turned: readonly string[];
  /** What a step leaves of the running mean of the weights (0.999: a mean over some thousand steps). */
  readonly averaging: number;
  readonly seed: number;
  readonly logEvery: number;
  /** Of the same classes: whose answers are learned, too. */
  readonly teacher?: Teacher | undefined;
  /** Of the same classes: what the training starts from; else random weights. */
  readonly start?: BaseNetwork<HostTensor> | undefined;
}

/** Training of a network on all domains of `data`. */
export function baseTraining(
  data: TrainingData,
  arch: Arch,
  options: BaseOptions,
  validation?: TrainingProblem<BaseState, SupervisedBatch>["validation"],
): TrainingProblem<BaseState, SupervisedBatch> {
  const { steps, batch, optimizer, averaging, seed, logEvery, teacher, start } = options;
  const domains = domainsOf(data, options);
  const problem: SupervisedProblem = {
    arch,
    normalization: data.normalization,
    classes: domains.reduce((sum, { labels }) => sum + labels, 0),
    domains: domains.flatMap(({ labels }, d) => Array<number>(labels).fill(d)),
    optimizer,
    steps,
    ...(teacher ? { teacher } : {}),
  };
  return {
    steps,
    logEvery,
    first: initBaseState(fold(key(seed), "init"), problem, start),
    ...compiledSteps(baseStep(problem, averaging), supervisedBatchSpec(problem, batch)),
    batch: (step) => domainBatch(data, domains, problem, options, fold(fold(key(seed), "batch"), step)),
    ...(validation ? { validation } : {}),
    remedy: smallerRate(optimizer.learningRate),
  };
}

/** Names of the classes that the head tells apart, in its order: of each domain its classes, then its turned ones. */
export function baseClasses({ dataset, domains }: TrainingData, { turned }: Pick<BaseOptions, "turned">): string[] {
  return domains.flatMap(({ name, train }) => {
    const names = train.classes.map((c) => dataset.classes[c]!);
    const copies = turned.includes(name) ? Array.from({ length: TURNS }, (_, i) => 90 * (i + 1)) : [];
    return [...names, ...copies.flatMap((degrees) => names.map((one) => `${one} turned ${degrees}°`))];
  });
}

/** A domain as batches are drawn from it. */
interface DomainImages {
  readonly weight: number;
  readonly images: readonly { readonly position: number; readonly way: number }[];
  readonly ways: number;
  /** Its first label; those of its turned classes follow the upright ones. */
  readonly first: number;
  /** How many it has: as many as ways, or four times as many. */
  readonly labels: number;
  readonly isMirrored: boolean;
  readonly isTurned: boolean;
}

const TURNS = 3;

function domainsOf({ domains }: TrainingData, { mirrored, turned }: BaseOptions): DomainImages[] {
  let next = 0;
  return domains
    .filter(({ weight }) => weight > 0)
    .map(({ name, weight, train: { positions, classes } }) => {
      const images = classes.flatMap((c, way) => positions[c]!.map((position) => ({ position, way })));
      const isTurned = turned.includes(name);
      const labels = classes.length * (isTurned ? 1 + TURNS : 1);
      const first = (next += labels) - labels;
      return { weight, images, ways: classes.length, first, labels, isMirrored: mirrored.includes(name), isTurned };
    });
}

/** Images of one domain, drawn by its weight, as they might have been taken; every second one turned where there are turned classes. */
function domainBatch(
  { dataset }: TrainingData,
  domains: readonly DomainImages[],
  problem: SupervisedProblem,
  { batch, variation }: BaseOptions,
  source: Key,
): SupervisedBatch<HostTensor> {
  const spec = supervisedBatchSpec(problem, batch);
  const stride = 3 * dataset.side ** 2;
  const data = new Uint8Array(batch * stride);
  const rows = hostTensor(spec.labels.shape);
  const next = stream(fold(source, "images"));
  const { images, ways, first, isMirrored, isTurned } = drawDomain(domains, next());
  for (let i = 0; i < batch; i++) {
    const { position, way } = images[Math.floor(next() * images.length)]!;
    const turns = isTurned && next() < 0.5 ? 1 + Math.floor(next() * TURNS) : 0;
    const image = dataset.images.subarray(position * stride, (position + 1) * stride);
    const seen = turns === 0 ? image : turnedImages(image, dataset.side, turns);
    const into = data.subarray(i * stride, (i + 1) * stride);
    varyImage(seen, dataset.side, { ...variation, mirror: isMirrored }, fold(source, i), into);
    rows.data[i * problem.classes + first + turns * ways + way] = 1;
  }
  return { images: { shape: spec.images.shape, data }, labels: rows };
}

/** The domain at a uniform number in [0, 1): weights sum to 1. */
function drawDomain(domains: readonly DomainImages[], u: number): DomainImages {
  let sum = 0;
  return domains.find(({ weight }) => u < (sum += weight)) ?? domains.at(-1)!;
}
