// Wide maps, a few images at a time. A first layer's maps hold far more than the caches do, and what follows its convolution
// (moments, pooling, masks, sums) would read and write them through main memory, pass by pass. A Scan over pieces of the
// batch makes all passes on one piece before the next.

import { input, mul, spatialMean } from "../ops.ts";
import { makeTensor, type OpName, type Tensor, type TensorOf } from "../tensor.ts";
import { type Shape, sizeOf } from "../tree.ts";
import type { BlockedEmission } from "./blocked-emission.ts";
import { isAligned, isScalar, type Layout } from "./layout.ts";

/** Operations on whole images that are computed together. */
export interface BatchCluster {
  /** In topological order. */
  readonly members: readonly Tensor[];
  /** Members whose values are needed outside. */
  readonly results: readonly Tensor[];
  /** What members take from outside image by image, and what is the same for all images. */
  readonly maps: readonly Tensor[];
  readonly shared: readonly Tensor[];
  /** Pieces of the batch. */
  readonly count: number;
}

/** Maps from this size on are wide: several of them do not stay in the cache of a core or two. */
const WIDE_BYTES = 4 * 2 ** 20;
/**
 * Of the widest map of a cluster, where one thread computes and where several do: these wait for each other at the end of every
 * small loop, which on some virtual machines costs more than the cache saves. Tried from 0.3 to 12 MB.
 */
const PIECE_BYTES = { one: 2.5 * 2 ** 20, several: 12 * 2 ** 20 };

/** Operations that treat each image alone: which of their inputs have a batch. */
const PER_IMAGE: { readonly [Op in OpName]?: readonly number[] } = {
  conv2d: [0],
  conv2dInputGradient: [0],
  channelAffine: [0],
  maxPool2d: [0],
  upsample2d: [0],
  sumPool2d: [0],
};
/** Operations that sum over the batch. */
const OVER_BATCH: { readonly [Op in OpName]?: readonly number[] } = {
  channelSum: [0],
  channelDot: [0, 1],
  channelMoments: [0],
  conv2dWeightGradient: [0, 1],
};

/** Whether t is a sum (or a mean: `channelMoments`) over the batch. */
const isOverBatch = (t: Tensor): boolean => t.op in OVER_BATCH;

/** The inputs of t that have a batch; none: t is not for pieces. */
function mapsOf(t: Tensor, layout: (t: Tensor) => Layout): readonly Tensor[] {
  const positions = OVER_BATCH[t.op] ?? (layout(t) === "blocked" ? PER_IMAGE[t.op] : undefined);
  if (positions) return positions.map((i) => t.inputs[i]!);
  return isAligned(t) && layout(t) === "blocked" ? t.inputs.filter((x) => !isScalar(x)) : [];
}

/** Groups what reads or writes wide maps. No path leads from a cluster out and back into it. */
export function findBatchClusters(
  order: readonly Tensor[],
  roots: readonly Tensor[],
  { layout, isOneThread }: { readonly layout: (t: Tensor) => Layout; readonly isOneThread: boolean },
): BatchCluster[] {
  const members = new Set(order.filter((t) => isWide(t, layout)));
  const users = new Map<Tensor, Tensor[]>();
  for (const t of order) for (const x of t.inputs) users.set(x, [...(users.get(x) ?? []), t]);
  const levels = levelsOf(order, members);
  const late = lateLevels({ members, roots, users, levels });
  const groups = new Map<string, Tensor[]>();
  for (const t of members) {
    const key = `${late.get(t)} ${batchOf(t, layout)}`;
    groups.set(key, [...(groups.get(key) ?? []), t]);
  }
  const pieceBytes = PIECE_BYTES[isOneThread ? "one" : "several"];
  return Array.from(groups.values()).flatMap((group) => clusterOf(group, { roots, users, layout, pieceBytes }));
}

function isWide(t: Tensor, layout: (t: Tensor) => Layout): boolean {
  const maps = mapsOf(t, layout);
  return maps.length > 0 && [...maps, ...(isOverBatch(t) ? [] : [t])].some((x) => 4 * sizeOf(x.shape) >= WIDE_BYTES);
}

const batchOf = (t: Tensor, layout: (t: Tensor) => Layout): number => mapsOf(t, layout)[0]!.shape[0]!;

/** How often the longest way to t has left the members: those of one level can be computed together. */
function levelsOf(order: readonly Tensor[], members: ReadonlySet<Tensor>): ReadonlyMap<Tensor, number> {
  const levels = new Map<Tensor, number>();
  const hasLeft = new Set<Tensor>(); // depends on a member, and is none or a sum over the batch
  for (const t of order) {
    const isMember = members.has(t);
    const over = t.inputs.map((x) => levels.get(x)! + (isMember && hasLeft.has(x) ? 1 : 0));
    levels.set(t, Math.max(0, ...over));
    const depends = isMember || t.inputs.some((x) => hasLeft.has(x) || members.has(x));
    if (depends && (!isMember || isOverBatch(t))) hasLeft.add(t);
  }
  return levels;
}

/**
 * The levels at which members are first needed, where members alone need them: what is used in one later cluster is computed
 * there, and no map of it is written and read again.
 */
function lateLevels({
  members,
  roots,
  users,
  levels,
}: {
  readonly members: ReadonlySet<Tensor>;
  readonly roots: readonly Tensor[];
  readonly users: ReadonlyMap<Tensor, readonly Tensor[]>;
  readonly levels: ReadonlyMap<Tensor, number>;
}): ReadonlyMap<Tensor, number> {
  const outside = new Set(roots);
  const late = new Map<Tensor, number>();
  for (const t of [...members].reverse()) {
    const by = users.get(t) ?? [];
    const stays = isOverBatch(t) || t.op === "maxPool2d" || outside.has(t) || by.some((user) => !members.has(user));
    late.set(t, stays ? levels.get(t)! : Math.min(...by.map((user) => late.get(user)!)));
  }
  return late;
}

interface Surroundings {
  readonly roots: readonly Tensor[];
  readonly users: ReadonlyMap<Tensor, readonly Tensor[]>;
  readonly layout: (t: Tensor) => Layout;
  readonly pieceBytes: number;
}

/** None where the batch cannot be divided, or nothing would be gained. */
function clusterOf(members: readonly Tensor[], { roots, users, layout, pieceBytes }: Surroundings): BatchCluster[] {
  const inside = new Set(members);
  const maps = new Set(members.flatMap((t) => mapsOf(t, layout)).filter((x) => !inside.has(x)));
  const shared = new Set(members.flatMap((t) => t.inputs).filter((x) => !inside.has(x) && !maps.has(x)));
  const widest = Math.max(...[...maps, ...members].map(({ shape }) => 4 * sizeOf(shape)));
  const count = divisorFrom(widest / pieceBytes, batchOf(members[0]!, layout));
  if (members.length < 2 || count === undefined) return [];
  const isResult = (t: Tensor): boolean => roots.includes(t) || (users.get(t) ?? []).some((user) => !inside.has(user));
  return [{ members, results: members.filter(isResult), maps: [...maps], shared: [...shared], count }];
}

/** The smallest divisor of n from `least` to four times it. */
function divisorFrom(least: number, n: number): number | undefined {
  for (let count = Math.max(2, Math.ceil(least)); count < 4 * least; count++) if (n % count === 0) return count;
  return undefined;
}

/** Emits a cluster as one Scan over pieces of the batch, and provides its results. */
export function emitBatchCluster(e: BlockedEmission, cluster: BatchCluster): void {
  const { g } = e;
  const body = g.inner();
  const { inputs, results, layouts } = pieceOf(cluster, (t) => e.layout(t));
  const parts = results.flatMap((result) => result.parts);
  const piece = e.pieceEmission(body, parts, layouts);
  const scanned: string[] = [];
  for (const { of, t, isMap } of inputs) {
    const name = e.value(of);
    if (isMap) scanned.push(g.reshape(name, [cluster.count, ...t.shape]));
    const inside = isMap ? body.input(`${name}_of_piece`, t.shape, t.dtype) : name;
    piece.provide(t, e.layout(of), inside);
  }
  piece.emit();
  for (const t of parts) {
    const end = body.origin(piece.value(t), piece.natural(t)); // reshaped outside, since the end of a Scan would be copied
    body.result(end.value, end.shape);
  }
  const names = g.nodes("Scan", scanned, parts.length, { body, num_scan_inputs: scanned.length });
  let at = 0;
  for (const { of, parts: own } of results) {
    e.provide(of, e.layout(of), whole(e, of, names.slice(at, (at += own.length))));
  }
}

/** What a piece of the batch is made of. */
interface Piece {
  /** What stands for a tensor from outside. */
  readonly inputs: readonly { readonly of: Tensor; readonly t: TensorOf<"input"> & Tensor; readonly isMap: boolean }[];
  /** What each result is made of. */
  readonly results: readonly { readonly of: Tensor; readonly parts: readonly Tensor[] }[];
  readonly layouts: ReadonlyMap<Tensor, Layout>;
}

function pieceOf({ members, results, maps, shared, count }: BatchCluster, layout: (t: Tensor) => Layout): Piece {
  const small = new Map<Tensor, readonly Tensor[]>(); // what a piece has of a tensor
  const layouts = new Map<Tensor, Layout>();
  const keep = (of: Tensor, parts: readonly Tensor[]): void => {
    small.set(of, parts);
    if (!isRowAnImage(of)) for (const t of parts) layouts.set(t, layout(of));
  };
  const fewer = ([n, ...rest]: Shape): Shape => [n! / count, ...rest];
  const inputs = [...maps, ...shared.filter((t) => !isRepeated(t))].map((of, i) => {
    const isMap = maps.includes(of);
    const t = input(`given${i}`, isMap ? fewer(of.shape) : of.shape, of.dtype) as TensorOf<"input"> & Tensor;
    keep(of, [t]);
    return { of, t, isMap };
  });
  for (const t of shared) if (isRepeated(t)) small.set(t, [t]);
  for (const t of members) {
    const of = t.inputs.map((x) => small.get(x)![0]!);
    keep(t, isRowAnImage(t) ? means(t, of, layouts) : [again(t, of, isOverBatch(t) ? t.shape : fewer(t.shape))]);
  }
  return { inputs, layouts, results: results.map((of) => ({ of, parts: small.get(of)! })) };
}

/** Whether a piece has the constant itself; kernels are laid out once for all pieces. */
const isRepeated = ({ op, shape }: Tensor): boolean => op === "constant" && shape.length < 4;

/** The same operation on other tensors. */
const again = (t: Tensor, inputs: readonly Tensor[], shape: Shape): Tensor =>
  makeTensor(t.op, inputs, t.attributes, shape, t.dtype);

/** Sums over batch and space: a piece gives means over space, a row an image. */
const isRowAnImage = ({ op }: Tensor): boolean => op in OVER_BATCH && op !== "conv2dWeightGradient";

function means({ op }: Tensor, [x, other]: readonly Tensor[], layouts: Map<Tensor, Layout>): Tensor[] {
  if (op === "channelSum") return [spatialMean(x!)];
  const product = mul(x!, other ?? x!);
  layouts.set(product, layouts.get(x!)!);
  return op === "channelDot" ? [spatialMean(product)] : [spatialMean(x!), spatialMean(product)];
}

/** What the pieces say of t as one value in its own layout. */
function whole(e: BlockedEmission, t: Tensor, parts: readonly string[]): string {
  const { g } = e;
  if (!isOverBatch(t)) return g.reshape(parts[0]!, t.shape);
  if (t.op === "conv2dWeightGradient") {
    return g.reshape(g.node("ReduceSum", [parts[0]!, g.ints([0])], { keepdims: 0 }), e.natural(t));
  }
  const { shape } = t.inputs[0]!;
  const rows = parts.map((part) => g.reshape(part, shape.slice(0, 2)));
  return t.op === "channelMoments" ? e.momentsOfMeans(rows, shape) : e.sumOfMeans(rows[0]!, shape);
}
