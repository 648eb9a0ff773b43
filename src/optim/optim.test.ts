// Optimizers beside PyTorch's: five steps from the same start with the same gradients.

import { beforeAll, describe, test } from "vitest";
import { expect } from "../../test/close.ts";
import { golden, LOWERINGS } from "../../test/golden.ts";
import { trainOn } from "../../test/training-step.ts";
import { add, constant, mul, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Host, type HostTensor, hostTensor, mapTree, sizeOf, type Tree, zipTrees } from "../tensor/tree.ts";
import { adam } from "./adam.ts";
import { centralizeGradients, clipByGlobalNorm, globalNorm } from "./clip.ts";
import { mergeSmall } from "./merge-small.ts";
import { constantRate, linearDecay, type Schedule, stepDecay, warmUp } from "./schedules.ts";
import { sgd } from "./sgd.ts";
import { applyUpdates, chain, stateless, type Transform } from "./transform.ts";

const STEPS = 5;
const { tensor } = golden("optim");
const parts = [0, 1, 2];
const start = parts.map((i) => tensor(`shared/start${i}`));
const batches = Array.from({ length: STEPS }, (_, step) =>
  parts.map((i) => rowOf(tensor(`shared/gradient${i}`), step)),
);

/** The L2 penalty before anything else, as PyTorch's implementations of gradient centralisation have it. */
const penalty = (decay: number): Transform =>
  stateless((updates, params) => zipTrees<Tensor, Tensor>((g, p) => add(g, mul(p, decay)), updates, params));

const optimizers: Readonly<Record<string, Transform>> = {
  adam: adam({ learningRate: 1e-3 }),
  "adam-decay": adam({ learningRate: 1e-3, weightDecay: 0.01 }),
  "adam-gc": chain(centralizeGradients(), adam({ learningRate: 1e-3 })),
  "adam-gc-decay": chain(penalty(0.01), centralizeGradients(), adam({ learningRate: 1e-3 })),
  sgd: sgd({ learningRate: 0.1 }),
  "sgd-momentum": sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 }),
};

interface Progress<T> {
  readonly params: T;
  readonly optimizer: T;
}
/** All optimizers side by side in one step. */
const startOfAll = Object.fromEntries(
  Object.entries(optimizers).map(([name, optimizer]) => [name, { params: start, optimizer: optimizer.init(start) }]),
);
const stepOfAll = (state: Record<string, Progress<Tree<Tensor>>>, gradient: Tensor[]) => ({
  state: Object.fromEntries(
    Object.entries(optimizers).map(([name, transform]) => {
      const { params, optimizer } = state[name]!;
      const result = transform.update(gradient, optimizer, params);
      return [name, { params: applyUpdates(params, result.updates), optimizer: result.state }];
    }),
  ),
  metrics: {},
});

describe.each(LOWERINGS)("five steps, %s", (lowering) => {
  const states: ReadonlyMap<string, HostTensor>[] = [];

  beforeAll(async () => {
    for (let steps = 1; steps <= STEPS; steps++) {
      const options = { lowering, stepsPerCall: STEPS, threads: 1 };
      states.push((await trainOn(stepOfAll, startOfAll, batches.slice(0, steps), options)).state);
    }
  });

  test.each(Object.keys(optimizers))("%s", (name) => {
    states.forEach((state, step) => {
      for (const i of parts) {
        const [value, expected] = [state.get(`${name}.params.${i}`)!, rowOf(tensor(`${name}/parameter${i}`), step)];
        expect(value, `parameter ${i} after step ${step + 1}`).toBeAllClose(expected, { rtol: 1e-6 });
        // what moved, not only where it is: parameters are a thousand times as large as a step
        const moved = difference(value, start[i]!);
        expect(moved, `move of ${i} by step ${step + 1}`).toBeAllClose(difference(expected, start[i]!), { rtol: 1e-3 });
      }
    });
  });

  test("Adam keeps its moments without the factors 1 - beta", () => {
    const last = states.at(-1)!;
    const gradients = batches.map((batch) => batch[2]!.data as Float32Array);
    const moment = (beta: number, power: number): Float64Array =>
      gradients.reduce(
        (m, gradient) => m.map((value, j) => beta * value + gradient[j]! ** power),
        new Float64Array(gradients[0]!.length),
      );
    expect(last.get("adam.optimizer.first.2")).toBeAllClose(moment(0.9, 1), { rtol: 1e-6 });
    expect(last.get("adam.optimizer.second.2")).toBeAllClose(moment(0.999, 2), { rtol: 1e-6 });
    expect(last.get("adam.optimizer.step")).toBeAllClose(STEPS);
    expect(last.get("adam.optimizer.correction1")).toBeAllClose(1 - 0.9 ** STEPS, { rtol: 1e-6 });
    expect(last.get("adam.optimizer.correction2")).toBeAllClose(1 - 0.999 ** STEPS, { rtol: 1e-6 });
  });
});

test("an optimizer on merged small leaves makes the same steps", async () => {
  type Params = { small: Tensor; kernel: Tensor; list: Tensor[] };
  const params = { small: start[1]!, kernel: start[0]!, list: [start[2]!] };
  const inner = chain(clipByGlobalNorm(5), adam({ learningRate: 1e-2, weightDecay: 0.1 }));
  const train = async (optimizer: Transform): Promise<ReadonlyMap<string, HostTensor>> => {
    const step = (state: { params: Params; optimizer: Tree<Tensor> }, [kernel, small, vector]: Tensor[]) => {
      const gradient = { small: small!, kernel: kernel!, list: [vector!] };
      const { updates, state: next } = optimizer.update(gradient, state.optimizer, state.params);
      return { state: { params: applyUpdates(state.params, updates), optimizer: next }, metrics: {} };
    };
    const { state } = await trainOn(step, { params, optimizer: optimizer.init(params) }, batches);
    return state;
  };
  const [apart, merged] = [await train(inner), await train(mergeSmall(inner))];
  for (const path of ["params.small", "params.kernel", "params.list.0"])
    expect(merged.get(path), path).toBeAllClose(apart.get(path)!, { rtol: 1e-6 });
  expect([...merged.keys()].filter((path) => path.includes("second"))).toEqual([
    "optimizer.1.second.small",
    "optimizer.1.second.large.kernel",
  ]);
});

describe("transformations of gradients", () => {
  const updated = async (transform: Transform, gradient = batches[0]!): Promise<HostTensor[]> => {
    const build = (traced: Tensor[]) => transform.update(traced, [], traced).updates;
    return (await run(build, gradient)) as HostTensor[];
  };

  test("centralisation takes the mean over all axes but the first; vectors pass", async () => {
    const results = await updated(centralizeGradients());
    results.forEach((result, i) => expect(result).toBeAllClose(tensor(`centralise/output${i}`)));
  });

  test.each([
    ["clip-above", 5],
    ["clip-below", 100],
  ])("%s", async (name, limit) => {
    const { norm } = await run((traced: Tensor[]) => ({ norm: globalNorm(traced) }), batches[0]!);
    expect(norm).toBeAllClose(tensor(`${name}/norm`));
    const results = await updated(clipByGlobalNorm(limit));
    results.forEach((result, i) => expect(result).toBeAllClose(tensor(`${name}/output${i}`)));
  });

  test("clipping leaves gradients of zero alone", async () => {
    const zeros = mapTree<HostTensor, HostTensor>(batches[0]!, ({ shape }) => hostTensor(shape));
    expect(await updated(clipByGlobalNorm(1), zeros as HostTensor[])).toEqual(zeros);
  });

  test("a chain applies its links in order, each with its own state", async () => {
    const double = stateless((updates) => mapTree<Tensor, Tensor>(updates, (g) => mul(g, 2)));
    const shift = stateless((updates) => mapTree<Tensor, Tensor>(updates, (g) => add(g, 1)));
    const gradient = hostTensor([2], [1, 2]);
    const build = (traced: Tensor[]) => chain(double, shift).update(traced, [[], []], traced).updates;
    const [result] = (await run(build, [gradient])) as HostTensor[];
    expect(result).toBeAllClose([3, 5]);
    const states = chain(sgd({ learningRate: 1 }), double).init([gradient]) as readonly Tree<HostTensor>[];
    expect(states).toEqual([{ step: hostTensor([]), velocity: [hostTensor([2])] }, []]);
  });
});

test("schedules are functions of the step, the first of which is 1", async () => {
  const steps = [1, 2, 3, 4, 5, 6];
  const rates = async (schedule: Schedule): Promise<HostTensor> => {
    const build = () => steps.map((step) => schedule(constant([step], [])));
    const results = await run(build, [hostTensor([1])]);
    return hostTensor(
      [steps.length],
      results.map(({ data }) => Number(data[0])),
    );
  };
  expect(await rates(constantRate(0.3))).toBeAllClose([0.3, 0.3, 0.3, 0.3, 0.3, 0.3]);
  expect(await rates(warmUp(0.4, 4))).toBeAllClose([0.1, 0.2, 0.3, 0.4, 0.4, 0.4]);
  expect(await rates(warmUp(0.4, 0))).toBeAllClose([0.4, 0.4, 0.4, 0.4, 0.4, 0.4]);
  expect(await rates(linearDecay(0.4, 2, 5))).toBeAllClose([0.2, 0.4, 0.4, 0.8 / 3, 0.4 / 3, 0]);
  expect(await rates(stepDecay(1, [2, 4], 0.1))).toBeAllClose([1, 1, 0.1, 0.1, 0.01, 0.01]);
});

test("a schedule steers both optimizers", async () => {
  const schedule = stepDecay(1, [1], 0.5);
  const both = { sgd: sgd({ learningRate: schedule }), adam: adam({ learningRate: schedule, epsilon: 0 }) };
  const initial = Object.fromEntries(
    Object.entries(both).map(([name, each]) => [name, { w: hostTensor([1]), optimizer: each.init(hostTensor([1])) }]),
  );
  const step = (state: Record<string, { w: Tensor; optimizer: Tree<Tensor> }>, { g }: { g: Tensor }) => ({
    state: Object.fromEntries(
      Object.entries(both).map(([name, each]) => {
        const { updates, state: optimizer } = each.update(g, state[name]!.optimizer, state[name]!.w);
        return [name, { w: add(state[name]!.w, updates as Tensor), optimizer }];
      }),
    ),
    metrics: { total: sum(g) },
  });
  const gradient = { g: hostTensor([1], [2]) };
  const { state } = await trainOn(step, initial, [gradient, gradient]);
  expect(state.get("sgd.w")).toBeAllClose(-2 - 0.5 * 2);
  expect(state.get("adam.w")).toBeAllClose(-1 - 0.5); // equal gradients: Adam moves by the rate itself
});

async function run<I extends object, O extends object>(
  build: (traced: I) => O,
  inputs: NoInfer<Host<I>>,
): Promise<Host<O>> {
  const program = await compile(build, inputs);
  const results = await program.run(inputs);
  await program.release();
  return results;
}

/** Part i of the first axis, without the axis. */
function rowOf({ shape, data }: HostTensor, i: number): HostTensor {
  const size = sizeOf(shape.slice(1));
  return hostTensor(shape.slice(1), (data as Float32Array).slice(i * size, (i + 1) * size));
}

const difference = (a: HostTensor, b: HostTensor): Float64Array =>
  Float64Array.from(a.data as Float32Array, (value, i) => value - Number(b.data[i]));
