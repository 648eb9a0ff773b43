// The sizes of the benchmarks' problems: those of the PyTorch peers (peers/*.py).

import { type Arch, architecture, type ArchName, type Stem } from "../src/models/architectures.ts";
import { pudnetSchema } from "../src/hypernet/config.ts";
import { fold, key, stream } from "../src/tensor/random.ts";
import { type HostTensor, hostTensor } from "../src/tensor/tree.ts";
import { ADAM } from "../src/train/optimizer.ts";
import type { MetaProblem } from "../src/train/meta-step.ts";
import { type PudNetModel, randomModel } from "../src/predict/model.ts";
import type { SupervisedProblem } from "../src/train/supervised-step.ts";

export const BATCH = 100;
export const PREDICTED_IMAGES = 2_500;
export const WAYS = 5;
const CLASSES = 10;
const TRAIN_CLASSES = 80;
const SIDE = 32;

const normalization = { mean: [0.5, 0.5, 0.5], deviation: [0.29, 0.29, 0.29] } as const; // of uniform noise

/** ConvNet-3 at 28 px, as in Fashion-MNIST; ResNet-18 with ImageNet's stem at 32 px. */
function trainedArch(name: ArchName): Arch {
  return name === "convnet-3" ? architecture(name, 28) : architecture(name, SIDE, { stem: "7x7+pool" });
}

export function trainProblem(name: ArchName): SupervisedProblem {
  return { arch: trainedArch(name), normalization, classes: CLASSES, optimizer: ADAM, steps: 1 };
}

export function metaProblem(name: ArchName): MetaProblem {
  return {
    pudnet: pudnetSchema.parse({}),
    arch: architecture(name, SIDE, name === "convnet-3" ? {} : { stem: "7x7+pool" }),
    group: { ways: WAYS, shots: 10, queries: 15, extra: 10 },
    trainClasses: TRAIN_CLASSES,
    normalization,
    optimizer: { learningRate: 1e-3, warmUp: 0, clip: 10 },
  };
}

/** What predicts. */
export function predictedModel(name: ArchName, stem: Stem): PudNetModel {
  return randomModel(architecture(name, SIDE, { stem }), normalization, TRAIN_CLASSES);
}

/** Uniform noise, uint8. */
export function noise(shape: readonly number[], seed = 0): HostTensor & { readonly data: Uint8Array } {
  const next = stream(fold(key(seed), "noise"));
  const data = new Uint8Array(shape.reduce((a, b) => a * b));
  for (let i = 0; i < data.length; i++) data[i] = 256 * next();
  return { shape, data };
}

/** Row i is 1 at column labels[i]: [labels.length, columns]. */
export function oneHot(labels: readonly number[], columns: number): HostTensor {
  const rows = hostTensor([labels.length, columns]);
  labels.forEach((label, i) => (rows.data[i * columns + label] = 1));
  return rows;
}
