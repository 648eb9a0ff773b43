// Distillation (Hinton et al. 2015): a student learns what a trained teacher says of the same images, beside their labels.

import type { Arch } from "../models/architectures.ts";
import { forward } from "../models/network.ts";
import { linear } from "../nn/linear.ts";
import { distillation, similarityDistance } from "../nn/losses.ts";
import { type Normalization, normalize } from "../predict/normalize.ts";
import { add, constant, mul } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, mapTree } from "../tensor/tree.ts";
import type { BaseNetwork } from "./base-network.ts";

export interface Teacher {
  readonly arch: Arch;
  /** Its own: it sees the same pixels as the student, but as it was trained to. */
  readonly normalization: Normalization;
  readonly network: BaseNetwork<HostTensor>;
  /** Share of the loss that is for the teacher's answers; the rest is for the labels. */
  readonly weight: number;
  /** Of the softmax of both. */
  readonly temperature: number;
  /** Weight of `similarityDistance`, which is added. */
  readonly similarity: number;
}

/** What a network makes of images. */
export interface Answers {
  /** [n, d] */
  readonly features: Tensor;
  /** [n, classes] */
  readonly logits: Tensor;
}

/** The teacher's: its weights are constants, its norms use the statistics of the images, as they did in its training. */
export function teacherAnswers({ arch, normalization, network }: Teacher, images: Tensor): Answers {
  const { weights, head } = mapTree<HostTensor, Tensor>(network, ({ data, shape }) =>
    constant(data as Float32Array, shape),
  ) as BaseNetwork;
  const { features } = forward(arch, weights, normalize(images, normalization));
  return { features, logits: linear(head, features) };
}

/** The loss of a student, given that by the labels, and what it is made of. */
export function distilled(
  { weight, temperature, similarity: factor }: Omit<Teacher, "arch" | "normalization" | "network">,
  byLabels: Tensor,
  student: Answers,
  teacher: Answers,
): { readonly loss: Tensor; readonly kl: Tensor; readonly similarity: Tensor } {
  const kl = distillation(teacher.logits, student.logits, temperature);
  const similarity = similarityDistance(teacher.features, student.features);
  const soft = add(mul(byLabels, 1 - weight), mul(kl, weight));
  return { loss: factor === 0 ? soft : add(soft, mul(similarity, factor)), kl, similarity };
}
