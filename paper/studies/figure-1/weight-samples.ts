// The pairs behind Figure 1: what a small data set looks like on average, and the convolution kernels of a ConvNet trained
// on it. Sample i is a function of (seed, i), so samples can be made in any order and by several processes.

import { gatherImages, type ImageDataset, pixelStatistics, positionsByClass } from "pudnet/datasets";
import { architecture, type CompileOptions, fold, type Key, key, sample, stream, UserError } from "pudnet/engine";
import { type Normalization, trainSupervised } from "pudnet/methods";

/** Height and width of the average picture. */
const POOLED = 8;

export interface WeightSampleOptions extends CompileOptions {
  readonly seed: number;
  /** Samples from..to - 1 are made; from 0 by default. */
  readonly from?: number;
  readonly to: number;
  readonly epochs: number;
  /**
   * `shared`: every training starts from the same weights, so that unit j means the same in all. `own`: from weights of its
   * own, as a control: hidden units then come in any order. The images of sample i are the same either way.
   */
  readonly init: "shared" | "own";
  readonly ways: number;
  /** Images a class; where a class has fewer, all of them. */
  readonly perClass: number;
  /** Channels of the ConvNet-3. */
  readonly width: number;
  /** Images a training step. */
  readonly batch: number;
  readonly signal?: AbortSignal;
}

export interface WeightSample {
  readonly index: number;
  /** Indices into the dataset's classes, ascending: the k-th has label k in training. */
  readonly classes: readonly number[];
  readonly images: number;
  /** [192], red, green and blue planes of 8x8 numbers in [0, 1], the images' mean pooled by area. */
  readonly x: Float32Array;
  /** Trained kernels, flattened, by layer: conv1, conv2, conv3. */
  readonly y: Readonly<Record<string, Float32Array>>;
  /** Mean training loss of the last epoch: how far from convergence the training was stopped. NaN without epochs. */
  readonly loss: number;
}

/** All layers' kernels, one after the other. */
export function allLayers({ y }: Pick<WeightSample, "y">): Float32Array {
  const parts = Object.values(y);
  const out = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Draws classes and images, and trains on them, sample by sample. Pixels are normalised by the whole dataset's statistics.
 * @throws UserError where the dataset has fewer classes than `ways`; the signal's reason when it is aborted
 *
 * For example:
 * ```ts
 * const size = { ways: 5, perClass: 300, width: 16, batch: 60 };
 * for await (const { x, y } of weightSamples(cifar100, { ...size, seed: 0, to: 240, epochs: 6, init: "shared" })) rows.push([x, y.conv1]);
 * ```
 */
export async function* weightSamples(
  dataset: ImageDataset,
  options: WeightSampleOptions,
): AsyncGenerator<WeightSample, void, undefined> {
  const positions = positionsByClass(dataset);
  const classes = positions.flatMap((ofClass, i) => (ofClass.length > 0 ? [i] : []));
  const normalization = pixelStatistics(dataset, { positions, classes });
  for (let index = options.from ?? 0; index < options.to; index++) {
    options.signal?.throwIfAborted();
    const source = fold(fold(key(options.seed), "weight sample"), index);
    yield await weightSample(dataset, drawTask(positions, classes, source, options), index, normalization, options);
  }
}

interface DrawnTask {
  readonly source: Key;
  readonly classes: readonly number[];
  /** By class. */
  readonly positions: readonly (readonly number[])[];
}

function drawTask(
  positions: readonly (readonly number[])[],
  candidates: readonly number[],
  source: Key,
  { ways, perClass }: WeightSampleOptions,
): DrawnTask {
  if (candidates.length < ways) {
    throw new UserError(`${candidates.length} classes with images: expected at least ${ways}`, { exitCode: 2 });
  }
  const classes = sample(fold(source, "classes"), candidates, ways).sort((a, b) => a - b);
  const drawn = classes.map((c) => {
    const ofClass = positions[c]!;
    return sample(fold(fold(source, "images"), c), ofClass, Math.min(perClass, ofClass.length));
  });
  return { source, classes, positions: drawn };
}

async function weightSample(
  dataset: ImageDataset,
  { source, classes, positions }: DrawnTask,
  index: number,
  normalization: Normalization,
  options: WeightSampleOptions,
): Promise<WeightSample> {
  const { init, width } = options;
  const images = gatherImages(dataset, positions.flat());
  const labels = positions.flatMap((ofClass, label) => ofClass.map(() => label));
  const arch = architecture("convnet-3", dataset.side, { width });
  const initSource = init === "shared" ? key(options.seed) : source;
  const { network, losses } = await trainSupervised(
    { arch, normalization, classes: classes.length, images, labels },
    { ...options, seed: seedOf(fold(source, "order")), initSeed: seedOf(fold(initSource, "first weights")) },
  );
  const kernels = Object.entries(network.weights.kernels);
  return {
    index,
    classes,
    images: labels.length,
    x: averagePicture(images, dataset.side),
    y: Object.fromEntries(kernels.map(([layer, { data }]) => [layer, data as Float32Array])),
    loss: losses.at(-1) ?? Number.NaN,
  };
}

/** A 32-bit seed, for what takes no key. */
const seedOf = (source: Key): number => Math.floor(stream(source)() * 2 ** 32);

/** Mean of images [n, 3, side, side], pooled by area: [3 * 8 * 8] in [0, 1]. The side need not be a multiple of 8. */
export function averagePicture(images: Uint8Array, side: number): Float32Array {
  const [plane, scale] = [side * side, POOLED / side];
  const sums = new Float64Array(3 * plane);
  for (let at = 0; at < images.length; at++) sums[at % sums.length]! += images[at]!;
  const factor = sums.length / images.length / 255;
  const pooled = new Float64Array(3 * POOLED * POOLED);
  const shares = Array.from({ length: side }, (_, i) => cellShares(i * scale, (i + 1) * scale));
  sums.forEach((total, at) => {
    const [colour, y, x] = [Math.floor(at / plane), Math.floor((at % plane) / side), at % side];
    for (const [row, high] of shares[y]!) {
      for (const [column, wide] of shares[x]!) {
        pooled[(colour * POOLED + row) * POOLED + column]! += total * factor * high * wide;
      }
    }
  });
  return Float32Array.from(pooled);
}

/** The cells [k, k + 1) that low..high overlaps, with the length of each overlap; low..high is at most 1 long. */
function cellShares(low: number, high: number): [cell: number, share: number][] {
  const cell = Math.min(POOLED - 1, Math.floor(low));
  const border = cell + 1;
  if (high <= border || border === POOLED) return [[cell, high - low]];
  return [
    [cell, border - low],
    [border, high - border],
  ];
}
