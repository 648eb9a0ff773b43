// Trees: nested records and arrays whose leaves carry a `shape`. Parameters, optimizer state, statistics and metrics are
// trees; a leaf's name is its path joined by dots, as in torchvision's state dicts ("layer1.0.conv1.weight").

export type Shape = readonly number[];
export type DType = "float32" | "int64" | "uint8";

/** Anything with a shape can be a leaf: symbolic tensors while tracing, host tensors when running. */
export interface Shaped {
  readonly shape: Shape;
}

/** A tensor in host memory, row-major. */
export interface HostTensor extends Shaped {
  /** What `data` is made of, where that is told without it. */
  readonly dtype?: DType;
  readonly data: Float32Array | Uint8Array | BigInt64Array;
}

export type Tree<T extends Shaped> = T | readonly Tree<T>[] | { readonly [name: string]: Tree<T> };

/** The structure of T with other leaves. */
export type Retype<T, Leaf extends Shaped> = [Tree<never>] extends [T]
  ? Tree<Leaf> // of unknown structure, such as an optimizer's state: going on by its parts would never end
  : T extends Shaped
    ? Leaf
    : { [K in keyof T]: Retype<T[K], Leaf> };

/** The structure of symbolic tensors T with numbers in it: `Host<{ x: Tensor }>` is `{ x: HostTensor }`. */
export type Host<T> = Retype<T, HostTensor>;

/** A record of tensors as a tree, whose leaves can be walked. That they are of type T only the record's own type says. */
export function asTree<T extends Shaped>(record: object): Tree<T> {
  return record as Tree<T>;
}

function isLeaf<T extends Shaped>(tree: Tree<T>): tree is T {
  return Array.isArray((tree as Partial<Shaped>).shape);
}

/** The leaves with their paths, in the tree's own order. */
export function leaves<T extends Shaped>(tree: Tree<T>, prefix = ""): [path: string, leaf: T][] {
  if (isLeaf(tree)) return [[prefix, tree]];
  return Object.entries(tree).flatMap(([name, child]) => leaves(child, prefix === "" ? name : `${prefix}.${name}`));
}

/** A tree of the same structure with `f(leaf, path)` at each leaf. */
export function mapTree<T extends Shaped, U extends Shaped>(
  tree: Tree<T>,
  f: (leaf: T, path: string) => U,
  prefix = "",
): Tree<U> {
  if (isLeaf(tree)) return f(tree, prefix);
  const mapped = Object.entries(tree).map(
    ([name, child]) => [name, mapTree(child, f, prefix === "" ? name : `${prefix}.${name}`)] as const,
  );
  return Array.isArray(tree) ? mapped.map(([, child]) => child) : Object.fromEntries(mapped);
}

/** The structure of `like` filled with leaves found by path; `missing` decides what an absent path means. */
export function fillTree<T extends Shaped, U extends Shaped>(
  like: Tree<T>,
  byPath: ReadonlyMap<string, U>,
  missing: (path: string, leaf: T) => U,
): Tree<U> {
  return mapTree(like, (leaf, path) => byPath.get(path) ?? missing(path, leaf));
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, d) => product * d, 1);
}

/** A float32 host tensor; without data, zeros. */
export function hostTensor(shape: Shape, data?: ArrayLike<number>): HostTensor & { readonly data: Float32Array } {
  const zeros = (): Float32Array => new Float32Array(sizeOf(shape));
  const values = data instanceof Float32Array ? data : data ? new Float32Array(data) : zeros();
  if (values.length !== sizeOf(shape))
    throw new RangeError(`${values.length} numbers do not fill [${shape.join(", ")}]`);
  return { shape, data: values };
}

/** f(a, b, ...) at each leaf of trees of the same structure. */
export function zipTrees<T extends Shaped, U extends Shaped>(f: (...leafs: T[]) => U, ...trees: Tree<T>[]): Tree<U> {
  const rest = trees.slice(1).map((tree) => new Map(leaves(tree)));
  return mapTree(trees[0]!, (leaf, path) => f(leaf, ...rest.map((byPath) => byPath.get(path)!)));
}
