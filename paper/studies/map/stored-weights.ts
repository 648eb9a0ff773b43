// A network that is changed by the sketch is small where it is used and large where it is stored: what a wider static one has that is no larger there.

import { architecture, leaves, sizeOf } from "pudnet/engine";
import { randomModel } from "pudnet/methods";
import { difference, type Kind, type MapCell, type Mean } from "./compare.ts";

const SIDE = 32;
const AS_IT_IS = { mean: [0, 0, 0], deviation: [1, 1, 1] } as const;
const PUDNET = { a: { predict: "none" }, d: { predict: "change", sketchNorm: "layer" } } as const;

/** Numbers that a method's checkpoint keeps for use: those of the full head serve training alone. @example storedWeights("a", 8) // 1417 */
export function storedWeights(method: keyof typeof PUDNET, width: number): number {
  const arch = architecture("convnet-3", SIDE, { width });
  const { head: _, ...kept } = randomModel(arch, AS_IT_IS, 2, PUDNET[method]).params;
  return leaves(kept).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
}

/** The widest static network by cross entropy that stores no more than the changed one of a cell, and what that gains on it; undefined where none is judged. */
export function wider(
  cells: readonly MapCell[],
  cell: MapCell,
  kind: Kind,
): { readonly width: number; readonly gain: Mean } | undefined {
  const fitting = cells.filter(
    ({ width, domains, steps }) =>
      width > cell.width && domains === cell.domains && steps === cell.steps && storedWeights("a", width) <= storedWeights("d", cell.width), // prettier-ignore
  );
  const gains = fitting.flatMap((other) => {
    const gain = difference(cell, "d", "a", kind, other);
    return gain ? [{ width: other.width, gain }] : [];
  });
  return gains.toSorted((a, b) => b.width - a.width)[0];
}
