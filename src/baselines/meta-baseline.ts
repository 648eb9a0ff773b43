// Meta-Baseline (Chen, Liu, Xu, Darrell, Wang, ICCV 2021; models/meta_baseline.py of its code): a pretrained network, trained
// further with cosine classification by class means. Its first stage, pretraining with a linear head, is not this file's.

import { classMeans } from "../nn/class-rows.ts";
import { centroids, cosineLogits } from "../nn/cosine.ts";
import { featureSize } from "../models/architectures.ts";
import { filled } from "../nn/init.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { EpisodicMethod } from "./method.ts";

export const metaBaseline: EpisodicMethod = {
  layers: () => [],
  init: () => ({ tau: filled([], 10) }), // learnable; the authors' code starts it at 10
  embeddingSize: featureSize,
  logits(params, support, query, { ways, shots }) {
    const { tau } = params as { readonly tau: Tensor };
    const means = centroids(support, classMeans(ways, shots)); // of raw features
    return cosineLogits(query, means, tau); // both scaled to length 1, then tau times their product
  },
};
