// A classifier as an ONNX file in whole numbers of 8 bits: QuantizeLinear and DequantizeLinear around operations of floats (QDQ),
// which onnxruntime makes one operation of, of whole numbers.

import type { Classifier } from "../classifier/classifier.ts";
import { ANY_BATCH, emitAnswers, onnxMetadata } from "../classifier/export-onnx.ts";
import { INPUT } from "../classifier/preprocessing.ts";
import { readOut } from "../models/network.ts";
import { type Attributes, OnnxGraph } from "../tensor/lower/onnx-graph.ts";
import { input } from "../tensor/ops.ts";
import type { Window } from "../tensor/tensor.ts";
import { type Maps, MIDDLE, type WholePlan, type WholeStep, zeroOf } from "./plan.ts";

/** `cast` to it, as ONNX counts types. */
const FLOAT = 1;

/**
 * The classifier in whole numbers as bytes of an ONNX model, with the inputs, outputs and metadata of that of `exportOnnx`.
 * @example exportOnnxInt8(classifier, quantised(classifier, images)); // bytes for any onnxruntime
 */
export function exportOnnxInt8(
  classifier: Classifier,
  plan: WholePlan,
  facts: Readonly<Record<string, string>> = {},
): Uint8Array {
  const g = new OnnxGraph("v", ANY_BATCH);
  const tensors = [inFloats(g, picture(g, plan), plan.units[0]!, plan.inputZero)];
  plan.steps.forEach((_, i) => tensors.push(made(g, plan, i, tensors)));
  const { readout } = plan;
  const stages = readout.kind === "stages" ? [readout.before, readout.last] : [readout.last];
  const inputs = stages.map(({ tensor, side, channels }: Maps) =>
    input(`t${tensor}`, [ANY_BATCH, channels, side, side]),
  );
  const known = inputs.map((stage, i) => [stage, tensors[stages[i]!.tensor]!] as const);
  emitAnswers(g, classifier, readOut(classifier.arch, inputs), known);
  return g.toModel({ ...facts, ...onnxMetadata(classifier) });
}

/** uint8 pixels -> normalised, in whole numbers */
function picture(g: OnnxGraph, { side, normalization, units, inputZero }: WholePlan): string {
  const { mean, deviation } = normalization;
  const scale = Float32Array.from(deviation, (d) => 1 / (255 * d));
  const shift = Float32Array.from(mean, (m, c) => -m / deviation[c]!);
  const pixels = g.node("Cast", [g.input(INPUT, [ANY_BATCH, 3, side, side], "uint8")], { to: FLOAT });
  const scaled = g.node("Mul", [pixels, g.floats(scale, [3, 1, 1])]);
  return inWhole(g, g.node("Add", [scaled, g.floats(shift, [3, 1, 1])]), units[0]!, inputZero);
}

function inWhole(g: OnnxGraph, x: string, unit: number, zero: number): string {
  return g.node("QuantizeLinear", [x, g.scalar(unit), g.whole(Uint8Array.of(zero), [])]);
}

function inFloats(g: OnnxGraph, x: string, unit: number, zero: number): string {
  return g.node("DequantizeLinear", [x, g.scalar(unit), g.whole(Uint8Array.of(zero), [])]);
}

/** Whole numbers in between: what onnxruntime looks for around an operation. */
function rounded(g: OnnxGraph, x: string, unit: number, zero: number): string {
  return inFloats(g, inWhole(g, x, unit, zero), unit, zero);
}

/** @param tensors those that steps before it made, in floats */
function made(g: OnnxGraph, plan: WholePlan, index: number, tensors: readonly string[]): string {
  const step = plan.steps[index]!;
  const { from, add, relu, pool, sumUnit, cOut, cIn, kernel } = step;
  const perChannel = (data: Int8Array | Int32Array, shape: readonly number[], scale: Float32Array): string => {
    const zeros = data instanceof Int8Array ? new Int8Array(cOut) : new Int32Array(cOut);
    const inputs = [g.whole(data, shape), g.floats(scale, [cOut]), g.whole(zeros, [cOut])];
    return g.node("DequantizeLinear", inputs, { axis: 0 });
  };
  const weight = perChannel(channelsFirst(step), [cOut, cIn, kernel, kernel], step.weightUnits);
  const biasUnits = step.weightUnits.map((unit) => unit * plan.units[from]!);
  const bias = perChannel(step.bias, [cOut], biasUnits);
  let y = g.node("Conv", [tensors[from]!, weight, bias], window(step));
  if (add !== undefined) y = g.node("Add", [rounded(g, y, sumUnit, MIDDLE), tensors[add]!]);
  if (relu) y = g.node("Relu", [y]);
  const [unit, zero] = [plan.units[index + 1]!, zeroOf(plan, index + 1)];
  y = rounded(g, y, unit, zero);
  return pool ? rounded(g, g.node("MaxPool", [y], window(pool)), unit, zero) : y;
}

function window({ kernel, stride, padding }: Window): Attributes {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

/** [cOut, k, k, cIn] -> [cOut, cIn, k, k] */
function channelsFirst({ weight, cIn, kernel }: WholeStep): Int8Array {
  const area = kernel * kernel;
  return weight.map((_, i) => {
    const [place, row] = [i % area, Math.floor(i / area)];
    return weight[(Math.floor(row / cIn) * area + place) * cIn + (row % cIn)]!;
  });
}
