// Shapes that do not fit: each operation names itself and what it was given, and the network tells the path.

import { describe, expect, test } from "vitest";
import { ShapeError, within } from "../errors.ts";
import { architecture } from "../models/architectures.ts";
import { forward, initWeights, type Weights } from "../models/network.ts";
import * as ops from "./ops.ts";
import { key } from "./random.ts";
import type { Tensor } from "./tensor.ts";
import { type HostTensor, mapTree } from "./tree.ts";

const x = (...shape: number[]): Tensor => ops.input(`x${shape.join("x")}`, shape);
const window = { kernel: 3, stride: 1, padding: 0 };

const misuses: readonly (readonly [op: string, detail: string, build: () => Tensor])[] = [
  ["constant", "2 numbers do not fill [3]", () => ops.constant([1, 2], [3])],
  ["add", "[2, 3] and [2] do not broadcast", () => ops.add(x(2, 3), x(2))],
  ["reaches", "[2] and [3] do not broadcast", () => ops.reaches(x(2), x(3))],
  ["reshape", "[2, 3] does not fill [4, 2]", () => ops.reshape(x(2, 3), [4, 2])],
  ["transpose", "permutation [0, 0] does not fit [2, 3]", () => ops.transpose(x(2, 3), [0, 0])],
  ["transpose", "permutation [0] does not fit [2, 3]", () => ops.transpose(x(2, 3), [0])],
  ["broadcastTo", "[2, 3] does not broadcast to [1, 3]", () => ops.broadcastTo(x(2, 3), [1, 3])],
  ["slice", "[1, 4) of axis 0 in [3, 2]", () => ops.slice(x(3, 2), 0, 1, 4)],
  ["slice", "[2, 2) of axis 0 in [3, 2]", () => ops.slice(x(3, 2), 0, 2, 2)],
  ["slice", "[0, 1) of axis 2 in [3, 2]", () => ops.slice(x(3, 2), 2, 0, 1)],
  ["concat", "[2, 3] and [3, 3] differ beside axis 1", () => ops.concat([x(2, 3), x(3, 3)], 1)],
  ["concat", "nothing to concatenate", () => ops.concat([], 0)],
  ["padAxis", "[2] at 2 of 3", () => ops.padAxis(x(2), 0, 2, 3)],
  ["sum", "axes [2] of [2, 3]", () => ops.sum(x(2, 3), [2])],
  ["matmul", "expected matrices, got [2, 3, 4], [4, 5]", () => ops.matmul(x(2, 3, 4), x(4, 5))],
  ["matmul", "inner sizes 3 and 4 differ: [2, 3], [4, 5]", () => ops.matmul(x(2, 3), x(4, 5))],
  [
    "matmul",
    "inner sizes 2 and 5 differ: [2, 3], [4, 5]",
    () => ops.matmul(x(2, 3), x(4, 5), { transposeA: true, transposeB: true }),
  ],
  ["mixKernels", "got [2, 3], [3, 4]", () => ops.mixKernels(x(2, 3), x(3, 4))],
  ["mixKernels", "bank [2, 2, 3] and taps [4, 3] do not fit", () => ops.mixKernels(x(2, 2, 3), x(4, 3))],
  ["contractKernels", "[2, 2, 3] and [2, 3, 3] do not fit", () => ops.contractKernels(x(2, 2, 3), x(2, 3, 3))],
  ["conv2d", "expected [n, c, h, w], got [2, 3, 8]", () => ops.conv2d(x(2, 3, 8), x(4, 3, 3, 3))],
  ["conv2d", "x [2, 3, 8, 8] and weight [4, 5, 3, 3] do not fit", () => ops.conv2d(x(2, 3, 8, 8), x(4, 5, 3, 3))],
  ["conv2d", "x [2, 3, 8, 8] and weight [4, 3, 3, 1] do not fit", () => ops.conv2d(x(2, 3, 8, 8), x(4, 3, 3, 1))],
  ["conv2d", "bias [3] is not [4]", () => ops.conv2d(x(2, 3, 8, 8), x(4, 3, 3, 3), x(3))],
  ["conv2d", "a 3x3 window does not fit [2, 3, 2, 8]", () => ops.conv2d(x(2, 3, 2, 8), x(4, 3, 3, 3))],
  [
    "conv2dWeightGradient",
    "expected [n, c, h, w], got [2]",
    () => ops.conv2dWeightGradient(x(2), x(2, 4, 6, 6), window),
  ],
  ["channelAffine", "[4] is not [3] for x [2, 3, 8, 8]", () => ops.channelAffine(x(2, 3, 8, 8), x(3), x(4))],
  ["channelDot", "[2, 3, 8, 8] and [2, 3, 8, 7] differ", () => ops.channelDot(x(2, 3, 8, 8), x(2, 3, 8, 7))],
  ["channelSum", "expected [n, c, h, w], got [2, 3]", () => ops.channelSum(x(2, 3))],
  ["maxPool2d", "a 3x3 window does not fit [2, 3, 2, 2]", () => ops.maxPool2d(x(2, 3, 2, 2), 3)],
  ["spatialMean", "expected [n, c, h, w], got [3]", () => ops.spatialMean(x(3))],
];

test.each(misuses)("%s: %s", (op, detail, build) => {
  const error = thrownBy(build);
  expect(error.op).toBe(op);
  expect(error.message).toBe(`${op}: ${detail}`);
});

describe("the path to a shape error", () => {
  test("is told innermost first", () => {
    const error = thrownBy(() => within("classify", () => within("head", () => ops.matmul(x(2, 3), x(4, 5)))));
    expect(error.path).toEqual(["head", "classify"]);
    expect(error.message).toBe("matmul: inner sizes 3 and 4 differ: [2, 3], [4, 5] (at head <- classify)");
  });

  test("names the layer of a network", () => {
    const arch = architecture("resnet-18", 32, { width: 8 });
    const { weights } = initWeights(key(0), arch);
    const traced = mapTree<HostTensor, Tensor>(weights, ({ shape }) => x(...shape));
    const error = thrownBy(() => forward(arch, traced as Weights, x(2, 4, 32, 32)).features);
    expect(error.message).toBe("conv2d: x [2, 4, 32, 32] and weight [8, 3, 3, 3] do not fit (at conv1 <- resnet-18)");
  });

  test("other errors pass unchanged", () => {
    const bug = new TypeError("something else");
    expect(() => within("head", () => { throw bug; })).toThrow(bug); // prettier-ignore
  });
});

test("what changes nothing makes no operation", () => {
  const a = x(2, 3);
  expect(ops.reshape(a, [2, 3])).toBe(a);
  expect(ops.slice(a, 1, 0, 3)).toBe(a);
  expect(ops.broadcastTo(a, [2, 3])).toBe(a);
  expect(ops.concat([a], 0)).toBe(a);
  expect(ops.sum(a, [])).toBe(a);
  expect(ops.toFloat(a)).toBe(a);
});

function thrownBy(build: () => unknown): ShapeError {
  try {
    build();
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return error as ShapeError;
  }
  return expect.fail("nothing was thrown");
}
