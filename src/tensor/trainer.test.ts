// Training steps with state: one step a call or several in an ONNX loop, in both lowerings.

import { afterAll, beforeAll, describe, test } from "vitest";
import { dot } from "../../test/central-differences.ts";
import { expect } from "../../test/close.ts";
import { initState, randomBatch, trainingStep, trainOn } from "../../test/training-step.ts";
import { UserError } from "../errors.ts";
import { architecture } from "../models/architectures.ts";
import { adam } from "../optim/adam.ts";
import { add, conv2d, mean, mixKernels, mul, reshape, slice, sum, toFloat } from "./ops.ts";
import { fold, key, normal } from "./random.ts";
import { blockSize } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";
import { compileTrainer, Trainer } from "./trainer.ts";
import { type HostTensor, hostTensor, leaves, mapTree, sizeOf } from "./tree.ts";

const block = await blockSize();
const lowerings = block === undefined ? (["portable"] as const) : (["portable", "blocked"] as const);
const seed = key(5);
const random = (name: string, ...shape: number[]): HostTensor =>
  hostTensor(shape, normal(fold(seed, name), sizeOf(shape)));

describe.each(lowerings)("a whole training step, %s", (lowering) => {
  const arch = architecture("convnet-3", 12, { width: block ?? 8 });
  const optimizer = adam({ learningRate: 1e-2 });
  const batches = Array.from({ length: 5 }, (_, i) => randomBatch(fold(seed, i), arch, 6, 3));
  const train = (stepsPerCall: number) =>
    trainOn(trainingStep(arch, optimizer), initState(seed, arch, 3, optimizer), batches, { lowering, stepsPerCall });

  test("several steps in one call make the same steps", async () => {
    const one = await train(1);
    const looped = await train(3); // the last call makes only two
    expect(looped.metrics.length).toBe(5);
    expect(looped.metrics.map(({ loss }) => loss)).toEqual(one.metrics.map(({ loss }) => loss));
    for (const [path, value] of one.state) expect(looped.state.get(path)!.data, path).toEqual(value.data);
  });

  test("same seed, same training", async () => {
    expect(await train(1)).toEqual(await train(1));
  });
});

describe("state", () => {
  const b = block ?? 8;
  // weights that the blocked lowering keeps in pairs of blocks, and other shapes beside them
  const initial = {
    first: random("first", b, 3, 3, 3),
    second: random("second", 2 * b, b, 3, 3),
    bank: random("bank", b, 2 * b, 4),
    odd: random("odd", b + 1, 2 * b, 1, 1),
    list: [random("vector", 5), random("scalar")],
  };
  type State = { [K in keyof typeof initial]: K extends "list" ? Tensor[] : Tensor };
  const step = (state: State, { x }: { x: Tensor }) => {
    const taps = reshape(slice(state.list[0]!, 0, 0, 4), [4, 1]);
    const generated = reshape(mixKernels(state.bank, taps), [b, 2 * b, 1, 1]);
    const middle = conv2d(conv2d(toFloat(x), state.first), state.second);
    const y = add(mean(conv2d(middle, generated)), mean(conv2d(middle, state.odd)));
    const halved = mapTree<Tensor, Tensor>(state, (leaf) => mul(leaf, 0.5)) as State;
    return { state: halved, metrics: { y, first: mean(state.first) } };
  };
  const x: HostTensor = { shape: [1, 3, 6, 6], data: new Uint8Array(108).map((_, i) => i) };
  const trainers: [string, Trainer<State, { x: Tensor }>][] = [];

  beforeAll(async () => {
    for (const lowering of lowerings)
      for (const stepsPerCall of [1, 3]) {
        const trainer = await compileTrainer(step, initial, { x }, { lowering, stepsPerCall });
        trainers.push([`${lowering}, ${stepsPerCall} steps`, trainer]);
      }
  });
  afterAll(async () => {
    for (const [, trainer] of trainers) await trainer.release();
  });

  test("comes back as it went in, whatever layout it is kept in", async () => {
    const other = mapTree<HostTensor, HostTensor>(initial, ({ shape }, path) =>
      random(`${path}2`, ...shape),
    ) as typeof initial;
    for (const [name, trainer] of trainers) {
      trainer.replaceState(initial);
      expect(await trainer.state(), name).toEqual(initial);
      trainer.replaceState(other);
      expect(await trainer.state(), name).toEqual(other);
    }
  });

  test("goes on from step to step, and the metrics see it before the step", async () => {
    const before = dot(initial.first, new Float32Array(27 * b).fill(1)) / (27 * b);
    for (const [name, trainer] of trainers) {
      trainer.replaceState(initial);
      const metrics = [];
      for (let i = 0; i < 3; i += trainer.stepsPerCall)
        metrics.push(...(await trainer.run(Array.from({ length: trainer.stepsPerCall }, () => ({ x })))));
      expect(
        metrics.map(({ first }) => first!),
        name,
      ).toBeAllClose([before, before / 2, before / 4], { rtol: 1e-5 });
      for (const [path, { data }] of leaves<HostTensor>(await trainer.state())) {
        const start = new Map(leaves<HostTensor>(initial)).get(path)!.data as Float32Array;
        expect(data as Float32Array, path).toEqual(start.map((value) => value / 8));
      }
    }
  });

  test("agrees between lowerings and calls", async () => {
    const seen = [];
    for (const [, trainer] of trainers) {
      trainer.replaceState(initial);
      seen.push((await trainer.run([{ x }]))[0]!["y"]!);
    }
    for (const y of seen) expect(y).toBeAllClose(seen[0]!, { rtol: 1e-5 });
  });

  test("and batches that do not fit are the user's to mend", async () => {
    const [, trainer] = trainers[0]!;
    const [, looped] = trainers[1]!;
    const wrong = (message: string) => new UserError(message);
    await expect(trainer.run([{ x: hostTensor([1, 3, 6, 6]) }])).rejects.toThrow(
      wrong('input "x" is float32 [1, 3, 6, 6]: expected uint8 [1, 3, 6, 6]'),
    );
    await expect(looped.run([{ x }, {} as never])).rejects.toThrow(
      wrong('missing input "x": expected uint8 [1, 3, 6, 6]'),
    );
    await expect(trainer.run([{ x }, { x }])).rejects.toThrow(wrong("2 batches: one call takes 1 to 1"));
    await expect(looped.run([])).rejects.toThrow(wrong("0 batches: one call takes 1 to 3"));
    const { bank: _, ...rest } = initial;
    expect(() => trainer.replaceState(rest as never)).toThrow('missing input "bank"');
    expect(() => trainer.replaceState({ ...initial, odd: hostTensor([2]) })).toThrow('input "odd" is float32 [2]');
  });

  test("stays while batches of every type go by", async () => {
    const count = ({ w }: { w: Tensor }, batch: { bytes: Tensor; labels: Tensor; floats: Tensor }) => {
      const total = add(add(sum(toFloat(batch.bytes)), sum(toFloat(batch.labels))), sum(batch.floats));
      return { state: { w }, metrics: { total: add(total, sum(w)) } };
    };
    const batches = [0, 1, 2].map((i) => ({
      bytes: { shape: [2], data: Uint8Array.of(i, 255) },
      labels: { shape: [2], data: BigInt64Array.of(BigInt(1000 * i), 1n) },
      floats: hostTensor([1], [0.5]),
    }));
    for (const stepsPerCall of [1, 3]) {
      const { metrics, state } = await trainOn(count, { w: hostTensor([1], [7]) }, batches, { stepsPerCall });
      expect(metrics.map(({ total }) => total)).toEqual([263.5, 1264.5, 2265.5]);
      expect(state.get("w")).toEqual(hostTensor([1], [7]));
    }
  });

  test("may not change its shape", async () => {
    const grow = ({ w }: { w: Tensor }) => ({ state: { w: sum(w) }, metrics: {} });
    await expect(compileTrainer(grow, { w: hostTensor([2]) }, {})).rejects.toThrow('the step changes the state\'s "w"');
  });
});
