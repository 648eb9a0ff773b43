// The answers of a network with a linear head. Apart from the training of one, so that classifying loads nothing of it.

import type { ImageSource } from "../predict/image-source.ts";
import type { Predictor } from "../predict/predictor.ts";
import type { TrainedNetwork } from "./supervised.ts";

/**
 * Class probabilities [n, classes] of images under a trained network and its linear head, with running statistics. `runner`
 * (a NetworkRunner or a Predictor) knows the network's architecture.
 */
export async function classifyWithHead(
  runner: Pick<Predictor, "features">,
  { network, head }: TrainedNetwork,
  images: ImageSource,
): Promise<Float32Array> {
  const features = await runner.features(network, images);
  const [classes, d] = head.weight.shape as [number, number];
  const [weight, bias] = [head.weight.data as Float32Array, head.bias.data as Float32Array];
  const out = new Float32Array(images.count * classes);
  for (let i = 0; i < images.count; i++) {
    const row = out.subarray(i * classes, (i + 1) * classes);
    for (let c = 0; c < classes; c++) {
      let sum = bias[c]!;
      for (let j = 0; j < d; j++) sum += features[i * d + j]! * weight[c * d + j]!;
      row[c] = sum;
    }
    softmaxInPlace(row);
  }
  return out;
}

function softmaxInPlace(row: Float32Array): void {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  row.forEach((value, c) => (row[c] = Math.exp(value - top)));
  const total = row.reduce((a, b) => a + b, 0);
  row.forEach((value, c) => (row[c] = value / total));
}
