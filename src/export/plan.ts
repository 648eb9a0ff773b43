// A classifier as a list of convolutions, a readout and a head: what every export but ONNX's floats is made of. Maps are stored
// rows first and channels last.

import type { Classifier } from "../classifier/classifier.ts";
import { unitRows } from "../heads/centroid-head.ts";
import type { ClassifierHead } from "../heads/classifier-head.ts";
import {
  type Arch,
  ARCHITECTURES,
  blockSpecs,
  layerSpecs,
  type LayerSpec,
  STEM_POOLING,
  stemSpec,
} from "../models/architectures.ts";
import { foldedLayer } from "../models/folded.ts";
import type { Window } from "../tensor/tensor.ts";
import type { HostTensor } from "../tensor/tree.ts";

/** Makes a tensor of an earlier one: convolution with bias, then in this order addition, ReLU, max pooling, where it says so. */
export interface Step extends Window {
  /** The layer's, as in torchvision. */
  readonly name: string;
  /** The tensor it reads: 0 is the picture, i + 1 what step i made. */
  readonly from: number;
  /** The tensor that is added. */
  readonly add?: number;
  readonly cIn: number;
  readonly cOut: number;
  /** Height and width of what it reads. */
  readonly side: number;
  readonly relu: boolean;
  /** Only after a ReLU, so that padding counts as 0. */
  readonly pool?: Window;
  /** [cOut, kernel, kernel, cIn] */
  readonly weight: Float32Array;
  /** [cOut] */
  readonly bias: Float32Array;
}

/** A tensor [side, side, channels]. */
export interface Maps {
  readonly tensor: number;
  readonly side: number;
  readonly channels: number;
}

/**
 * Features [d] of the last maps. `flat`: all values, channel by channel. `mean`: the mean of each channel. `stages`: that, and
 * half the mean of each channel in each quarter of the maps `before`.
 */
export type Readout =
  | { readonly kind: "flat" | "mean"; readonly last: Maps }
  | { readonly kind: "stages"; readonly last: Maps; readonly before: Maps };

/** softmax(weight u + bias), u = features, or (features - centre) / |features - centre| where there is a centre. */
export interface PlanHead {
  /** [d] */
  readonly centre?: Float32Array;
  /** [k, d], the temperature inside */
  readonly weight: Float32Array;
  /** [k] */
  readonly bias: Float32Array;
}

/** Unknown is what has a cosine below the threshold with every row. */
export interface PlanUnknown {
  /** [k, d], each of length 1 */
  readonly rows: Float32Array;
  readonly threshold: number;
}

export interface Plan extends Pick<Classifier, "classes" | "normalization" | "resize"> {
  readonly side: number;
  readonly steps: readonly Step[];
  readonly readout: Readout;
  readonly head: PlanHead;
  readonly unknown?: PlanUnknown;
}

/** A step in whole numbers of 8 bits. */
export interface WholeStep extends Omit<Step, "weight" | "bias"> {
  /** [cOut, kernel, kernel, cIn] */
  readonly weight: Int8Array;
  /** [cOut], in units of the tensor it reads times those of the weights */
  readonly bias: Int32Array;
  /** [cOut] */
  readonly weightUnits: Float32Array;
  /** The unit of convolution and bias: of what is made, or, where something is added, of their sum before. */
  readonly sumUnit: number;
  /** [cOut]: a whole number of products times this is one in `sumUnit`. */
  readonly multipliers: Float32Array;
}

/** Of 16 bits: what stands for the weights of a class is times its unit. */
export interface WholeHead extends Omit<PlanHead, "weight"> {
  /** [k, d] */
  readonly weight: Int16Array;
  /** [k] */
  readonly units: Float32Array;
}

export interface WholeUnknown extends Omit<PlanUnknown, "rows"> {
  /** [k, d], of any length */
  readonly rows: Int8Array;
}

export interface WholePlan extends Omit<Plan, "steps" | "head" | "unknown"> {
  readonly steps: readonly WholeStep[];
  readonly head: WholeHead;
  readonly unknown?: WholeUnknown;
  /** By tensor: what 1 stands for. */
  readonly units: readonly number[];
  /** Which of 0 to 255 stands for 0 in the picture; elsewhere `zeroOf` says it. */
  readonly inputZero: number;
}

/** Of 0 to 255, what stands for 0 in tensors that may be negative. */
export const MIDDLE = 128;

/** Which of 0 to 255 stands for 0 in a tensor. */
export function zeroOf({ steps, inputZero }: WholePlan, tensor: number): number {
  if (tensor === 0) return inputZero;
  return steps[tensor - 1]!.relu ? 0 : MIDDLE;
}

/** Numbers that the head is given. */
export const featuresOf = ({ head, classes }: Plan | WholePlan): number => head.weight.length / classes.length;

/** The plan of a classifier. @example planOf(classifier).steps.map(({ name }) => name) // ["conv1", "conv2", "conv3"] */
export function planOf(classifier: Classifier): Plan {
  const { arch, classes, normalization, resize, head, unknown } = classifier;
  const { steps, stages } = layout(arch);
  const filled = steps.map(({ spec, ...step }): Step => {
    const { weight, bias } = foldedLayer(classifier.network.weights, classifier.network.stats, spec);
    const { name, cIn, cOut, kernel, stride, padding } = spec;
    return { name, cIn, cOut, kernel, stride, padding, ...step, weight: channelsLast(weight, spec), bias };
  });
  return {
    side: arch.side,
    classes,
    normalization,
    resize,
    steps: filled,
    readout: readoutOf(arch, stages),
    head: headOf(head),
    ...(unknown ? { unknown: { rows: unitsOf(unknown.centroids), threshold: unknown.threshold } } : {}),
  };
}

/** Height and width of what a window makes of maps. */
export const sideAfter = (side: number, { kernel, stride, padding }: Window): number =>
  Math.floor((side + 2 * padding - kernel) / stride) + 1;

type Outline = Pick<Step, "from" | "add" | "side" | "relu" | "pool"> & { readonly spec: LayerSpec };

/** The steps without their numbers, and what each stage ends with; a plain network is one stage. */
function layout(arch: Arch): { steps: readonly Outline[]; stages: readonly Maps[] } {
  const steps: Outline[] = [];
  const add = (spec: LayerSpec, from: Maps, more: Pick<Outline, "add" | "relu" | "pool">): Maps => {
    steps.push({ spec, from: from.tensor, side: from.side, ...more });
    const side = sideAfter(from.side, spec);
    return { tensor: steps.length, side: more.pool ? sideAfter(side, more.pool) : side, channels: spec.cOut };
  };
  let maps: Maps = { tensor: 0, side: arch.side, channels: 3 };
  if (ARCHITECTURES[arch.name].family === "convnet") {
    const pool = { kernel: 2, stride: 2, padding: 0 };
    for (const spec of layerSpecs(arch)) maps = add(spec, maps, { relu: true, pool });
    return { steps, stages: [maps] };
  }
  const pool = STEM_POOLING[arch.stem];
  maps = add(stemSpec(arch), maps, { relu: true, ...(pool ? { pool } : {}) });
  const stages: Maps[] = [];
  for (const { stage, conv1, conv2, downsample } of blockSpecs(arch)) {
    const shortcut = downsample ? add(downsample, maps, { relu: false }) : maps;
    const inner = add(conv1, maps, { relu: true });
    maps = stages[stage] = add(conv2, inner, { add: shortcut.tensor, relu: true });
  }
  return { steps, stages };
}

function readoutOf(arch: Arch, stages: readonly Maps[]): Readout {
  const last = stages.at(-1)!;
  if (ARCHITECTURES[arch.name].family === "convnet") return { kind: "flat", last };
  return arch.readout === "stages" ? { kind: "stages", last, before: stages.at(-2)! } : { kind: "mean", last };
}

/** [cOut, cIn, k, k] -> [cOut, k, k, cIn] */
function channelsLast(weight: Float32Array, { cIn, kernel }: LayerSpec): Float32Array {
  const area = kernel * kernel;
  return weight.map((_, i) => {
    const [channel, place] = [i % cIn, Math.floor(i / cIn)];
    return weight[(Math.floor(place / area) * cIn + channel) * area + (place % area)]!;
  });
}

const numbers = ({ data }: HostTensor): Float32Array => data as Float32Array;
const unitsOf = (centroids: HostTensor): Float32Array => unitRows(numbers(centroids), centroids.shape[0]!);

function headOf(head: ClassifierHead): PlanHead {
  if (head.kind === "linear") return { weight: numbers(head.weight), bias: numbers(head.bias) };
  const rows = head.kind === "closed-form" ? numbers(head.weight) : unitsOf(head.centroids);
  const [k, d] = (head.kind === "closed-form" ? head.weight : head.centroids).shape as [number, number];
  const weight = rows.map((w) => w * head.temperature);
  const centre = head.kind === "closed-form" ? numbers(head.mean) : new Float32Array(d);
  return { centre, weight, bias: new Float32Array(k) };
}
