// Prototypical networks (Snell, Swersky, Zemel, NeurIPS 2017): the nearest class mean by squared Euclidean distance.

import { classMeans } from "../nn/class-rows.ts";
import { centroids } from "../nn/cosine.ts";
import { featureSize } from "../models/architectures.ts";
import { neg } from "../tensor/ops.ts";
import { squaredDistances } from "./distance.ts";
import type { EpisodicMethod } from "./method.ts";

export const prototypical: EpisodicMethod = {
  layers: () => [],
  init: () => ({}),
  embeddingSize: featureSize,
  logits(_, support, query, { ways, shots }) {
    const prototypes = centroids(support, classMeans(ways, shots)); // eq. 1
    return neg(squaredDistances(query, prototypes)); // eq. 2, summed over dimensions, no further scale
  },
};
