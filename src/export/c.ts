// A classifier as C99 for microcontrollers: a header and a source, whole numbers of 8 bits, no allocation, no library.

import { UserError } from "../errors.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { aboutFile, asciiJson, comment, type Exporter } from "./about.ts";
import { C_CODE, C_MEAN, C_ROOT } from "./c-code.ts";
import { LICENCE } from "./licence.ts";
import { pack, sumUnits } from "./pack.ts";
import { type Maps, sideAfter, type WholePlan, type WholeStep } from "./plan.ts";
import { coloursOf } from "./colours.ts";

/** Of 0 to 255, what stands for 0 in tensors that may be negative. */
const MIDDLE = 128;

/** Bytes that a classifier takes, but for code (about 4 kB) and stack (under 200 bytes). */
export interface Memory {
  readonly flash: number;
  readonly ram: number;
}

export interface CFiles {
  readonly header: string;
  readonly source: string;
  readonly memory: Memory;
}

/**
 * Header and source, for files `name`.h and `name`.c, whose functions begin with the name.
 * @throws UserError where the name can be no part of a file of C
 * @example exportC(classifier, quantised(classifier, images), "pets").header.includes("int pets_classify(") // true
 */
export function exportC(classifier: Classifier, plan: WholePlan, name: string, exporter: Exporter = {}): CFiles {
  const prefix = identifier(name);
  const upper = prefix.toUpperCase();
  const about = asciiJson(aboutFile(classifier, "int8", exporter));
  const head = comment(`A classifier of pictures, made by PudNet. ${about}\n\n${LICENCE}`);
  const arena = arenaOf(plan);
  const { steps, head: last, classes, side, unknown } = plan;
  const size = last.weight.length / classes.length;
  const header = `${head}
#ifndef ${upper}_H
#define ${upper}_H

#include <stdint.h>

#define ${upper}_SIDE ${side}
#define ${upper}_CLASSES ${classes.length}

#ifdef __cplusplus
extern "C" {
#endif

/* Names of classes in UTF-8. */
extern const char *const ${prefix}_labels[${upper}_CLASSES];

/* The class of a picture, from 0 on. rgb: ${side} rows from the top of ${side} pixels, a byte each for red, green and blue
   (${side * side * 3} bytes). scores: gets ${classes.length} probabilities. Not for two threads at once. */
int ${prefix}_classify(const uint8_t *rgb, float *scores);

/* Whether the picture that was classified last is like nothing that the classifier was made from. */
int ${prefix}_is_unknown(void);

#ifdef __cplusplus
}
#endif

#endif
`;
  const source = `${head}
#include "${name}.h"

typedef struct {
  const int8_t *weight; /* [out, kernel, kernel, in] */
  const int32_t *bias;
  const float *scale;
  /* places in the arena */
  int32_t from, to, add;
  int32_t side, in, out, kernel, stride, padding;
  int32_t pool_kernel, pool_stride, pool_padding;
  /* what stands for 0 */
  int32_t zero, add_zero;
  float own_unit, add_unit;
  uint8_t relu, adds, pools;
} step;

const char *const ${prefix}_labels[${upper}_CLASSES] = {
${classes.map((label) => `  ${cString(label)},`).join("\n")}
};

/* What each value of red, green and blue is in the first tensor. */
${table("uint8_t", "colours", coloursOf(plan))}
${steps.map(stepTables).join("\n")}
static const step steps[${steps.length}] = {
${steps.map((_, i) => `  {${stepRow(plan, i, arena)}},`).join("\n")}
};

${table("int16_t", "head_weight", last.weight)}
${table("float", "head_unit", last.units)}
${table("float", "head_bias", last.bias)}
${last.centre ? table("float", "head_centre", last.centre) : ""}
${unknown ? `${table("int8_t", "centroids", unknown.rows)}\n${table("float", "centroid_length", lengthsOf(unknown.rows, classes.length))}` : ""}
static uint8_t arena[${arena.size}];
static float features[${size}];
static int is_unknown;
${C_CODE}${plan.readout.kind === "flat" ? "" : C_MEAN}${last.centre || unknown ? C_ROOT : ""}${unknown ? similarity(size, classes.length) : ""}
int ${prefix}_classify(const uint8_t *rgb, float *scores) {
  for (int32_t i = 0; i < ${3 * side * side}; i++) arena[${arena.places[0]} + i] = colours[256 * (i % 3) + rgb[i]];
  for (int32_t i = 0; i < ${steps.length}; i++) {
    convolve(&steps[i]);
    if (steps[i].pools) pool(&steps[i]);
  }
${readoutCode(plan, arena)}${unknown ? `  is_unknown = similarity() < ${unknown.threshold.toExponential(8)}f;\n` : ""}${last.centre ? centred(size) : ""}
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

int ${prefix}_is_unknown(void) { return is_unknown; }
`;
  return { header, source, memory: memoryOf(plan, arena.size, size) };
}

function memoryOf(plan: WholePlan, arena: number, size: number): Memory {
  const POINTERS = 4;
  const STEP = 80; // a row of the table of steps where pointers have 32 bits
  const labels = plan.classes.reduce(
    (total, label) => total + new TextEncoder().encode(label).length + 1 + POINTERS,
    0,
  );
  const { bytes } = pack(plan);
  const lengths = plan.unknown ? 4 * plan.classes.length : 0;
  return { flash: bytes.length + lengths + labels + 3 * 256 + STEP * plan.steps.length, ram: arena + 4 * size };
}

/** Headers of C and POSIX that are short words: a file of that name beside a program would stand in for them. */
const HEADERS = new Set(
  (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef " +
    "stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar wctype fcntl memory pthread regex sched termios unistd"
  ).split(" "),
);

/**
 * What the functions of a C file are called after.
 * @throws UserError for what cannot stand between quotes in an #include, and for names of system headers
 */
export function identifier(name: string): string {
  if (HEADERS.has(name.toLowerCase())) {
    throw new UserError(`"${name}.h" is a header of C: programs that ask for it would find the classifier`, {
      hint: `give another name, such as --out ${name}-classifier.c`,
      exitCode: 2,
    });
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw new UserError(`"${name}" can be no name of a C file: it may have letters, digits, "_", "-" and "." alone`, {
      hint: "give another name, such as --out pets.c",
      exitCode: 2,
    });
  }
  return name.replaceAll(/\W/g, "_").replace(/^(?=[\d_])/, "c");
}

/** A string literal of ASCII: all but plain characters as octal bytes, three digits each. */
function cString(text: string): string {
  const plain = /[\w .,+=-]/;
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return byte < 128 && plain.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

const A_LINE = 24;

function table(type: string, name: string, numbers: ArrayLike<number>): string {
  const texts = Array.from(numbers, (value) => (type === "float" ? `${value.toExponential(8)}f` : String(value)));
  const lines = Array.from({ length: Math.ceil(texts.length / A_LINE) }, (_, i) =>
    texts.slice(i * A_LINE, (i + 1) * A_LINE).join(","),
  );
  return `static const ${type} ${name}[${texts.length}] = {\n${lines.join(",\n")}};`;
}

function stepTables({ name, weight, bias, multipliers }: WholeStep, i: number): string {
  const tables = [
    table("int8_t", `w${i}`, weight),
    table("int32_t", `b${i}`, bias),
    table("float", `s${i}`, multipliers),
  ];
  return `/* ${name} */\n${tables.join("\n")}\n`;
}

function stepRow(plan: WholePlan, i: number, { places }: Arena): string {
  const { from, add, side, cIn, cOut, kernel, stride, padding, pool, relu } = plan.steps[i]!;
  const window = pool ? [pool.kernel, pool.stride, pool.padding] : [0, 0, 0];
  const addZero = add !== undefined && add > 0 && !plan.steps[add - 1]!.relu ? MIDDLE : 0;
  const units = add === undefined ? [0, 0] : sumUnits(plan, i);
  const tensors = [places[from], places[i + 1], add === undefined ? 0 : places[add]];
  const zeros = [from === 0 ? plan.inputZero : 0, addZero];
  const sizes = [side, cIn, cOut, kernel, stride, padding, ...window];
  const flags = [relu, add !== undefined, pool !== undefined].map(Number);
  const floats = units.map((unit) => `${unit.toExponential(8)}f`);
  return [`w${i}`, `b${i}`, `s${i}`, ...tensors, ...sizes, ...zeros, ...floats, ...flags].join(", ");
}

interface Arena {
  /** By tensor: where it begins. */
  readonly places: readonly number[];
  readonly size: number;
}

/** A place for each tensor, so that none lies on another that is still needed. */
function arenaOf(plan: WholePlan): Arena {
  const { steps, readout, side } = plan;
  const kept = [readout.last.tensor, ...(readout.kind === "stages" ? [readout.before.tensor] : [])];
  const lastUse = (tensor: number): number =>
    kept.includes(tensor) ? steps.length : steps.findLastIndex(({ from, add }) => from === tensor || add === tensor);
  const sizes = [3 * side * side, ...steps.map((step) => sideAfter(step.side, step) ** 2 * step.cOut)];
  const places: number[] = [];
  sizes.forEach((size, tensor) => {
    const living = places
      .map((at, other) => ({ at, end: at + sizes[other]!, last: lastUse(other) }))
      .filter(({ last }) => last >= tensor - 1) // step tensor - 1 makes it
      .toSorted((a, b) => a.at - b.at);
    let at = 0;
    for (const other of living) if (other.at < at + size && other.end > at) at = other.end;
    places.push(at);
  });
  return { places, size: Math.max(...sizes.map((size, tensor) => places[tensor]! + size)) };
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

/** Of each of so many rows. */
function lengthsOf(rows: Int8Array, count: number): Float32Array {
  const size = rows.length / count;
  return Float32Array.from({ length: count }, (_, k) =>
    Math.sqrt(rows.subarray(k * size, (k + 1) * size).reduce((sum, value) => sum + value * value, 1e-24)),
  );
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
