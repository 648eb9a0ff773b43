// Where the tensors of an exported C file lie: in one block of memory, each over those that are needed no more.

import { sideAfter, type WholePlan } from "./plan.ts";

export interface Arena {
  /** By tensor: where it begins. */
  readonly places: readonly number[];
  readonly size: number;
}

/** A place for each tensor, so that none lies on another that is still needed. */
export function arenaOf(plan: WholePlan): Arena {
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
