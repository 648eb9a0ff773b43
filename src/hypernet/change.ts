// What a change of learned weights has beside the generated kernels: norms whose scale and shift follow the data. Batch norm that is fitted to
// the data takes away whatever an output channel of a kernel gains as a whole, so only here can a channel become louder.

import { UserError } from "../errors.ts";
import type { BatchNorm } from "../nn/batch-norm.ts";
import { filled } from "../nn/init.ts";
import { linear, type Linear } from "../nn/linear.ts";
import type { Weights } from "../models/network.ts";
import { add, mul, reshape, slice } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { asTree, type HostTensor, hostTensor, type Shaped, zipTrees } from "../tensor/tree.ts";
import type { PudNetConfig } from "./config.ts";

/** Whether a base network is there of which more or less is changed. */
export function predictsChange({ predict }: Pick<PudNetConfig, "predict">): boolean {
  return predict === "change";
}

/** @throws UserError unless a change is predicted, of which as much can be made */
export function checkStrength(config: Pick<PudNetConfig, "predict">, strength: number | "auto"): void {
  if (!predictsChange(config)) {
    throw new UserError(`strength ${strength} of a change, but this PudNet predicts none`, {
      hint: "leave the strength out, or take a PudNet that was trained with `predict: change`",
      exitCode: 2,
    });
  }
  if (strength === "auto" || (strength >= 0 && strength <= 1)) return;
  throw new UserError(`strength ${strength} of a change`, {
    hint: "expected a number from 0, the base network as it is, to 1, the whole change",
    exitCode: 2,
  });
}

/** Mixed representation [1, H] -> c and d, [cOut] each: weight [2 cOut, H], bias [2 cOut]. */
export type NormChange<T extends Shaped = Tensor> = Linear<T>;

/** gamma (1 + c(mixed)), beta + d(mixed). */
export function changedNorm(change: NormChange, { weight, bias }: BatchNorm, mixed: Tensor): BatchNorm {
  const [channels] = weight.shape as [number];
  const both = reshape(linear(change, mixed), [2 * channels]);
  const [c, d] = [slice(both, 0, 0, channels), slice(both, 0, channels, 2 * channels)];
  return { weight: mul(weight, add(c, 1)), bias: add(bias, d) };
}

/** No change. */
export function initNormChange({ hiddenSize }: PudNetConfig, channels: number): NormChange<HostTensor> {
  return { weight: filled([2 * channels, hiddenSize], 0), bias: filled([2 * channels], 0) };
}

/** Weights between two: those of `from` at strength 0, of `to` at 1. */
export function interpolated(
  from: Weights<HostTensor>,
  to: Weights<HostTensor>,
  strength: number,
): Weights<HostTensor> {
  return zipTrees<HostTensor, HostTensor>(
    ({ shape, data: a }, { data: b }) =>
      hostTensor(
        shape,
        (a as Float32Array).map((value, i) => value + strength * ((b[i] as number) - value)),
      ),
    asTree<HostTensor>(from),
    asTree<HostTensor>(to),
  ) as Weights<HostTensor>;
}
