// Updates of large tensors, piece by piece. Adam makes a dozen elementwise passes over every parameter; for millions of
// them each pass goes through main memory. A Scan over pieces that fit in cache makes all passes on one piece before the
// next: twice as fast, the same numbers.

import { isElementwise } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";
import { isAligned, isScalar } from "./layout.ts";
import { OnnxGraph } from "./onnx-graph.ts";
import { portableRule } from "./portable.ts";

/** Elementwise operations on tensors of one shape that are computed together. */
export interface Cluster {
  /** In topological order. */
  readonly members: readonly Tensor[];
  /** Members whose values are needed outside. */
  readonly results: readonly Tensor[];
  /** What the members take from outside: tensors of their shape, and scalars. */
  readonly inputs: readonly Tensor[];
  readonly scalars: readonly Tensor[];
}

/** Entries a piece: four streams of them fit in the cache of a core or two. */
const PIECE = 2 ** 18;
const MANY_PIECES = 2;

/** [pieces, entries of each], for a tensor large enough to be worth it and evenly divisible. */
export function pieces(shape: Shape): Shape | undefined {
  const size = sizeOf(shape);
  if (size < MANY_PIECES * PIECE) return undefined;
  const first = Math.ceil(size / PIECE);
  for (let count = first; count < 4 * first; count++) if (size % count === 0) return [count, size / count];
  return undefined;
}

/** Groups the elementwise operations that lead to the roots; a member's value is used by members only, or as a root. */
export function findClusters(order: readonly Tensor[], roots: readonly Tensor[]): Cluster[] {
  const users = new Map<Tensor, Tensor[]>();
  for (const t of order) for (const x of t.inputs) users.set(x, [...(users.get(x) ?? []), t]);
  const taken = new Set<Tensor>();
  const clusters: Cluster[] = [];
  for (const root of roots) {
    if (taken.has(root) || (users.get(root) ?? []).length > 0 || !isMember(root)) continue;
    const members = grow(root, users);
    for (const t of members) taken.add(t);
    const outside = [...new Set([...members].flatMap((t) => t.inputs).filter((x) => !members.has(x)))];
    clusters.push({
      members: order.filter((t) => members.has(t)),
      results: roots.filter((t) => members.has(t)),
      inputs: outside.filter((x) => !isScalar(x)),
      scalars: outside.filter(isScalar),
    });
  }
  return clusters.filter(({ members }) => members.length > 1);
}

const isMember = (t: Tensor): boolean => isElementwise(t.op) && isAligned(t) && pieces(t.shape) !== undefined;

/** The root and all that leads to it alone. */
function grow(root: Tensor, users: ReadonlyMap<Tensor, readonly Tensor[]>): Set<Tensor> {
  const members = new Set([root]);
  for (let size = 0; size !== members.size;) {
    size = members.size;
    for (const t of members) {
      for (const x of t.inputs) {
        if (!isScalar(x) && isMember(x) && users.get(x)!.every((user) => members.has(user))) members.add(x);
      }
    }
  }
  return members;
}

/** Emits a cluster as one Scan, given the names of its inputs as [pieces, entries] and of its scalars; names of the results. */
export function emitPieces(
  g: OnnxGraph,
  cluster: Cluster,
  inputs: readonly string[],
  scalars: readonly string[],
): string[] {
  const [, entries] = pieces(cluster.members[0]!.shape)!;
  const body = g.inner();
  const names = new Map<Tensor, string>(cluster.scalars.map((t, i) => [t, scalars[i]!]));
  cluster.inputs.forEach((t, i) => names.set(t, body.input(`${inputs[i]!}_piece${i}`, [entries!])));
  for (const t of cluster.members) {
    names.set(t, portableRule(t.op)(body, t, ...t.inputs.map((x) => names.get(x)!)));
  }
  for (const t of cluster.results) body.result(names.get(t)!, [entries!]);
  return g.nodes("Scan", inputs, cluster.results.length, { body, num_scan_inputs: inputs.length });
}
