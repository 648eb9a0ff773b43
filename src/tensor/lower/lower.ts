// Which lowering emits a graph.

import { invariant } from "../../errors.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { BlockedEmission } from "./blocked-emission.ts";
import { BLOCKED } from "./blocked-rules.ts";
import type { Emission } from "./emission.ts";
import type { Shape } from "../tree.ts";
import type { Layout } from "./layout.ts";
import type { OnnxGraph } from "./onnx-graph.ts";
import { portableRule } from "./portable.ts";

/**
 * Emission of everything that `roots` depend on, blocked where a block size is given. `updates` are those roots that are the
 * next state: where they are large, they are computed piece by piece.
 */
export function emission(
  g: OnnxGraph,
  roots: readonly Tensor[],
  block: number | undefined,
  updates: readonly Tensor[] = [],
): Emission {
  return block === undefined ? new PortableEmission(g, roots) : new BlockedEmission(g, roots, block, BLOCKED, updates);
}

class PortableEmission implements Emission {
  readonly #g: OnnxGraph;
  readonly #order: readonly Tensor[];
  readonly #names = new Map<Tensor, string>();

  constructor(g: OnnxGraph, roots: readonly Tensor[]) {
    this.#g = g;
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
      this.#names.set(t, portableRule(t.op)(this.#g, t, ...inputs));
    }
  }

  value(t: Tensor): string {
    const name = this.#names.get(t);
    invariant(name !== undefined, () => `${t.op} was not emitted`);
    return name;
  }
}
