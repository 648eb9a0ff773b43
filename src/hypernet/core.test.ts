// AHRU and weight generators beside an independent float64 implementation (test/golden/pudnet-core.json): three target
// layers of 2 -> 3 channels, hidden size 4.

import { readFileSync } from "node:fs";
import { beforeAll, describe, test } from "vitest";
import { expect } from "../../test/close.ts";
import { LOWERINGS } from "../../test/golden.ts";
import type { LayerSpec } from "../models/architectures.ts";
import { gruCell } from "../nn/gru.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { add, concat, mean, mul, reshape, slice } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, leaves, type Shape } from "../tensor/tree.ts";
import { ahru, type Ahru } from "./ahru.ts";
import { generateKernel, type WeightGenerator } from "./weight-generator.ts";

type Nested = number | readonly Nested[];
interface Core {
  readonly beta: number;
  readonly params: Readonly<Record<"Wih" | "Whh" | "bih" | "bhh" | "Wo" | "bo" | "lnh_g" | "lnh_b" | "a0", Nested[]>>;
  readonly gens: readonly Readonly<Record<"ln_g" | "ln_b" | "W1" | "b1" | "C1" | "c1" | "C2" | "c2", Nested[]>>[];
  readonly sketch: Nested[];
  readonly a: Nested[];
  readonly h_final: Nested[];
  readonly W: Nested[];
}

const core = JSON.parse(readFileSync(new URL("../../test/golden/pudnet-core.json", import.meta.url), "utf8")) as Core;

function shapeOf(nested: Nested): Shape {
  return typeof nested === "number" ? [] : [nested.length, ...shapeOf(nested[0]!)];
}
const flat = (nested: Nested): number[] => (typeof nested === "number" ? [nested] : nested.flatMap(flat));
const toTensor = (nested: Nested): HostTensor => hostTensor(shapeOf(nested), flat(nested));

const { params, gens, beta } = core;
const hyper: Ahru<HostTensor> = {
  a0: toTensor(params.a0),
  cells: [0, 1].map((g) => ({
    inputWeight: toTensor(params.Wih[g]!),
    hiddenWeight: toTensor(params.Whh[g]!),
    inputBias: toTensor(params.bih[g]!),
    hiddenBias: toTensor(params.bhh[g]!),
  })),
  output: { weight: toTensor(params.Wo), bias: toTensor(params.bo) },
  norm: { weight: toTensor(params.lnh_g), bias: toTensor(params.lnh_b) },
};
const spec: LayerSpec = { name: "layer", norm: "", role: "block", cOut: 3, cIn: 2, kernel: 3, stride: 1, padding: 1 };
const generators = gens.map(({ ln_g, ln_b, W1, b1, C1, c1, C2, c2 }): WeightGenerator<HostTensor> => ({
  norm: { weight: toTensor(ln_g), bias: toTensor(ln_b) },
  linear: { weight: toTensor(W1), bias: toTensor(b1) },
  mix: { weight: toTensor(C1), bias: toTensor(c1) },
  // row o cIn + i of the last 1x1 convolution, then its bias
  bank: hostTensor(
    [3, 2, 5],
    C2.flatMap((row, i) => [...(row as number[]), c2[i] as number]),
  ),
}));

describe.each(LOWERINGS)("the generator core, %s", (lowering) => {
  let results: ReadonlyMap<string, HostTensor>;

  beforeAll(async () => {
    const inputs = { hyper, generators, sketch: toTensor(core.sketch) };
    const build = (traced: { hyper: Ahru; generators: WeightGenerator[]; sketch: Tensor }) => {
      const representations = ahru(traced.hyper, traced.sketch, gens.length);
      const sketchMean = mean(traced.sketch, [0], true);
      // eq. 5
      const mixed = representations.map((a) => add(mul(a, 1 - beta), mul(sketchMean, beta)));
      return {
        a: concat(representations, 0),
        hidden: lastHidden(traced.hyper, representations, traced.sketch),
        kernels: mixed.map((row, l) => generateKernel(traced.generators[l]!, row, spec)),
      };
    };
    const program = await compile(build, inputs, { lowering });
    results = new Map(leaves<HostTensor>(await program.run(inputs)));
    await program.release();
  });

  test("representations a^1 to a^3, eq. 4", () => {
    expect(results.get("a")).toBeAllClose(toTensor(core.a), { rtol: 1e-6 });
  });

  test("hidden states after the last layer", () => {
    expect(results.get("hidden")).toBeAllClose(toTensor(core.h_final), { rtol: 1e-6 });
  });

  test.each([0, 1, 2])("kernel %i, eq. 6", (l) => {
    expect(results.get(`kernels.${l}`)!.shape).toEqual([3, 2, 3, 3]);
    expect(results.get(`kernels.${l}`)).toBeAllClose(toTensor(core.W[l]!), { rtol: 1e-6 });
  });
});

/** The states that ahru keeps to itself: its cells and its norm once more, given what is fed back. */
function lastHidden({ cells, norm, a0 }: Ahru, representations: readonly Tensor[], sketch: Tensor): Tensor {
  let hidden = cells.map((_, g) => slice(sketch, 0, g, g + 1));
  const fedBack = [reshape(a0, [1, a0.shape[0]!]), ...representations];
  for (let step = 0; step < representations.length; step++) {
    let x = fedBack[step]!;
    hidden = cells.map((cell, g) => (x = gruCell(cell, x, hidden[g]!)));
    hidden = hidden.map((h) => layerNorm(norm, h));
  }
  return concat(hidden, 0);
}
