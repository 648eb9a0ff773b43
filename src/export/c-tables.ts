// The numbers of an exported C file, and what names its classes.

import type { Arena } from "./c-arena.ts";
import { coloursOf } from "./colours.ts";
import { sumUnits } from "./pack.ts";
import { featuresOf, type WholePlan, type WholeStep, zeroOf } from "./plan.ts";

/** All that stands before the code: names, numbers, and the memory that is computed in. */
export function tablesOf(plan: WholePlan, prefix: string, arena: Arena): string {
  return `
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

const char *const ${prefix}_labels[${prefix.toUpperCase()}_CLASSES] = {
${plan.classes.map((label) => `  ${cString(label)},`).join("\n")}
};

/* What each value of red, green and blue is in the first tensor. */
${table("uint8_t", "colours", coloursOf(plan))}
${plan.steps.map(stepTables).join("\n")}
static const step steps[${plan.steps.length}] = {
${plan.steps.map((_, i) => `  {${stepRow(plan, i, arena)}},`).join("\n")}
};

${headTables(plan)}
static uint8_t arena[${arena.size}];
static float features[${featuresOf(plan)}];
static int is_unknown;
`;
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
  const units = add === undefined ? [0, 0] : sumUnits(plan, i);
  const tensors = [places[from], places[i + 1], add === undefined ? 0 : places[add]];
  const zeros = [zeroOf(plan, from), add === undefined ? 0 : zeroOf(plan, add)];
  const sizes = [side, cIn, cOut, kernel, stride, padding, ...window];
  const flags = [relu, add !== undefined, pool !== undefined].map(Number);
  const floats = units.map((unit) => `${unit.toExponential(8)}f`);
  return [`w${i}`, `b${i}`, `s${i}`, ...tensors, ...sizes, ...zeros, ...floats, ...flags].join(", ");
}

/** Of the head, and of what tells what is unknown. */
function headTables({ head, unknown, classes }: WholePlan): string {
  return `${table("int16_t", "head_weight", head.weight)}
${table("float", "head_unit", head.units)}
${table("float", "head_bias", head.bias)}
${head.centre ? table("float", "head_centre", head.centre) : ""}
${unknown ? `${table("int8_t", "centroids", unknown.rows)}\n${table("float", "centroid_length", lengthsOf(unknown.rows, classes.length))}` : ""}`;
}

/** Of each of so many rows. */
function lengthsOf(rows: Int8Array, count: number): Float32Array {
  const size = rows.length / count;
  return Float32Array.from({ length: count }, (_, k) =>
    Math.sqrt(rows.subarray(k * size, (k + 1) * size).reduce((sum, value) => sum + value * value, 1e-24)),
  );
}
