// A whole supervised training step of a target network with a linear head, as tests compile it.

import { type Arch, featureSize } from "../src/models/architectures.ts";
import { forward, initWeights, type Stats, updateRunningStats, type Weights } from "../src/models/network.ts";
import { initLinear, linear, type Linear } from "../src/nn/linear.ts";
import { crossEntropy } from "../src/nn/losses.ts";
import { applyUpdates, type Transform } from "../src/optim/transform.ts";
import { gradientTree } from "../src/tensor/gradients.ts";
import { fold, type Key, normal } from "../src/tensor/random.ts";
import type { Tensor } from "../src/tensor/tensor.ts";
import { compileTrainer, type Metrics, type StepResult, type TrainerOptions } from "../src/tensor/trainer.ts";
import {
  asTree,
  type Host,
  type HostTensor,
  hostTensor,
  leaves,
  type Shaped,
  sizeOf,
  type Tree,
} from "../src/tensor/tree.ts";

export type Params<T extends Shaped = Tensor> = { readonly weights: Weights<T>; readonly head: Linear<T> };
export type State<T extends Shaped = Tensor> = {
  readonly params: Params<T>;
  readonly stats: Stats<T>;
  readonly optimizer: Tree<T>;
};
export type Batch<T extends Shaped = Tensor> = { readonly images: T; readonly targets: T };

/** Forward, cross entropy, backward, optimizer and running statistics. */
export function trainingStep(arch: Arch, optimizer: Transform): (state: State, batch: Batch) => StepResult<State> {
  return ({ params, stats, optimizer: before }, { images, targets }) => {
    const features = forward(arch, params.weights, images);
    const loss = crossEntropy(linear(params.head, features.features), targets);
    const gradient = gradientTree(loss, params);
    const { updates, state } = optimizer.update(gradient, before, params);
    const next = {
      params: applyUpdates(params, updates),
      stats: updateRunningStats(stats, features),
      optimizer: state,
    };
    return { state: next, metrics: { loss } };
  };
}

export function initState(key: Key, arch: Arch, classes: number, optimizer: Transform): State<HostTensor> {
  const { weights, stats } = initWeights(key, arch);
  const params = { weights, head: initLinear(fold(key, "head"), featureSize(arch), classes) };
  return { params, stats, optimizer: optimizer.init(params) };
}

/** Compiles the step, runs it on the batches; resolves to each step's metrics and the last state. */
export async function trainOn<S extends object, B extends object>(
  step: (state: S, batch: B) => StepResult<S>,
  start: NoInfer<Host<S>>,
  batches: readonly NoInfer<Host<B>>[],
  options: TrainerOptions = {},
): Promise<{ metrics: Metrics[]; state: ReadonlyMap<string, HostTensor> }> {
  const trainer = await compileTrainer(step, start, batches[0]!, options);
  const metrics: Metrics[] = [];
  for (let i = 0; i < batches.length; i += trainer.stepsPerCall)
    metrics.push(...(await trainer.run(batches.slice(i, i + trainer.stepsPerCall))));
  const state = new Map(leaves(asTree<HostTensor>(await trainer.state())));
  await trainer.release();
  return { metrics, state };
}

/** Random images, image i of class i mod `classes`. */
export function randomBatch(key: Key, { side }: Arch, n: number, classes: number): Batch<HostTensor> {
  const shape = [n, 3, side, side];
  const targets = hostTensor([n, classes]);
  for (let i = 0; i < n; i++) targets.data[i * classes + (i % classes)] = 1;
  return { images: hostTensor(shape, normal(key, sizeOf(shape))), targets };
}
