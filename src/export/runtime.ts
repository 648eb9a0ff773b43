// A plan at work: one function that uses nothing outside itself, so that its text can stand in a file of its own. Here it is
// what calibration runs, and what the files are compared with.

import type { Window } from "../tensor/tensor.ts";
import type { Step as PlanStep } from "./plan.ts";

/** A step as the runtime gets it; its numbers come separately. */
export type PackedStep = Omit<PlanStep, "name" | "weight" | "bias"> & {
  /** Of whole numbers that are added: what a unit of the sum's parts, convolution and other tensor, is in units of the result. */
  readonly units?: readonly [number, number];
};

interface PackedMaps {
  readonly tensor: number;
  readonly side: number;
  readonly channels: number;
  /** What a whole number stands for; 1 for floats. */
  readonly unit: number;
}

/** A plan without its large arrays: plain JSON. */
export interface PackedPlan {
  readonly side: number;
  readonly labels: readonly string[];
  /** 8: whole numbers, 32: floats. */
  readonly bits: 8 | 32;
  readonly normalization: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
  /** Of whole numbers: what the picture's unit is, and which of 0 to 255 stands for 0. */
  readonly input: { readonly unit: number; readonly zero: number };
  readonly steps: readonly PackedStep[];
  readonly readout: { readonly kind: string; readonly last: PackedMaps; readonly before?: PackedMaps };
  readonly head: { readonly size: number; readonly isCentred: boolean };
  /** Where it is told what is unknown: below which cosine with every centroid. */
  readonly unknownBelow?: number;
}

/** Interleaved samples of 0 to 255: grey, grey and opacity, RGB or RGBA. */
interface Picture {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

interface Answer {
  /** The most probable first. */
  readonly labels: { label: string; score: number }[];
  /** Whether the picture is like nothing that the classifier was made from. */
  readonly unknown: boolean;
  /** How like: a cosine. */
  readonly similarity?: number;
}

export interface RunningPlan {
  readonly labels: readonly string[];
  readonly side: number;
  /** Planes [3, side, side] of a picture, by the rule `square-1`. */
  readonly square: (picture: Picture) => Uint8Array;
  /** Scores of planes [3, side, side], one a label. */
  readonly probabilities: (planes: ArrayLike<number>) => Float32Array;
  /** The largest cosine of the features of planes with a centroid; -1 where it is not told what is unknown. */
  readonly similarity: (planes: ArrayLike<number>) => number;
  /** Labels with scores, the most probable first; all of them by default. */
  readonly classify: (picture: Picture, top?: number) => { label: string; score: number }[];
  /** The same, and whether the picture is unknown. */
  readonly answer: (picture: Picture, top?: number) => Answer;
  /** All tensors for planes, and all sums of convolution and bias by themselves; overwritten by the next call. */
  readonly maps: (planes: ArrayLike<number>) => { tensors: readonly Float32Array[]; sums: readonly Float32Array[] };
}

/**
 * A plan ready to run.
 * @param bytes for each step its weights [cOut, k, k, cIn] (int8 or float32), bias (int32 or float32) and, of whole numbers, multipliers
 *   (float32), each [cOut]; then the head's weights [k, d] (int16, or float32), of whole numbers their units [k] (float32), bias [k] and, where it
 *   has one, centre [d] (float32); then, where it is told what is unknown, centroids [k, d] (int8 or float32): little-endian, no gaps
 */
export function runPlan(plan: PackedPlan, bytes: Uint8Array): RunningPlan {
  const { side, labels, bits, normalization, input, readout, head, unknownBelow } = plan;
  const isWhole = bits === 8;
  let taken = 0;

  function take(count: number, size: number): ArrayBufferLike {
    taken += count * size;
    return bytes.slice(taken - count * size, taken).buffer;
  }
  const floats = (count: number): Float32Array => new Float32Array(take(count, 4));

  function after(size: number, { kernel, stride, padding }: Window): number {
    return Math.floor((size + 2 * padding - kernel) / stride) + 1;
  }

  const steps = plan.steps.map((step) => {
    const { cIn, cOut, kernel, stride, padding } = step;
    const run = kernel * kernel * cIn;
    // four channels are computed at a time
    const weight = new Float32Array(4 * Math.ceil(cOut / 4) * run);
    weight.set(isWhole ? new Int8Array(take(cOut * run, 1)) : floats(cOut * run));
    const bias = Float64Array.from(isWhole ? new Int32Array(take(cOut, 4)) : floats(cOut));
    const multipliers = isWhole ? floats(cOut) : undefined;
    const wide = step.side + 2 * padding;
    const out = after(step.side, step);
    // where the windows begin in the padded maps
    const starts = Int32Array.from(
      { length: out * out },
      (_, i) => (Math.floor(i / out) * wide + (i % out)) * stride * cIn,
    );
    const pooled = step.pool ? after(out, step.pool) : out;
    return {
      ...step,
      weight,
      bias,
      multipliers,
      out,
      starts,
      padded: new Float32Array(wide * wide * cIn),
      sums: new Float32Array(out * out * cOut),
      full: new Float32Array(out * out * cOut),
      result: new Float32Array(step.pool ? pooled * pooled * cOut : 0),
    };
  });
  const numbers = labels.length * head.size;
  const weight = isWhole ? Float32Array.from(new Int16Array(take(numbers, 2))) : floats(numbers);
  const rowUnits = isWhole ? floats(labels.length) : undefined;
  if (rowUnits) weight.forEach((value, i) => (weight[i] = value * rowUnits[Math.floor(i / head.size)]!));
  const bias = floats(labels.length);
  const centre = head.isCentred ? floats(head.size) : undefined;
  const centroids = Array.from(unknownBelow === undefined ? [] : labels, () =>
    isWhole ? Float32Array.from(new Int8Array(take(head.size, 1))) : floats(head.size),
  );
  const lengths = centroids.map((row) => Math.sqrt(dot(row, row) + 1e-24));

  /** The nearest whole number, halves to the even one. */
  function whole(value: number): number {
    return value + 6755399441055744 - 6755399441055744;
  }

  function cut(value: number, low: number, high: number): number {
    return value < low ? low : value > high ? high : value;
  }

  /** What each value of each colour becomes, [3, 256]. */
  const colours = Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const colour = Math.floor(i / 256);
    const deviation = normalization.deviation[colour]!;
    const scale = Math.fround(1 / (255 * deviation));
    const shift = Math.fround(-normalization.mean[colour]! / deviation);
    const value = Math.fround(Math.fround((i % 256) * scale) + shift);
    if (!isWhole) return value;
    return cut(whole(Math.fround(value / Math.fround(input.unit))) + input.zero, 0, 255) - input.zero;
  });

  const picture = new Float32Array(3 * side * side);
  function read(planes: ArrayLike<number>): void {
    const area = side * side;
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) picture[3 * i + c] = colours[256 * c + planes[c * area + i]!]!;
    }
  }

  type Step = (typeof steps)[number];

  function pad({ side: size, padding, cIn, padded }: Step, x: Float32Array): void {
    const line = size * cIn;
    const wide = (size + 2 * padding) * cIn;
    for (let y = 0; y < size; y++) {
      padded.set(x.subarray(y * line, (y + 1) * line), (y + padding) * wide + padding * cIn);
    }
  }

  /** Sums of products and bias: two places and four channels at a time, for which what is read serves several times. */
  function convolve(step: Step): void {
    const { padded: x, weight: w, bias: b, sums, starts, kernel, padding, cIn, cOut } = step;
    const places = starts.length;
    const run = kernel * cIn;
    const line = (step.side + 2 * padding) * cIn;
    const all = kernel * run;
    const second = 2 * all;
    const third = 3 * all;
    for (let p = 0; p < places; p += 2) {
      const other = p + 1 < places ? p + 1 : p;
      const fromP = starts[p]!;
      const fromQ = starts[other]!;
      for (let channel = 0; channel < cOut; channel += 4) {
        let p0 = 0;
        let p1 = 0;
        let p2 = 0;
        let p3 = 0;
        let q0 = 0;
        let q1 = 0;
        let q2 = 0;
        let q3 = 0;
        let at = channel * all;
        for (let row = 0; row < kernel; row++) {
          let atP = fromP + row * line;
          let atQ = fromQ + row * line;
          for (const end = at + run; at < end; at++) {
            const valueP = x[atP++]!;
            const valueQ = x[atQ++]!;
            const w0 = w[at]!;
            const w1 = w[at + all]!;
            const w2 = w[at + second]!;
            const w3 = w[at + third]!;
            p0 += valueP * w0;
            p1 += valueP * w1;
            p2 += valueP * w2;
            p3 += valueP * w3;
            q0 += valueQ * w0;
            q1 += valueQ * w1;
            q2 += valueQ * w2;
            q3 += valueQ * w3;
          }
        }
        const sum = p * cOut + channel;
        const otherSum = other * cOut + channel;
        const left = cOut - channel;
        sums[sum] = p0 + b[channel]!;
        sums[otherSum] = q0 + b[channel]!;
        if (left > 1) sums[sum + 1] = p1 + b[channel + 1]!;
        if (left > 1) sums[otherSum + 1] = q1 + b[channel + 1]!;
        if (left > 2) sums[sum + 2] = p2 + b[channel + 2]!;
        if (left > 2) sums[otherSum + 2] = q2 + b[channel + 2]!;
        if (left > 3) sums[sum + 3] = p3 + b[channel + 3]!;
        if (left > 3) sums[otherSum + 3] = q3 + b[channel + 3]!;
      }
    }
  }

  /** Addition and ReLU; of whole numbers in the units of the result. */
  function finish({ sums, full, multipliers, cOut, relu, units }: Step, added: Float32Array | undefined): void {
    for (let i = 0; i < sums.length; i++) {
      let value = sums[i]!;
      if (!multipliers) {
        if (added) value += added[i]!;
        full[i] = relu && value < 0 ? 0 : value;
        continue;
      }
      const isLast = relu && !added;
      value = cut(whole(Math.fround(value * multipliers[i % cOut]!)), isLast ? 0 : -128, isLast ? 255 : 127);
      full[i] = added ? cut(whole(Math.fround(value * units![0] + added[i]! * units![1])), 0, 255) : value;
    }
  }

  function maxPool({ full, result, out, cOut, pool }: Step): void {
    const { kernel, stride, padding } = pool!;
    const size = after(out, pool!);
    result.fill(0);
    for (let i = 0; i < size * size; i++) {
      const [top, left] = [Math.floor(i / size) * stride - padding, (i % size) * stride - padding];
      for (let y = Math.max(0, top); y < Math.min(out, top + kernel); y++) {
        for (let x = Math.max(0, left); x < Math.min(out, left + kernel); x++) {
          const from = (y * out + x) * cOut;
          for (let c = 0; c < cOut; c++) {
            if (full[from + c]! > result[i * cOut + c]!) result[i * cOut + c] = full[from + c]!;
          }
        }
      }
    }
  }

  const tensors = [picture, ...steps.map(({ pool, full, result }) => (pool ? result : full))];
  const sums = steps.map((step) => step.sums);

  function maps(planes: ArrayLike<number>): { tensors: readonly Float32Array[]; sums: readonly Float32Array[] } {
    read(planes);
    for (const step of steps) {
      pad(step, tensors[step.from]!);
      convolve(step);
      finish(step, step.add === undefined ? undefined : tensors[step.add]);
      if (step.pool) maxPool(step);
    }
    return { tensors, sums };
  }

  /** Means over size x size places from (top, left), one a channel. */
  function means(of: PackedMaps, top: number, left: number, size: number): number[] {
    const values = tensors[of.tensor]!;
    return Array.from({ length: of.channels }, (_, c) => {
      let sum = 0;
      for (let y = top; y < top + size; y++) {
        for (let x = left; x < left + size; x++) sum += values[(y * of.side + x) * of.channels + c]!;
      }
      return (sum * of.unit) / (size * size);
    });
  }

  function features(): number[] {
    const { kind, last, before } = readout;
    if (kind === "flat") {
      const area = last.side * last.side;
      const values = tensors[last.tensor]!;
      return Array.from({ length: area * last.channels }, (_, i) => {
        return values[(i % area) * last.channels + Math.floor(i / area)]! * last.unit;
      });
    }
    const all = means(last, 0, 0, last.side);
    if (!before) return all;
    const half = Math.floor(before.side / 2);
    const corners = [0, half].flatMap((top) => [0, half].map((left) => means(before, top, left, half)));
    for (let c = 0; c < before.channels; c++) for (const corner of corners) all.push(corner[c]! / 2);
    return all;
  }

  function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
    let sum = 0;
    for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
    return sum;
  }

  /** The largest cosine with a centroid. */
  function similarityOf(u: readonly number[]): number {
    const length = Math.sqrt(dot(u, u) + 1e-24);
    return centroids.reduce((most, row, k) => Math.max(most, dot(u, row) / (length * lengths[k]!)), -1);
  }

  function featuresOf(planes: ArrayLike<number>): number[] {
    const wanted = 3 * side * side;
    if (planes.length !== wanted) throw new RangeError(`${planes.length} numbers, expected the ${wanted} of square()`);
    requireBytes(planes);
    maps(planes);
    return features();
  }

  function scoresOf(found: number[]): Float32Array {
    let u = found;
    if (centre) {
      u = u.map((value, j) => value - centre[j]!);
      const length = Math.sqrt(dot(u, u) + 1e-24);
      u = u.map((value) => value / length);
    }
    const scores = Array.from(bias, (start, k) => start + dot(u, weight.subarray(k * u.length, (k + 1) * u.length)));
    const largest = scores.reduce((most, score) => Math.max(most, score));
    const powers = scores.map((score) => Math.exp(score - largest));
    const total = powers.reduce((sum, power) => sum + power);
    return Float32Array.from(powers, (power) => power / total);
  }

  function similarity(planes: ArrayLike<number>): number {
    return similarityOf(featuresOf(planes));
  }

  function probabilities(planes: ArrayLike<number>): Float32Array {
    return scoresOf(featuresOf(planes));
  }

  /** Planes [3, count, count]: means of the middle blocks of block x block pixels, transparency on white. */
  function blockMeans({ data, width, height }: Picture, count: number, block: number): Float32Array {
    const channels = data.length / (width * height);
    const [left, top] = [Math.floor((width - count * block) / 2), Math.floor((height - count * block) / 2)];
    const isOpaque = channels % 2 === 1;
    const samples = (isOpaque ? 1 : 255) * block * block;
    const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
    const ofBlocks = new Float32Array(3 * count * count);
    for (let i = 0; i < count * count; i++) {
      const y = top + Math.floor(i / count) * block;
      const x = left + (i % count) * block;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let row = y; row < y + block; row++) {
        let at = (row * width + x) * channels;
        for (const end = at + block * channels; at < end; at += channels) {
          const opacity = isOpaque ? 1 : data[at + channels - 1]!;
          const white = isOpaque ? 0 : 255 * (255 - opacity);
          r += data[at]! * opacity + white;
          g += data[at + green]! * opacity + white;
          b += data[at + blue]! * opacity + white;
        }
      }
      ofBlocks[i] = r / samples;
      ofBlocks[count * count + i] = g / samples;
      ofBlocks[2 * count * count + i] = b / samples;
    }
    return ofBlocks;
  }

  /** For each of `side` places of a line of `count`: the first that counts, and the weights of those from there on. */
  function triangles(count: number): { first: number; weights: Float32Array }[] {
    const scale = count / side;
    const reach = Math.max(1, scale);
    const width = Math.min(count, Math.ceil(2 * reach) + 1);
    return Array.from({ length: side }, (_, t) => {
      const middle = (t + 0.5) * scale - 0.5;
      const first = Math.min(Math.max(0, Math.ceil(middle - reach)), count - width);
      const weights = Array.from({ length: width }, (_weight, k) =>
        Math.max(0, 1 - Math.abs(first + k - middle) / reach),
      );
      let sum = 0;
      for (const one of weights) sum += one;
      return { first, weights: Float32Array.from(weights, (one) => one / sum) };
    });
  }

  /** source, `count` values from `from` on, `step` apart -> value of one place. */
  function blend(
    source: Float32Array,
    from: number,
    step: number,
    taps: { readonly first: number; readonly weights: Float32Array },
  ): number {
    let value = 0;
    for (let k = 0; k < taps.weights.length; k++) value += taps.weights[k]! * source[from + (taps.first + k) * step]!;
    return value;
  }

  function requireBytes(values: ArrayLike<number>): void {
    if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return;
    for (let i = 0; i < values.length; i++) {
      if (!(Number.isInteger(values[i]) && values[i]! >= 0 && values[i]! <= 255))
        throw new RangeError(`number ${i} is ${values[i]}, expected whole numbers from 0 to 255`);
    }
  }

  function square(image: Picture): Uint8Array {
    const { data, width, height } = image;
    requireBytes(data);
    const channels = width > 0 && height > 0 ? data.length / (width * height) : 0;
    if (!(channels >= 1 && channels <= 4 && Number.isInteger(channels))) {
      throw new RangeError(`${data.length} samples are not 1 to 4 for each pixel of ${width} x ${height}`);
    }
    const shorter = Math.min(width, height);
    const block = Math.max(1, Math.floor(shorter / (4 * side)));
    const count = Math.floor(shorter / block);
    const source = blockMeans(image, count, block);
    const planes = new Uint8Array(3 * side * side);
    const taps = triangles(count);
    for (let plane = 0; plane < 3; plane++) {
      const rows = Float32Array.from({ length: count * side }, (_, i) =>
        blend(source, (plane * count + Math.floor(i / side)) * count, 1, taps[i % side]!),
      );
      for (let i = 0; i < side * side; i++) {
        planes[plane * side * side + i] = Math.round(blend(rows, i % side, side, taps[Math.floor(i / side)]!));
      }
    }
    return planes;
  }

  function answer(image: Picture, top = labels.length): Answer {
    const found = featuresOf(square(image));
    const scores = scoresOf(found);
    const all = labels.map((label, k) => ({ label, score: scores[k]! }));
    const best = all.sort((a, b) => b.score - a.score).slice(0, Math.max(0, top));
    if (unknownBelow === undefined) return { labels: best, unknown: false };
    const like = similarityOf(found);
    return { labels: best, unknown: like < unknownBelow, similarity: like };
  }

  const classify = (image: Picture, top?: number): { label: string; score: number }[] => answer(image, top).labels;

  return { labels, side, square, probabilities, similarity, classify, answer, maps };
}
