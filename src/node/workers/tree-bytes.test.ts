// Trees as bytes and back.

import { expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { hostTensor } from "../../tensor/tree.ts";
import { bytesOf, fillWith } from "./tree-bytes.ts";

const tree = () => ({
  a: hostTensor([2, 2], [1, -2, 3.5, Number.NaN]),
  b: [{ shape: [3], data: Uint8Array.of(1, 2, 255) }, hostTensor([0])],
  c: { shape: [], data: BigInt64Array.of(-7n) },
});
const empty = () => ({
  a: hostTensor([2, 2]),
  b: [{ shape: [3], data: new Uint8Array(3) }, hostTensor([0])],
  c: { shape: [], data: new BigInt64Array(1) },
});

it("a tree is filled with the bytes of another", () => {
  const bytes = Buffer.concat(bytesOf(tree()));
  expect(bytes).toHaveLength(16 + 3 + 8);
  expect(fillWith(bytes, empty())).toEqual(tree());
});

it("the bytes are those of the numbers, not copies", () => {
  const room = empty();
  bytesOf(room)[1]![0] = 9;
  expect(room.b[0]!.data[0]).toBe(9);
});

it("more or fewer are refused", () => {
  const bytes = Buffer.concat(bytesOf(tree()));
  for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes])])
    expect(() => fillWith(wrong, empty())).toThrow(UserError);
});
