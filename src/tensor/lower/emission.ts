// What both lowerings have in common: tensors go into one ONNX graph, each value is known by name and layout.

import { invariant } from "../../errors.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { BlockedEmission } from "./blocked.ts";
import type { Layout } from "./layout.ts";
import type { OnnxGraph } from "./onnx-graph.ts";
import { portableRule } from "./portable.ts";

export interface Emission {
  /** The layout in which t's value is made. */
  layout(t: Tensor): Layout;
  /** Declares that the value of t is already there under `name`; inputs not provided are graph inputs of their own name. */
  provide(t: Tensor, layout: Layout, name: string): void;
  /** Emits everything that is not provided. */
  emit(): void;
  /** The name of t's value in a layout. */
  value(t: Tensor, layout?: Layout): string;
}

/** Emission of everything that `roots` depend on, blocked where a block size is given. */
export function emission(g: OnnxGraph, roots: readonly Tensor[], block: number | undefined): Emission {
  return block === undefined ? new PortableEmission(g, roots) : new BlockedEmission(g, roots, block);
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
