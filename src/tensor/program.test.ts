import { afterAll, beforeAll, describe, test } from "vitest";
import { expect } from "../../test/close.ts";
import { UserError } from "../errors.ts";
import { gradients, gradientTree } from "./gradients.ts";
import { add, conv2d, exp, fill, input, matmul, maximum, mean, minimum, mul, relu, sum, toFloat } from "./ops.ts";
import { compile, type Program } from "./program.ts";
import { key, normal } from "./random.ts";
import type { Tensor } from "./tensor.ts";
import { type HostTensor, hostTensor, leaves, sizeOf, type Tree } from "./tree.ts";

describe("a program", () => {
  const specs = { a: { shape: [2, 2] }, nested: [{ b: { shape: [2], dtype: "uint8" } }] } as const;
  type Inputs = { a: Tensor; nested: readonly { b: Tensor }[] };
  let program: Program<Inputs, { y: Tensor; list: readonly Tensor[] }>;

  beforeAll(async () => {
    const build = (traced: Inputs) => {
      const y = add(traced.a, toFloat(traced.nested[0]!.b));
      return { y, list: [sum(y), traced.a] };
    };
    program = await compile(build, specs);
  });
  afterAll(() => program.release());

  const a = hostTensor([2, 2], [1, 2, 3, 4]);
  const b: HostTensor = { shape: [2], data: Uint8Array.of(10, 255) };

  test("takes and gives trees; an input may be an output", async () => {
    const { y, list } = await program.run({ a, nested: [{ b }] });
    expect(y).toEqual(hostTensor([2, 2], [11, 257, 13, 259]));
    expect(list[0]).toEqual(hostTensor([], [540]));
    expect(list[1]!.data).toEqual(a.data);
  });

  test.each([
    ["a missing input", { nested: [{ b }] }, 'missing input "a": expected float32 [2, 2]'],
    ["a missing nested input", { a, nested: [{}] }, 'missing input "nested.0.b": expected uint8 [2]'],
    ["a wrong shape", { a: hostTensor([4]), nested: [{ b }] }, 'input "a" is float32 [4]: expected float32 [2, 2]'],
    ["a wrong type", { a, nested: [{ b: hostTensor([2]) }] }, 'input "nested.0.b" is float32 [2]: expected uint8 [2]'],
  ])("%s is the user's to mend", async (_, inputs, message) => {
    const error: unknown = await program.run(inputs as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(message);
  });
});

test("same inputs, same numbers, to the last bit", async () => {
  const shapes = { x: { shape: [8, 16, 12, 12] }, w: { shape: [32, 16, 3, 3] } };
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, { shape }]) => [name, hostTensor(shape, normal(key(1), sizeOf(shape)))]),
  );
  const build = ({ x, w }: { x: Tensor; w: Tensor }) => {
    const loss = mean(exp(mul(relu(conv2d(x, w, undefined, { padding: 1 })), 0.1)));
    return { loss, gradients: gradients(loss, [x, w]) };
  };
  const runs = [];
  for (let i = 0; i < 2; i++) {
    const program = await compile(build, shapes);
    runs.push(await program.run(inputs), await program.run(inputs));
    await program.release();
  }
  for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
});

describe("gradients", () => {
  const x = input("in.x", [3]);
  const run = async (outputs: Record<string, Tensor>, data = [1, -2, 3]): Promise<Record<string, HostTensor>> => {
    // they were traced from the input of the same name
    const program = await compile(() => outputs, { x: { shape: [3] } });
    const results = await program.run({ x: hostTensor([3], data) });
    await program.release();
    return results;
  };

  test("add up over all uses", async () => {
    const y = mul(x, x);
    const [dx] = gradients(sum(add(mul(y, y), add(y, x))), [x]);
    const { dx: value } = await run({ dx: dx! });
    expect(value).toBeAllClose([4 + 2 + 1, -32 - 4 + 1, 108 + 6 + 1]);
  });

  test("are zero where nothing depends, one by itself", async () => {
    const other = fill(2, [2]);
    const loss = sum(mul(x, 3));
    const [dx, dOther, dLoss] = gradients(loss, [x, other, loss]);
    expect(await run({ dx: dx!, dOther: dOther!, dLoss: dLoss! })).toMatchObject({
      dx: hostTensor([3], [3, 3, 3]),
      dOther: hostTensor([2], [0, 0]),
      dLoss: hostTensor([], [1]),
    });
  });

  test("go through the middle of a graph", async () => {
    const middle = mul(x, 2);
    const [dMiddle] = gradients(sum(mul(middle, middle)), [middle]);
    const { value } = await run({ value: dMiddle! });
    expect(value).toBeAllClose([4, -8, 12]);
  });

  test("of minimum and maximum follow the side that was taken", async () => {
    const [low, high] = [minimum(x, 2), maximum(x, -1)];
    const results = await run({ low, high, dLow: gradients(sum(low), [x])[0]!, dHigh: gradients(sum(high), [x])[0]! });
    expect(results).toMatchObject({
      low: hostTensor([3], [1, -2, 2]),
      high: hostTensor([3], [1, -1, 3]),
      dLow: hostTensor([3], [1, 1, 0]),
      dHigh: hostTensor([3], [1, 0, 1]),
    });
  });

  test("of a tree have the tree's structure", () => {
    const params = { w: input("w", [2, 3]), list: [{ b: input("b", [2]) }] };
    const loss = sum(matmul(params.w, input("v", [3, 1])));
    const grads = gradientTree(loss, params);
    const paths = (tree: unknown) => leaves(tree as Tree<Tensor>).map(([path, { shape }]) => [path, shape]);
    expect(paths(grads)).toEqual(paths(params));
  });
});
