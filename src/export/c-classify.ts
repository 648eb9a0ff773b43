// The code of an exported C file: what all have, and from features to scores, which differs by readout and head.

import type { Arena } from "./c-arena.ts";
import { C_CODE, C_MEAN, C_ROOT } from "./c-code.ts";
import { featuresOf, type Maps, type WholePlan } from "./plan.ts";

/** All that stands behind the tables. */
export function codeOf(plan: WholePlan, prefix: string, arena: Arena): string {
  const { readout, head, unknown, classes } = plan;
  const size = featuresOf(plan);
  const parts = [
    C_CODE,
    readout.kind === "flat" ? "" : C_MEAN,
    head.centre || unknown ? C_ROOT : "",
    unknown ? similarity(size, classes.length) : "",
  ];
  return `${parts.join("")}
${classifyCode(plan, prefix, arena)}
int ${prefix}_is_unknown(void) { return is_unknown; }
`;
}

function classifyCode(plan: WholePlan, prefix: string, arena: Arena): string {
  const { steps, head, classes, side, unknown } = plan;
  const size = featuresOf(plan);
  return `int ${prefix}_classify(const uint8_t *rgb, float *scores) {
  for (int32_t i = 0; i < ${3 * side * side}; i++) arena[${arena.places[0]} + i] = colours[256 * (i % 3) + rgb[i]];
  for (int32_t i = 0; i < ${steps.length}; i++) {
    convolve(&steps[i]);
    if (steps[i].pools) pool(&steps[i]);
  }
${readoutCode(plan, arena)}${unknown ? `  is_unknown = similarity() < ${unknown.threshold.toExponential(8)}f;\n` : ""}${head.centre ? centred(size) : ""}
  int best = 0;
  for (int32_t k = 0; k < ${classes.length}; k++) {
    float sum = 0.0f;
    for (int32_t j = 0; j < ${size}; j++) sum += features[j] * (float)head_weight[k * ${size} + j];
    scores[k] = head_bias[k] + sum * head_unit[k];
    if (scores[k] > scores[best]) best = k;
  }
  float largest = scores[best], total = 0.0f;
  for (int32_t k = 0; k < ${classes.length}; k++) total += scores[k] = power(scores[k] - largest);
  for (int32_t k = 0; k < ${classes.length}; k++) scores[k] /= total;
  return best;
}
`;
}

/** Statements that fill the features. */
function readoutCode({ readout: from, units }: WholePlan, { places }: Arena): string {
  const unit = ({ tensor }: Maps, share = 1): string => `${Math.fround(units[tensor]! * share).toExponential(8)}f`;
  const { side, channels, tensor } = from.last;
  if (from.kind === "flat") {
    const area = side * side;
    return `  for (int32_t i = 0; i < ${area * channels}; i++) {
    features[i] = (float)arena[${places[tensor]} + i % ${area} * ${channels} + i / ${area}] * ${unit(from.last)};
  }\n`;
  }
  const means = `  for (int32_t c = 0; c < ${channels}; c++) {
    features[c] = mean(arena + ${places[tensor]} + c, ${side}, ${channels}, 0, 0, ${side}) * ${unit(from.last)};
  }\n`;
  if (from.kind !== "stages") return means;
  const { before } = from;
  const half = Math.floor(before.side / 2);
  const x = `arena + ${places[before.tensor]} + c / 4`;
  return `${means}  for (int32_t c = 0; c < ${4 * before.channels}; c++) {
    features[${channels} + c] = mean(${x}, ${before.side}, ${before.channels}, c % 4 / 2 * ${half}, c % 2 * ${half}, ${half}) * ${unit(before, 0.5)};
  }\n`;
}

/** The largest cosine of the features with a centroid. */
function similarity(size: number, classes: number): string {
  return `
/* The largest cosine of the features with a centroid. */
static float similarity(void) {
  float most = -1.0f, squares = 1e-24f;
  for (int32_t j = 0; j < ${size}; j++) squares += features[j] * features[j];
  float length = root(squares);
  for (int32_t k = 0; k < ${classes}; k++) {
    float product = 0.0f;
    for (int32_t j = 0; j < ${size}; j++) product += features[j] * (float)centroids[k * ${size} + j];
    float cosine = product / (length * centroid_length[k]);
    if (cosine > most) most = cosine;
  }
  return most;
}
`;
}

function centred(size: number): string {
  return `  float squares = 1e-24f;
  for (int32_t j = 0; j < ${size}; j++) {
    features[j] -= head_centre[j];
    squares += features[j] * features[j];
  }
  float length = root(squares);
  for (int32_t j = 0; j < ${size}; j++) features[j] /= length;
`;
}
