import { expect, test } from "vitest";
import { adam } from "../../optim/adam.ts";
import { clipByGlobalNorm } from "../../optim/clip.ts";
import { applyUpdates, chain } from "../../optim/transform.ts";
import { gradientTree } from "../gradients.ts";
import { add, input, mixKernels, mul, sum } from "../ops.ts";
import { key, normal } from "../random.ts";
import { blockSize } from "../runtime.ts";
import { type Tensor, topologicalOrder } from "../tensor.ts";
import { compileTrainer } from "../trainer.ts";
import { type HostTensor, hostTensor, leaves, type Tree } from "../tree.ts";
import { findClusters, pieces } from "./pieces.ts";

test("pieces divide evenly, and only what is large", () => {
  expect(pieces([512, 512, 9])).toEqual([9, 2 ** 18]);
  expect(pieces([256, 256, 17])).toEqual([8, 139264]);
  expect(pieces([64, 64, 17])).toBeUndefined();
});

test("a cluster holds what leads to its root alone", () => {
  const [p, g] = [input("p", [2 ** 20]), input("g", [2 ** 20])];
  const shared = mul(g, 2); // also used by the norm: must be there before the cluster is
  const root = add(p, mul(shared, sum(mul(shared, shared))));
  const clusters = findClusters(topologicalOrder([root]), [root]);
  expect(clusters).toHaveLength(1);
  expect(clusters[0]!.members.map(({ op }) => op)).toEqual(["mul", "add"]);
  expect(clusters[0]!.inputs).toContain(shared);
});

test.skipIf((await blockSize()) === undefined)("updates in pieces equal the portable lowering's", async () => {
  const optimizer = chain(clipByGlobalNorm(1), adam({ learningRate: 1e-2 }));
  const w = hostTensor([256, 256, 9], normal(key(1), 256 * 256 * 9));
  const taps = hostTensor([9, 9], normal(key(2), 81));
  const initial = { params: { w }, optimizer: optimizer.init({ w }) };
  const step = (state: { params: { w: Tensor }; optimizer: Tree<Tensor> }, batch: { taps: Tensor }) => {
    const y = mixKernels(state.params.w, batch.taps);
    const loss = sum(mul(y, y));
    const { updates, state: next } = optimizer.update(gradientTree(loss, state.params), state.optimizer, state.params);
    return { state: { params: applyUpdates(state.params, updates), optimizer: next }, metrics: { loss } };
  };
  const run = async (options: object): Promise<[string, HostTensor][]> => {
    const trainer = await compileTrainer(step, initial, { taps: { shape: [9, 9] } }, options);
    for (let i = 0; i < 3; i++) await trainer.run([{ taps }]);
    const state = leaves<HostTensor>(await trainer.state());
    await trainer.release();
    return state;
  };
  const portable = await run({ lowering: "portable" });
  for (const options of [{ lowering: "blocked" }, { lowering: "blocked", stepsPerCall: 2 }]) {
    const blocked = await run(options);
    portable.forEach(([path, { data }], i) => {
      const other = blocked[i]![1].data;
      const worst = (data as Float32Array).reduce(
        (most, value, j) => Math.max(most, Math.abs(value - Number(other[j])) / (1e-3 + Math.abs(value))),
        0,
      );
      expect(worst, path).toBeLessThan(1e-4);
    });
  }
});
