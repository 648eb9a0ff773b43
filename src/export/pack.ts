// A plan as plain JSON and one block of bytes: what the runtime takes, and what stands in files of JavaScript.

import type { Classifier } from "../classifier/classifier.ts";
import { featuresOf, type Maps, type Plan, planOf, type WholePlan } from "./plan.ts";
import type { PackedPlan, PackedStep } from "./runtime.ts";

export interface Packed {
  readonly packed: PackedPlan;
  readonly bytes: Uint8Array;
}

/** @example pack(planOf(classifier)).bytes // little-endian: all weights, one step after the other, then the head's */
export function pack(plan: Plan | WholePlan): Packed {
  const { side, classes, normalization, head, readout, unknown } = plan;
  const unit = (maps: Maps) => ({ ...maps, unit: isWhole(plan) ? plan.units[maps.tensor]! : 1 });
  const { last } = readout;
  const packed: PackedPlan = {
    side,
    labels: classes,
    bits: isWhole(plan) ? 8 : 32,
    normalization,
    input: isWhole(plan) ? { unit: plan.units[0]!, zero: plan.inputZero } : { unit: 1, zero: 0 },
    steps: plan.steps.map((_, i) => packedStep(plan, i)),
    readout: {
      kind: readout.kind,
      last: unit(last),
      ...(readout.kind === "stages" ? { before: unit(readout.before) } : {}),
    },
    head: { size: featuresOf(plan), isCentred: head.centre !== undefined },
    ...(unknown ? { unknownBelow: unknown.threshold } : {}),
  };
  const arrays: ArrayBufferView[] = plan.steps.flatMap((step) => [
    step.weight,
    step.bias,
    ...("multipliers" in step ? [step.multipliers] : []),
  ]);
  arrays.push(head.weight, ...("units" in head ? [head.units] : []), head.bias, ...(head.centre ? [head.centre] : []));
  if (unknown) arrays.push(unknown.rows);
  return { packed, bytes: joined(arrays) };
}

/**
 * Bytes that a classifier's numbers take with weights of 8 bits, as in exported files.
 * @example wholeBytes(classifier) // those of a network of a few kernels, and of a head for two classes
 */
export function wholeBytes(classifier: Classifier): number {
  const { steps, head, unknown } = planOf(classifier);
  // a bias and a multiplier of 4 bytes for each channel
  const ofSteps = steps.map(({ weight, bias }) => weight.length + 8 * bias.length);
  const ofHead =
    2 * head.weight.length + 8 * head.bias.length + 4 * (head.centre?.length ?? 0) + (unknown?.rows.length ?? 0);
  return ofSteps.reduce((sum, bytes) => sum + bytes, ofHead);
}

const isWhole = (plan: Plan | WholePlan): plan is WholePlan => "units" in plan;

function packedStep(plan: Plan | WholePlan, index: number): PackedStep {
  const { from, add, cIn, cOut, kernel, stride, padding, side, relu, pool } = plan.steps[index]!;
  const units = add !== undefined && isWhole(plan) ? { units: sumUnits(plan, index) } : {};
  const more = { ...(add === undefined ? {} : { add }), ...(pool ? { pool } : {}), ...units };
  return { from, cIn, cOut, kernel, stride, padding, side, relu, ...more };
}

/** Of a step that adds: what a unit of convolution and of the other tensor are in units of the result. */
export function sumUnits({ steps, units }: WholePlan, index: number): readonly [number, number] {
  const { sumUnit, add } = steps[index]!;
  const own = units[index + 1]!;
  return [Math.fround(sumUnit / own), Math.fround(units[add!]! / own)];
}

function joined(arrays: readonly ArrayBufferView[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((total, { byteLength }) => total + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}
