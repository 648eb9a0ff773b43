// A plan in whole numbers of 8 bits: one scale for each output channel of weights, one for each tensor, found on pictures.

import { UserError } from "../errors.ts";
import { type ImageSource, spreadPositions } from "../predict/image-source.ts";
import { pack } from "./pack.ts";
import { type Plan, type PlanHead, planOf, type Step, type WholeHead, type WholePlan, type WholeStep } from "./plan.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { runPlan } from "./runtime.ts";

/** Sums of two products with activations up to 255 then stay within 16 bits, which processors without VNNI add in. */
const LARGEST_WEIGHT = 63;
const LARGEST = 255;
/** Of tensors that may be negative: from -128 to 127. */
const LARGEST_SIGNED = 127;
/** Pictures that scales are found on. */
export const CALIBRATION_PICTURES = 256;

/**
 * The plan of a classifier in whole numbers. The pictures are best those it was made from: 256 of them are looked at, evenly spread.
 * @throws UserError where there are none
 * @example quantised(classifier, images).steps[0].weight // Int8Array: 7 bits of each number are used
 */
export function quantised(classifier: Classifier, pictures: ImageSource): WholePlan {
  if (pictures.count === 0) {
    const hint = "give some of the pictures that the classifier was made from";
    throw new UserError("no pictures to find the range of each activation on", { hint });
  }
  const plan = planOf(classifier);
  const { largest, largestSums } = rangesOn(plan, pictures);
  const { mean, deviation } = plan.normalization;
  const lowest = Math.min(0, ...mean.map((m, c) => -m / deviation[c]!));
  const highest = Math.max(0, ...mean.map((m, c) => (1 - m) / deviation[c]!));
  const inputUnit = Math.fround((highest - lowest) / LARGEST);
  const units = [inputUnit];
  plan.steps.forEach(({ relu }, i) => {
    units.push(Math.fround((largest[i]! || 1) / (relu ? LARGEST : LARGEST_SIGNED)));
  });
  const steps = plan.steps.map((step, i) => {
    const sumUnit = step.add === undefined ? units[i + 1]! : Math.fround((largestSums[i]! || 1) / LARGEST_SIGNED);
    return wholeStep(step, units[step.from]!, sumUnit);
  });
  const { unknown, head, ...rest } = plan;
  return {
    ...rest,
    steps,
    head: wholeHead(head),
    ...(unknown ? { unknown: { ...unknown, rows: wholeRows(unknown.rows, plan.classes.length) } } : {}),
    units,
    inputZero: Math.round(-lowest / inputUnit),
  };
}

/** The largest absolute value of what each step makes, and of its convolution with bias alone. */
function rangesOn(plan: Plan, pictures: ImageSource): { largest: number[]; largestSums: number[] } {
  const { packed, bytes } = pack(plan);
  const running = runPlan(packed, bytes);
  const largest = plan.steps.map(() => 0);
  const largestSums = plan.steps.map(() => 0);
  const most = (values: Float32Array, start: number): number => {
    let found = start;
    for (const value of values) if (Math.abs(value) > found) found = Math.abs(value);
    return found;
  };
  for (const position of spreadPositions(pictures.count, Math.min(CALIBRATION_PICTURES, pictures.count))) {
    const { tensors, sums } = running.maps(pictures.read(position, position + 1));
    plan.steps.forEach((_, i) => {
      largest[i] = most(tensors[i + 1]!, largest[i]!);
      largestSums[i] = most(sums[i]!, largestSums[i]!);
    });
  }
  return { largest, largestSums };
}

function wholeStep(step: Step, unit: number, sumUnit: number): WholeStep {
  const { weight, bias, cOut, ...rest } = step;
  const run = weight.length / cOut;
  const weightUnits = Float32Array.from(bias, (shift, c) => {
    const largest = weight.subarray(c * run, (c + 1) * run).reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    // a bias beside which the weights vanish must still fit 32 bits
    return Math.max(largest / LARGEST_WEIGHT, Math.abs(shift) / (unit * 2 ** 30)) || 1;
  });
  return {
    ...rest,
    cOut,
    weight: Int8Array.from(weight, (w, i) => Math.round(w / weightUnits[Math.floor(i / run)]!)),
    bias: Int32Array.from(bias, (shift, c) => Math.round(shift / (unit * weightUnits[c]!))),
    weightUnits,
    sumUnit,
    multipliers: weightUnits.map((weightUnit) => Math.fround(unit * weightUnit) / sumUnit),
  };
}

function wholeHead({ weight, bias, ...rest }: PlanHead): WholeHead {
  const units = Float32Array.from(largestOfRows(weight, bias.length), (largest) => largest / 32767 || 1);
  const size = weight.length / bias.length;
  return {
    ...rest,
    bias,
    units,
    weight: Int16Array.from(weight, (w, i) => Math.round(w / units[Math.floor(i / size)]!)),
  };
}

/** Rows in whole numbers whose directions are nearly the same: each row has its own unit, which a cosine does not ask for. */
function wholeRows(rows: Float32Array, count: number): Int8Array {
  const largest = largestOfRows(rows, count);
  const size = rows.length / count;
  return Int8Array.from(rows, (value, i) =>
    Math.round((value * LARGEST_SIGNED) / (largest[Math.floor(i / size)]! || 1)),
  );
}

function largestOfRows(rows: Float32Array, count: number): number[] {
  const size = rows.length / count;
  return Array.from({ length: count }, (_, k) =>
    rows.subarray(k * size, (k + 1) * size).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
}
