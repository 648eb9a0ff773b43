// One ordinary training step of a target network with a linear head (the baselines "Adam scratch", "GC scratch", "Pretrained",
// and fine-tuning) as a pure function: (parameters, optimizer state, statistics), batch -> the next ones and the loss.

import type { Neck } from "../predict/neck.ts";
import { type Arch, featureSize } from "../models/architectures.ts";
import { forward, initWeights, type Stats, updateRunningStats, type Weights } from "../models/network.ts";
import { initLinear, linear, type Linear } from "../nn/linear.ts";
import { accuracy, crossEntropy } from "../nn/losses.ts";
import { applyUpdates } from "../optim/transform.ts";
import { add, constant, matmul, mul, sub } from "../tensor/ops.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { fold, type Key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { StepResult } from "../tensor/trainer.ts";
import { type HostTensor, mapTree, type Shaped, type Tree } from "../tensor/tree.ts";
import { normalize, type Normalization } from "../predict/normalize.ts";
import { type Answers, distilled, type Teacher, teacherAnswers } from "./distillation.ts";
import { type OptimizerRecipe, optimizerOf } from "./optimizer.ts";

export type SupervisedState<T extends Shaped = Tensor> = {
  /** All that the optimizer changes. */
  readonly params: { readonly weights: Weights<T>; readonly head: Linear<T>; readonly neck: Tree<T> };
  readonly stats: Stats<T>;
  readonly optimizer: Tree<T>;
};

export type SupervisedBatch<T extends Shaped = Tensor> = {
  /** uint8 [n, 3, side, side] */
  readonly images: T;
  /** One-hot [n, classes] */
  readonly labels: T;
};

export interface SupervisedProblem {
  readonly arch: Arch;
  readonly normalization: Normalization;
  readonly classes: number;
  readonly optimizer: OptimizerRecipe;
  /** Over which the learning rate falls, where it does. */
  readonly steps: number;
  readonly neck?: Neck;
  /** Fine-tuning: the learning rate of all but the head, as a share of the head's (1). */
  readonly bodyRate?: number;
  /** The domain of each class, where there are several: an image is then told from the classes of its own domain alone. */
  readonly domains?: readonly number[];
  /** Of the same classes: what it says of an image counts beside the label. */
  readonly teacher?: Teacher;
}

/** What is taken off the logits of other domains' classes: no share of a softmax in float32 is left of them. */
const ELSEWHERE = 1e4;

/** Logits [n, classes] as they count for images with these labels (one-hot): classes of other domains are out of the question. */
function withinDomain(logits: Tensor, labels: Tensor, { domains }: SupervisedProblem): Tensor {
  if (domains === undefined) return logits;
  const count = Math.max(...domains) + 1;
  const members = Float32Array.from({ length: domains.length * count }, (_, i) =>
    domains[Math.floor(i / count)] === i % count ? 1 : 0,
  );
  const ofDomain = constant(members, [domains.length, count]);
  const isOwn = matmul(matmul(labels, ofDomain), ofDomain, { transposeB: true });
  return add(logits, mul(sub(isOwn, 1), ELSEWHERE));
}

/** The updates with all but the head's multiplied by `bodyRate`. */
function slowBody(updates: Tree<Tensor>, { bodyRate = 1 }: SupervisedProblem): Tree<Tensor> {
  if (bodyRate === 1) return updates;
  return mapTree<Tensor, Tensor>(updates, (update, path) =>
    path.startsWith("head.") ? update : mul(update, bodyRate),
  );
}

const transformOf = ({ optimizer, steps }: SupervisedProblem) => optimizerOf(optimizer, steps);

/** Random weights and head, before the first step. */
export function initSupervisedState(source: Key, problem: SupervisedProblem): SupervisedState<HostTensor> {
  const { arch, classes, neck } = problem;
  const { weights, stats } = initWeights(fold(source, "network"), arch, neck?.layers);
  const head = initLinear(fold(source, "head"), neck?.size ?? featureSize(arch), classes);
  const params = { weights, head, neck: neck?.initial ?? {} };
  return { params, stats, optimizer: transformOf(problem).init(params) };
}

/** Shapes and types of a step's batch of n images. */
export function supervisedBatchSpec({ arch, classes }: SupervisedProblem, n: number) {
  return {
    images: { shape: [n, 3, arch.side, arch.side], dtype: "uint8" },
    labels: { shape: [n, classes], dtype: "float32" },
  } as const;
}

/** What a step minimises, and what that is made of. */
function lossesOf(
  problem: SupervisedProblem,
  { images, labels }: SupervisedBatch,
  student: Answers,
): { readonly loss: Tensor; readonly [part: string]: Tensor } {
  const loss = crossEntropy(student.logits, labels);
  if (!problem.teacher) return { loss };
  const { features, logits } = teacherAnswers(problem.teacher, images);
  return distilled(problem.teacher, loss, student, { features, logits: withinDomain(logits, labels, problem) });
}

/** Forward, loss, backward, the optimizer and running statistics of one batch. */
export function supervisedStep(
  problem: SupervisedProblem,
): (state: SupervisedState, batch: SupervisedBatch) => StepResult<SupervisedState> {
  return ({ params, stats, optimizer }, { images, labels }) => {
    const embedding = problem.neck?.embedding(params.neck);
    const seen = forward(problem.arch, params.weights, normalize(images, problem.normalization), undefined, embedding);
    const logits = withinDomain(linear(params.head, seen.features), labels, problem);
    const losses = lossesOf(problem, { images, labels }, { features: seen.features, logits });
    const { updates, state } = transformOf(problem).update(gradientTree(losses.loss, params), optimizer, params);
    return {
      state: {
        params: applyUpdates(params, slowBody(updates, problem)),
        stats: updateRunningStats(stats, seen),
        optimizer: state,
      },
      metrics: { ...losses, accuracy: accuracy(logits, labels) },
    };
  };
}
