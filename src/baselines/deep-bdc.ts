// Meta-DeepBDC (Xie, Long, Lv, Wang, Li, CVPR 2022; methods/bdc_module.py and meta_deepbdc.py of its code): an image is the
// Brownian distance covariance matrix of its channels, classified by the class means of these matrices.

import { classMeans } from "../nn/class-rows.ts";
import { centroids } from "../nn/cosine.ts";
import { type Arch, type LayerSpec, mapChannels } from "../models/architectures.ts";
import { filled } from "../nn/init.ts";
import {
  add,
  concat,
  constant,
  exp,
  flatten,
  matmul,
  mean,
  mul,
  neg,
  relu,
  reshape,
  slice,
  sqrt,
  sub,
  sum,
} from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { squaredDistances } from "./distance.ts";
import type { EpisodicMethod } from "./method.ts";

/** More channels than this are reduced to it by a 1x1 convolution: the authors' choice for ResNet-18. */
const MOST_CHANNELS = 256;

export const deepBdc: EpisodicMethod = {
  layers: reduction,
  // The authors learn log(1 / (2 h w)) + this. Maps say their size themselves, so only what is learned is kept.
  init: () => ({ temperature: filled([], 0) }),
  embedding: (params, arch) => (maps, convNorm) => {
    const reduced = reduction(arch).reduce((h, spec) => relu(convNorm(spec, h)), maps);
    return bdcVectors(reduced, (params as { readonly temperature: Tensor }).temperature);
  },
  embeddingSize: (arch) => Math.min(mapChannels(arch), MOST_CHANNELS) ** 2,
  logits(_, support, query, { ways, shots }) {
    const prototypes = centroids(support, classMeans(ways, shots));
    // MetaDeepBDC.metric: inner products where a class has one image only
    return shots > 1 ? neg(squaredDistances(query, prototypes)) : matmul(query, prototypes, { transposeB: true });
  },
};

function reduction(arch: Arch): LayerSpec[] {
  const cIn = mapChannels(arch);
  if (cIn <= MOST_CHANNELS) return [];
  const window = { kernel: 1, stride: 1, padding: 0 };
  return [{ name: "reduction.0", norm: "reduction.1", role: "block", cIn, cOut: MOST_CHANNELS, ...window }];
}

/**
 * BDC matrices of maps [n, d, h, w] as vectors [n, d d]: the double-centred distances between channels (BDCovpool there),
 * each channel being a vector of h w numbers. The authors keep the upper triangle. The whole symmetric matrix with entries
 * off the diagonal divided by sqrt(2) has the same inner products, hence distances, and needs no selection.
 */
export function bdcVectors(maps: Tensor, temperature: Tensor): Tensor {
  const [n, d, h, w] = maps.shape as [number, number, number, number];
  const x = reshape(maps, [n, d, h * w]);
  const lengths = sum(mul(x, x), [2]);
  const squares = sub(add(reshape(lengths, [n, d, 1]), reshape(lengths, [n, 1, d])), mul(products(x), 2));
  const factor = exp(add(temperature, -Math.log(2 * h * w)));
  // a channel is at distance 0 from itself: the root's steep start must not enlarge the rounding of that
  const distances = sqrt(add(mul(mul(relu(squares), offDiagonal(d, 0, 1)), factor), 1e-5));
  const rows = mean(distances, [2], true);
  const centred = sub(sub(distances, rows), reshape(rows, [n, 1, d])); // symmetric: means of columns are those of rows
  return flatten(mul(add(centred, mean(rows, [1], true)), offDiagonal(d, 1, Math.SQRT1_2)));
}

/** [d, d] with one value on the diagonal and another off it. */
function offDiagonal(d: number, on: number, off: number): Tensor {
  return constant(
    Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? on : off)),
    [d, d],
  );
}

/** Inner products between the channels of each image: x [n, d, m] -> [n, d, d]. */
function products(x: Tensor): Tensor {
  const [, d, m] = x.shape as [number, number, number];
  const each = singles(x).map((one) => {
    const channels = reshape(one, [d, m]);
    return reshape(matmul(channels, channels, { transposeB: true }), [1, d, d]);
  });
  return concat(each, 0);
}

/** The entries of the first axis, by halving: the gradient of each slice is as large as what it was cut from. */
function singles(x: Tensor): Tensor[] {
  const n = x.shape[0]!;
  if (n === 1) return [x];
  const half = Math.floor(n / 2);
  return [...singles(slice(x, 0, 0, half)), ...singles(slice(x, 0, half, n))];
}
