// Which lowering emits a graph.

import { invariant } from "../../errors.ts";
import { type OpName, type Tensor, topologicalOrder } from "../tensor.ts";
import { BlockedEmission, type BlockedTarget } from "./blocked-emission.ts";
import { BLOCKED } from "./blocked-rules.ts";
import type { Emission } from "./emission.ts";
import type { Shape } from "../tree.ts";
import type { Layout } from "./layout.ts";
import type { OnnxGraph } from "./onnx-graph.ts";
import { type PortableRule, portableRule } from "./portable.ts";
import { webgpuRule } from "./webgpu-rules.ts";

/** What a graph is lowered for: a CPU with blocks of channels, a WebGPU device, or (undefined) anything. */
export type Target = BlockedTarget | "webgpu" | undefined;

/** Channels a block, where the target has blocks. */
export const blockOf = (target: Target): number | undefined => (typeof target === "object" ? target.block : undefined);

/**
 * Emission of everything that `roots` depend on, for a target. `updates` are those roots that are the
 * next state: where they are large, they are computed piece by piece.
 */
export function emission(
  g: OnnxGraph,
  roots: readonly Tensor[],
  target: Target,
  updates: readonly Tensor[] = [],
): Emission {
  if (typeof target === "object") return new BlockedEmission(g, roots, { ...target, rules: BLOCKED, updates });
  return new PortableEmission(g, roots, target === "webgpu" ? webgpuRule : portableRule);
}

class PortableEmission implements Emission {
  readonly #g: OnnxGraph;
  readonly #order: readonly Tensor[];
  readonly #rule: (op: OpName) => PortableRule;
  readonly #names = new Map<Tensor, string>();

  constructor(g: OnnxGraph, roots: readonly Tensor[], rule: (op: OpName) => PortableRule) {
    this.#g = g;
    this.#rule = rule;
    this.#order = topologicalOrder(roots);
  }

  layout(): Layout {
    return "plain";
  }

  stored(t: Tensor): Shape {
    return t.shape;
  }

  provide(t: Tensor, _: Layout, name: string): void {
    this.#names.set(t, name);
  }

  emit(): void {
    for (const t of this.#order) {
      if (this.#names.has(t)) continue;
      const inputs = t.inputs.map((x) => this.value(x));
      this.#names.set(t, this.#rule(t.op)(this.#g, t, ...inputs));
    }
  }

  value(t: Tensor): string {
    const name = this.#names.get(t);
    invariant(name !== undefined, () => `${t.op} was not emitted`);
    return name;
  }
}
