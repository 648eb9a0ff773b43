// Every operation in both lowerings: its value against plain loops, its gradient and the gradient of its gradient
// against central differences.

import { describe, test } from "vitest";
import { dot, gradientErrors } from "../../test/central-differences.ts";
import { expect, largest } from "../../test/close.ts";
import { drawInput } from "../../test/draw-input.ts";
import { type Draw, fusionCases, type OpCase, opCases } from "../../test/op-cases.ts";
import { build } from "../../test/reference-ops.ts";
import { gradients } from "./gradients.ts";
import { PORTABLE } from "./lower/portable.ts";
import { add, constant, type Conv2dOptions, input, maxPool2d, mul, sum } from "./ops.ts";
import { compile } from "./program.ts";
import { fold, key, type Key, normal } from "./random.ts";
import { blockSize } from "./runtime.ts";
import { type OpName, type Tensor, topologicalOrder } from "./tensor.ts";
import { type HostTensor, sizeOf } from "./tree.ts";

/** Curvature over a step of 1e-2 and noise of float32 in it: 3e-3 at most was seen. */
const TOLERANCE = 5e-3;
/** Both lowerings compute the same sums in another order. */
const AGREEMENT = 1e-4;

const block = await blockSize();
const lowerings = block === undefined ? (["portable"] as const) : (["portable", "blocked"] as const);
const cases = opCases(block ?? 8);
const seed = key(20231018);

test.skipIf(block !== undefined)(
  "SKIPPED: the blocked lowering, which this CPU or onnxruntime does not offer",
  () => {},
);

test("every operation has a case that uses it", () => {
  expect(Object.keys(cases).toSorted()).toEqual(Object.keys(PORTABLE).toSorted());
  for (const [op, list] of Object.entries(cases)) {
    expect(list.length, op).toBeGreaterThan(0);
    for (const { name, inputs, compute } of list) {
      const used = topologicalOrder([compute(...inputs.map(symbol))]).map((tensor) => tensor.op);
      expect(used, `${op}: ${name}`).toContain(op);
    }
  }
});

describe.each(Object.keys(cases) as OpName[])("%s", (op) => {
  test.each(cases[op])("$name", (each) => checkCase(fold(seed, op), each));
});

// Their parts are differentiated above; here inputs come near kinks, where central differences say nothing.
describe.skipIf(block === undefined)("what the blocked lowering fuses is what the portable one computes", () => {
  test.each(fusionCases(block ?? 8))("$name", (each) => checkCase(fold(seed, "fusions"), each, "lowerings"));
});

describe.each(lowerings)("equal maxima under a pooling window, %s", (lowering) => {
  const c = block ?? 8;

  test.each([4, 5])("windows side by side share among them, side %i", async (side) => {
    const dx = await pooledGradient(side, 2, {});
    const inWindow = side - (side % 2);
    expect(dx.data).toEqual(
      Float32Array.from(build(dx.shape, (_n, _c, row, column) => (row < inWindow && column < inWindow ? 0.25 : 0))),
    );
  });

  test("overlapping windows give all to the first", async () => {
    const dx = await pooledGradient(4, 3, { stride: 2, padding: 1 });
    expect(Array.from(dx.data.slice(0, 16) as Float32Array)).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  async function pooledGradient(side: number, kernel: number, options: Conv2dOptions): Promise<HostTensor> {
    const x = { shape: [1, c, side, side], data: new Float32Array(c * side * side).fill(3) };
    const pool = (traced: { x: Tensor }) => ({
      dx: gradients(sum(maxPool2d(traced.x, kernel, options)), [traced.x])[0]!,
    });
    const program = await compile(pool, { x }, { lowering });
    const { dx } = await program.run({ x });
    await program.release();
    return dx;
  }
});

const symbol = ({ shape, from }: Draw, i: number): Tensor =>
  input(`x${i}`, shape, from === "bytes" ? "uint8" : "float32");

async function checkCase(
  source: Key,
  each: OpCase,
  against: "differences" | "lowerings" = "differences",
): Promise<void> {
  const inputs = each.inputs.map((one, i) => drawInput(fold(fold(source, each.name), i), one));
  const results = [];
  for (const lowering of lowerings) results.push(await checkLowering(source, each, inputs, lowering, against));
  const [portable, blocked] = results;
  const byHand = each.byHand?.(...(inputs as { shape: number[]; data: Float32Array }[]));
  if (byHand) expect(portable!.y, "value").toBeAllClose(byHand, { rtol: 2e-6, atol: 1e-6 });
  if (!blocked) return;
  for (const [name, value] of Object.entries(portable!)) {
    expect(blocked[name]!.shape).toEqual(value.shape);
    expect(blocked[name], `${name}: blocked beside portable`).toBeAllClose(value, { rtol: AGREEMENT, atol: 1e-6 });
  }
}

/** Value, gradients g of L = y . r, and gradients of h = sum of g . s, checked by differences of L and h. */
async function checkLowering(
  source: Key,
  { inputs: draws, compute, differentiable = true }: OpCase,
  inputs: readonly HostTensor[],
  lowering: "portable" | "blocked",
  against: "differences" | "lowerings",
): Promise<Record<string, HostTensor>> {
  const weightsOf = (name: string, like: Tensor): Tensor =>
    constant(normal(fold(source, name), sizeOf(like.shape)), like.shape);
  const weigh = (x: Tensor, name: string): Tensor => sum(mul(x, weightsOf(name, x)));
  const specs = Object.fromEntries(
    draws.map(({ shape, from }, i) => [`x${i}`, { shape, dtype: from === "bytes" ? "uint8" : "float32" } as const]),
  );
  let first: Tensor[] = [];
  const program = await compile(
    (byName: Record<string, Tensor>) => {
      const x = Object.values(byName);
      const y = compute(...x);
      const loss = weigh(y, "y");
      first = gradients(loss, x);
      const along = first.map((g, i) => weigh(g, `g${i}`)).reduce((a, b) => add(a, b));
      const named = (prefix: string, all: Tensor[]): [string, Tensor][] => all.map((g, i) => [`${prefix}${i}`, g]);
      return { y, ...Object.fromEntries([...named("g", first), ...named("gg", gradients(along, x))]) };
    },
    specs,
    { lowering, threads: 1 },
  );
  const run = (x: readonly HostTensor[]): Promise<Record<string, HostTensor>> =>
    program.run(Object.fromEntries(x.map((leaf, i) => [`x${i}`, leaf])));
  const results = await run(inputs);
  const gradientsOf = (prefix: string): HostTensor[] => inputs.map((_, i) => results[`${prefix}${i}`]!);

  if (!differentiable) {
    for (const g of gradientsOf("g")) expect(largest(g), "a gradient where none flows").toBe(0);
  } else if (against === "differences") {
    const r = normal(fold(source, "y"), results["y"]!.data.length);
    const s = inputs.map((x, i) => normal(fold(source, `g${i}`), sizeOf(x.shape)));
    const losses = async (x: readonly HostTensor[]): Promise<number[]> => {
      const at = await run(x);
      return [dot(at["y"]!, r), s.reduce((total, weights, i) => total + dot(at[`g${i}`]!, weights), 0)];
    };
    const [g, gg] = await gradientErrors(losses, inputs, [gradientsOf("g"), gradientsOf("gg")], { key: source });
    expect(g, `${lowering}: gradient beside central differences`).toBeLessThan(TOLERANCE);
    expect(gg, `${lowering}: gradient of the gradient beside central differences`).toBeLessThan(TOLERANCE);
  }
  await program.release();
  return results;
}
