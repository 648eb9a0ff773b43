// Learned sketches, one for each domain of training, in place of what is seen of its images (`sketch: domain`). They say what a perfect look
// at the domain would bring: where its mere name brings nothing, no sketch can.

import { matmul, reshape } from "../tensor/ops.ts";
import { gaussian } from "../nn/init.ts";
import type { Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import type { PudNetConfig } from "./config.ts";

/** As a learned constant starts. */
const DEVIATION = 0.1;

/** sketches [domains, G H], one-hot domain [1, domains] -> its sketch [G, H]; the others get no gradient. */
export function domainSketch(sketches: Tensor, domain: Tensor, { gruLayers, hiddenSize }: PudNetConfig): Tensor {
  return reshape(matmul(domain, sketches), [gruLayers, hiddenSize]);
}

/** The same of numbers, by the domain's place; of a domain that has none, the mean of all. */
export function knownSketch(
  { shape: [count, size], data }: HostTensor,
  domain: number | undefined,
  { gruLayers, hiddenSize }: PudNetConfig,
): HostTensor {
  const rows = domain === undefined ? Array.from({ length: count! }, (_, row) => row) : [domain];
  const mean = Float64Array.from({ length: size! }, (_, i) =>
    rows.reduce((sum, row) => sum + (data[row * size! + i] as number) / rows.length, 0),
  );
  return hostTensor([gruLayers, hiddenSize], mean);
}

export function initDomainSketches(key: Key, { gruLayers, hiddenSize }: PudNetConfig, domains: number): HostTensor {
  return gaussian(key, [domains, gruLayers * hiddenSize], DEVIATION);
}
