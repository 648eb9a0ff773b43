// The PyTorch vectors of test/golden (README.md there says what each file holds) and a runner for files of small cases:
// inputs, output, and gradients of sum(output * gradOutput).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readSafetensors } from "../src/formats/safetensors.ts";
import { gradients } from "../src/tensor/gradients.ts";
import { mul, sum } from "../src/tensor/ops.ts";
import { compile } from "../src/tensor/program.ts";
import { blockSize } from "../src/tensor/runtime.ts";
import type { Tensor } from "../src/tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../src/tensor/tree.ts";
import { expect, type Tolerance } from "./close.ts";

export interface GoldenFile {
  /** By case, parameters as JSON has them. */
  readonly cases: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** The tensors whose names start with `prefix`, by the rest of their names. */
  readonly under: (prefix: string) => Map<string, HostTensor>;
  readonly tensor: (name: string) => HostTensor;
}

export function golden(name: string): GoldenFile {
  const path = join(import.meta.dirname, "golden", `${name}.safetensors`);
  const { tensors, metadata } = readSafetensors(readFileSync(path), path);
  const cases = Object.entries(metadata).map(
    ([key, text]) => [key, JSON.parse(text) as Record<string, unknown>] as const,
  );
  return {
    cases: new Map(cases),
    under: (prefix) =>
      new Map([...tensors].filter(([key]) => key.startsWith(prefix)).map(([key, x]) => [key.slice(prefix.length), x])),
    tensor: (key) => tensors.get(key) ?? expect.fail(`${path} has no "${key}"`),
  };
}

/** Both lowerings, or the portable one alone where this CPU has no blocks. */
export const LOWERINGS: readonly ("portable" | "blocked")[] =
  (await blockSize()) === undefined ? ["portable"] : ["portable", "blocked"];

/** Rows with a one at each label. */
export function oneHot({ data }: HostTensor, classes: number): HostTensor {
  const rows = hostTensor([data.length, classes]);
  data.forEach((label: number | bigint, i: number) => (rows.data[i * classes + Number(label)] = 1));
  return rows;
}

/** What a case computes: from its float inputs in order, given its parameters and the integer inputs by name. */
export type GoldenCompute = (
  inputs: readonly Tensor[],
  parameters: Readonly<Record<string, unknown>>,
  integers: Readonly<Record<string, HostTensor>>,
) => Tensor;

/** Tests every named case of a file, values and gradients, in both lowerings, each with one program for all cases. */
export function describeGolden(
  file: string,
  computes: Readonly<Record<string, GoldenCompute>>,
  tolerance: (name: string) => Tolerance = () => ({}),
): void {
  const { cases, under } = golden(file);
  const prepared = Object.entries(computes).map(([name, compute]) => {
    const tensors = under(`${name}/`);
    const parameters = cases.get(name) ?? expect.fail(`${file} has no case "${name}"`);
    const inputs = (parameters["inputs"] as string[]).map((input, i) => [input, tensors.get(`input${i}`)!] as const);
    const isFloat = ([, { data }]: readonly [string, HostTensor]): boolean => data instanceof Float32Array;
    const integers = Object.fromEntries(inputs.filter((input) => !isFloat(input)));
    return { name, tensors, parameters, compute, floats: inputs.filter(isFloat).map(([, x]) => x), integers };
  });
  const run = async (lowering: "portable" | "blocked"): Promise<Record<string, HostTensor[]>> => {
    const inputs = Object.fromEntries(
      prepared.map(({ name, tensors, floats }) => [name, [tensors.get("gradOutput")!, ...floats]]),
    );
    const build = (traced: Record<string, Tensor[]>): Record<string, Tensor[]> =>
      Object.fromEntries(
        prepared.map(({ name, compute, parameters, integers }) => {
          const [gradOutput, ...x] = traced[name]!;
          const y = compute(x, parameters, integers);
          return [name, [y, ...gradients(sum(mul(y, gradOutput!)), x)]];
        }),
      );
    const program = await compile(build, inputs, { lowering, threads: 1 });
    const results = await program.run(inputs);
    await program.release();
    return results;
  };
  describe.each(LOWERINGS)(`${file} beside PyTorch, %s`, (lowering) => {
    const results = run(lowering);
    test.each(prepared)("$name", async ({ name, tensors }) => {
      const [output, ...grads] = (await results)[name]!;
      expect(output!.shape).toEqual(tensors.get("output")!.shape);
      expect(output, "output").toBeAllClose(tensors.get("output")!, tolerance(name));
      grads.forEach((grad, i) => {
        const expected = tensors.get(`grad${i}`);
        if (expected) expect(grad, `gradient ${i}`).toBeAllClose(expected, tolerance(name));
      });
    });
  });
}

/** The same compute for all cases of a file whose names start with one of the prefixes. */
export function casesNamed(file: string, prefix: string, compute: GoldenCompute): Record<string, GoldenCompute> {
  const names = [...golden(file).cases.keys()].filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name, compute]));
}
