// The meta-training loss of one group, eq. 7 to 11: metric classification of the queries, full classification of all
// images over the training classes, and consistency between the two.

import type { GroupShape } from "../data/groups.ts";
import { invariant } from "../errors.ts";
import type { Arch } from "../models/architectures.ts";
import { type Features, forward } from "../models/network.ts";
import { accuracy, crossEntropy, klDivergence } from "../nn/losses.ts";
import { linear } from "../nn/linear.ts";
import { add, concat, logSoftmax, matmul, mul, slice, stopGradient } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PudNetConfig } from "./config.ts";
import { centroids, cosineLogits } from "../nn/cosine.ts";
import { domainSketch } from "./domain-sketch.ts";
import { predictWeights, type PudNet, sketchOf } from "./pudnet.ts";
import { type SketchNet, sketchRows, type SketchRows } from "./sketch.ts";
import { classMeans, classRows } from "../nn/class-rows.ts";

export interface Group {
  /** Normalised images, class after class in each part: supports, queries, extras [ways (shots + queries + extra), 3, side, side]. */
  readonly images: Tensor;
  /** One-hot rows: which training class each way is [ways, trainClasses]. */
  readonly classes: Tensor;
  /** One-hot: its domain [1, domains], where domains have learned sketches. */
  readonly domain?: Tensor;
}

export interface MetaLoss {
  readonly total: Tensor;
  readonly metric: Tensor;
  readonly full: Tensor;
  readonly kl: Tensor;
  readonly accuracy: Tensor;
  /** What the norms of both networks saw, for the running averages; nothing where there is no sketch network. */
  readonly sketch?: SketchRows;
  readonly target: Features;
}

/** The loss of one group. Sketch: supports and extras; batch norm: statistics of the group. */
export function metaLoss(config: PudNetConfig, arch: Arch, params: PudNet, group: Group, size: GroupShape): MetaLoss {
  const { ways, shots, queries } = size;
  const [supports, labelled] = [ways * shots, ways * (shots + queries)];
  const images = (from: number, to: number): Tensor => slice(group.images, 0, from, to);

  const rows = params.sketch && groupRows(config, params.sketch, group, { supports, labelled });
  const sketch = groupSketch(config, params, group, rows);
  const target = forward(arch, predictWeights(config, arch, params, sketch), images(0, labelled));
  const { features } = target;

  const support = slice(features, 0, 0, supports);
  const query = slice(features, 0, supports, labelled);
  const means = centroids(support, classMeans(ways, shots));
  const tau = config.learnTemperature ? params.tau : stopGradient(params.tau);
  const logits = cosineLogits(query, config.detachPrototypes ? stopGradient(means) : means, tau);
  const local = classRows(ways, queries); // one-hot [ways queries, ways]
  const metric = crossEntropy(logits, local); // eq. 8

  const fullLogits = linear(params.head, features);
  const global = matmul(concat([classRows(ways, shots), local], 0), group.classes);
  const full = crossEntropy(fullLogits, global); // eq. 9

  // eq. 10: the metric's probabilities are zero outside the group's classes, so only those columns count
  const logQ = matmul(logSoftmax(slice(fullLogits, 0, supports, labelled)), group.classes, { transposeB: true });
  const kl = klDivergence(logSoftmax(logits), logQ);

  // eq. 11
  const sum = add(add(metric, mul(full, config.fullLoss)), mul(kl, config.klLoss));
  return { total: sum, metric, full, kl, accuracy: accuracy(logits, local), ...(rows ? { sketch: rows } : {}), target };
}

/** The sketch [G, H] of a group: learned, or the mean of its rows. A static network has none. */
function groupSketch(
  config: PudNetConfig,
  { constantSketch, domainSketches }: PudNet,
  { domain }: Group,
  rows: SketchRows | undefined,
): Tensor | undefined {
  if (config.sketch === "constant") return constantSketch.rows;
  if (!domainSketches) return rows && sketchOf(rows.rows, config);
  invariant(domain, () => "a group without its domain");
  return domainSketch(domainSketches, domain, config);
}

/** A row for each image that the sketch sees: the first `supports`, and those behind the `labelled` ones. */
function groupRows(
  config: PudNetConfig,
  net: SketchNet,
  { images }: Group,
  { supports, labelled }: { readonly supports: number; readonly labelled: number },
): SketchRows {
  const total = images.shape[0]!;
  const support = slice(images, 0, 0, supports);
  return sketchRows(config, net, total > labelled ? concat([support, slice(images, 0, labelled, total)], 0) : support);
}
