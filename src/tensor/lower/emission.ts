// What both lowerings have in common: tensors go into one ONNX graph, each value is known by name and layout.

import type { Tensor } from "../tensor.ts";
import type { Shape } from "../tree.ts";
import type { Layout } from "./layout.ts";

export interface Emission {
  /** The layout in which t's value is made. */
  layout(t: Tensor): Layout;
  /** Declares that the value of t is already there under `name`; inputs not provided are graph inputs of their own name. */
  provide(t: Tensor, layout: Layout, name: string): void;
  /** The shape in which to hold a tensor of the state between steps. */
  stored(t: Tensor): Shape;
  /** Emits everything that is not provided. */
  emit(): void;
  /** The name of t's value in a layout. */
  value(t: Tensor, layout?: Layout): string;
}
