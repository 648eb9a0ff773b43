import { describe, expect, it } from "vitest";
import { applyUpdates } from "../optim/transform.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { compileTrainer } from "../tensor/trainer.ts";
import { type HostTensor, hostTensor, type Tree } from "../tensor/tree.ts";
import { ADAM, ADAM_GC, type OptimizerRecipe, optimizerOf } from "./optimizer.ts";

type Params<T extends HostTensor | Tensor> = { readonly w: T };
type State<T extends HostTensor | Tensor> = { readonly params: Params<T>; readonly optimizer: Tree<T> };

/** w after each step, from w = `start` under the given gradients. */
async function path(
  recipe: OptimizerRecipe,
  { steps, start, gradients }: { steps: number; start: HostTensor; gradients: readonly HostTensor[] },
): Promise<number[][]> {
  const transform = () => optimizerOf(recipe, steps);
  const step = ({ params, optimizer }: State<Tensor>, g: Params<Tensor>) => {
    const { updates, state } = transform().update(g, optimizer, params);
    return { state: { params: applyUpdates(params, updates), optimizer: state }, metrics: {} };
  };
  const first: State<HostTensor> = { params: { w: start }, optimizer: transform().init({ w: start }) };
  const trainer = await compileTrainer(step, first, { w: { shape: start.shape } }, { threads: 1 });
  const seen: number[][] = [];
  for (const gradient of gradients) {
    await trainer.run([{ w: gradient }]);
    seen.push(Array.from((await trainer.state()).params.w.data as Float32Array));
  }
  await trainer.release();
  return seen;
}

/** The learning rate of each step: plain SGD under a gradient of 1 moves by just that. */
async function rates(schedule: Partial<OptimizerRecipe>, steps: number, count = steps): Promise<number[]> {
  const one = hostTensor([1], [1]);
  const seen = await path(
    { algorithm: "sgd", learningRate: 0.4, ...schedule },
    {
      steps,
      start: hostTensor([1]),
      gradients: Array<HostTensor>(count).fill(one),
    },
  );
  return seen.map(([w], i) => (seen[i - 1]?.[0] ?? 0) - w!);
}

const expectClose = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value, `step ${i + 1}`).toBeCloseTo(expected[i]!, 5));
};
const each = (count: number, rate: (step: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => rate(i + 1));

describe("learning rates", () => {
  it("constant", async () => {
    expectClose(
      await rates({}, 12),
      each(12, () => 0.4),
    );
    expectClose(
      await rates({ warmUp: 4 }, 12),
      each(12, (n) => 0.4 * Math.min(1, n / 4)),
    );
  });

  it("linear: down to a last step of rate / steps, and nothing behind it", async () => {
    expectClose(
      await rates({ decay: "linear" }, 10, 12),
      each(12, (n) => (0.4 * Math.max(0, 11 - n)) / 10),
    );
    const warm = each(10, (n) => Math.min((0.4 * n) / 4, (0.4 * (11 - n)) / 6));
    expectClose(await rates({ decay: "linear", warmUp: 4 }, 10), warm);
  });

  it("a tenth after nine tenths of the steps", async () => {
    const decay = "tenth-at-90%" as const;
    expectClose(
      await rates({ decay }, 20),
      each(20, (n) => (n <= 18 ? 0.4 : 0.04)),
    );
    expectClose(
      await rates({ decay }, 7),
      each(7, (n) => (n <= 6 ? 0.4 : 0.04)),
    );
  });
});

describe("steps", () => {
  const start = hostTensor([2, 2], [1, -2, 3, 0.5]);
  const gradient = hostTensor([2, 2], [3, 1, -4, 2]);
  const after = async (recipe: OptimizerRecipe, count = 1): Promise<number[]> =>
    (await path(recipe, { steps: 10, start, gradients: Array<HostTensor>(count).fill(gradient) })).at(-1)!;
  const w = [1, -2, 3, 0.5];
  const g = [3, 1, -4, 2];

  it("SGD with momentum and weight decay", async () => {
    const recipe = { algorithm: "sgd", learningRate: 0.1, momentum: 0.9, weightDecay: 0.05 } as const;
    const expected = w.map((first, i) => {
      const v1 = g[i]! + 0.05 * first;
      const second = first - 0.1 * v1;
      const v2 = 0.9 * v1 + g[i]! + 0.05 * second;
      return second - 0.1 * v2;
    });
    expectClose(await after(recipe, 2), expected);
  });

  it("Adam moves by the rate along the sign at first", async () => {
    expectClose(
      await after(ADAM),
      w.map((value, i) => value - 1e-3 * Math.sign(g[i]!)),
    );
  });

  it("GC takes the mean of each output from the gradient before Adam's moments", async () => {
    expectClose(await after(ADAM_GC), [1 - 1e-3, -2 + 1e-3, 3 + 1e-3, 0.5 - 1e-3]); // g - mean: 1, -1, -3, 3
  });

  it("clips by the global norm", async () => {
    const norm = Math.hypot(...g);
    const recipe = { algorithm: "sgd", learningRate: 1, clip: 0.5 } as const;
    expectClose(
      await after(recipe),
      w.map((value, i) => value - (0.5 * g[i]!) / norm),
    );
    expectClose(
      await after({ ...recipe, clip: 100 }),
      w.map((value, i) => value - g[i]!),
    );
  });
});
