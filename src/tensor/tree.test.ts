import fc from "fast-check";
import { expect, test } from "vitest";
import { fillTree, type HostTensor, hostTensor, leaves, mapTree, type Shaped, sizeOf, type Tree } from "./tree.ts";

const leaf: fc.Arbitrary<HostTensor> = fc
  .array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
  .map((shape) => hostTensor(shape));
const name = fc
  .string({ minLength: 1, maxLength: 4 })
  .filter((text) => !text.includes(".") && text !== "__proto__" && text !== "shape");
const { tree } = fc.letrec<{ tree: Tree<HostTensor> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

test("leaves come with their paths in the tree's own order", () => {
  const a = hostTensor([1]);
  const b = hostTensor([]);
  expect(leaves<HostTensor>({ z: a, list: [b, { a }] })).toEqual([
    ["z", a],
    ["list.0", b],
    ["list.1.a", a],
  ]);
  expect(leaves<HostTensor>(a)).toEqual([["", a]]);
});

test("mapTree keeps structure, order and paths", () => {
  fc.assert(
    fc.property(tree, (before) => {
      expect(mapTree<HostTensor, HostTensor>(before, (x) => x)).toEqual(before);
      const seen: [string, HostTensor][] = [];
      mapTree<HostTensor, HostTensor>(before, (x, path) => (seen.push([path, x]), x));
      expect(seen).toEqual(leaves(before));
    }),
  );
});

test("fillTree puts each leaf back by its path and asks for what is missing", () => {
  fc.assert(
    fc.property(tree, (before) => {
      const named = leaves(before);
      fc.pre(new Set(named.map(([path]) => path)).size === named.length); // { "0": x } beside [x] would share a path
      const replaced = new Map(named.map(([path, { shape }], i) => [path, { shape, i }] as const));
      const after = fillTree<Shaped, Shaped & { i: number }>(before, replaced, () => expect.fail("nothing is missing"));
      expect(leaves(after).map(([path, { i }]) => [path, i])).toEqual(named.map(([path], i) => [path, i]));
    }),
  );
  const filled = fillTree<HostTensor, HostTensor>({ a: hostTensor([2]) }, new Map(), (path, { shape }) => {
    expect(path).toBe("a");
    return hostTensor(shape, [1, 2]);
  });
  expect(leaves(filled)[0]![1].data).toEqual(Float32Array.of(1, 2));
});

test("a host tensor holds exactly as many numbers as its shape", () => {
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([2, 0, 3])).toBe(0);
  expect(hostTensor([2, 2]).data).toEqual(new Float32Array(4));
  expect(() => hostTensor([2, 2], [1, 2, 3])).toThrow("3 numbers do not fill [2, 2]");
});
