// A classifier as one ONNX file: uint8 pixels in, class probabilities out, with standard operations only and a free batch
// dimension. Preprocessing is inside; what cannot be (decoding, resizing) and the labels are told in the metadata.

import { cosineLogits, unitLogits } from "../nn/cosine.ts";
import { foldedLayer } from "../models/folded.ts";
import { type ConvNorm, forwardWith } from "../models/network.ts";
import { linear } from "../nn/linear.ts";
import { emission } from "../tensor/lower/lower.ts";
import { OnnxGraph } from "../tensor/lower/onnx-graph.ts";
import { constant, conv2d, exp, input, logSoftmax, sub } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor } from "../tensor/tree.ts";
import type { Classifier } from "./classifier.ts";
import type { ClassifierHead } from "../heads/classifier-head.ts";
import { normalize } from "../predict/normalize.ts";
import type { Network } from "../predict/network-runner.ts";
import { INPUT, preprocessing } from "./preprocessing.ts";

export const OUTPUT = "probabilities";
/** Of classifiers that know what is unknown. */
export const SIMILARITY = "similarity";

/** What stands for the batch while tracing: no dimension of a network is so large, and a prime, so it is no product. */
export const ANY_BATCH = 1_000_003;

/**
 * The classifier as bytes of an ONNX model: `images` uint8 [batch, 3, side, side] -> `probabilities` float32
 * [batch, classes] and, of a classifier that knows what is unknown, `similarity` float32 [batch]: an image is unknown where it is below
 * `unknown_below` of the metadata. Batch norm is folded into the convolutions.
 * @param facts what else its metadata say
 * @example exportOnnx(classifier); // bytes for InferenceSession.create of any onnxruntime
 */
export function exportOnnx(classifier: Classifier, facts: Readonly<Record<string, string>> = {}): Uint8Array {
  const { arch, network, normalization } = classifier;
  const images = input(INPUT, [ANY_BATCH, 3, arch.side, arch.side], "uint8");
  const features = forwardWith(arch, foldedConvolution(network), normalize(images, normalization));
  const g = new OnnxGraph("v", ANY_BATCH);
  emitAnswers(g, classifier, features, [[images, g.input(INPUT, images.shape, "uint8")]]);
  return g.toModel({ ...facts, ...onnxMetadata(classifier) });
}

/** Makes the outputs of a classifier of its features [n, d]; `known` are the tensors that they come from, with their names in the graph. */
export function emitAnswers(
  g: OnnxGraph,
  { head, unknown }: Pick<Classifier, "head" | "unknown">,
  features: Tensor,
  known: readonly (readonly [Tensor, string])[],
): void {
  const scores = exp(logSoftmax(logits(head, features)));
  const cosines = unknown && cosineLogits(features, fixed(unknown.centroids), constant([1], []));
  const e = emission(g, cosines ? [scores, cosines] : [scores], undefined);
  for (const [tensor, name] of known) e.provide(tensor, "plain", name);
  e.emit();
  g.output(OUTPUT, e.value(scores), scores.shape);
  if (cosines) {
    g.output(SIMILARITY, g.node("ReduceMax", [e.value(cosines)], { axes: [-1], keepdims: 0 }), [ANY_BATCH]);
  }
}

/** What an ONNX file of a classifier says beside its graph. */
export function onnxMetadata(classifier: Omit<Classifier, "network">): Readonly<Record<string, string>> {
  const { arch, classes, head, unknown } = classifier;
  return {
    producer: "pudnet",
    task: "image classification",
    labels: JSON.stringify(classes),
    arch: JSON.stringify(arch),
    preprocessing: JSON.stringify(preprocessing(classifier)),
    head: head.kind,
    ...(head.kind === "linear" ? {} : { temperature: String(head.temperature) }),
    ...(unknown ? { unknown_below: String(unknown.threshold) } : {}),
  };
}

const fixed = ({ data, shape }: HostTensor): Tensor => constant(data as Float32Array, shape);

/** features [n, d] -> [n, k] */
function logits(head: ClassifierHead, features: Tensor): Tensor {
  if (head.kind === "linear") return linear({ weight: fixed(head.weight), bias: fixed(head.bias) }, features);
  const temperature = constant([head.temperature], []);
  if (head.kind === "closed-form") return unitLogits(sub(features, fixed(head.mean)), fixed(head.weight), temperature);
  return cosineLogits(features, fixed(head.centroids), temperature);
}

/** Each convolution with its norm folded into it. */
function foldedConvolution({ weights, stats }: Network): ConvNorm {
  return (spec, x, pool = (y) => y) => {
    const { weight, bias } = foldedLayer(weights, stats, spec);
    const kernel = constant(weight, [spec.cOut, spec.cIn, spec.kernel, spec.kernel]);
    return pool(conv2d(x, kernel, constant(bias, [spec.cOut]), spec));
  };
}
