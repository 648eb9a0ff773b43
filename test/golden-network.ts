// Golden parameters of target networks as this project's trees, by torchvision's names.

import { type Arch, layerSpecs } from "../src/models/architectures.ts";
import type { Stats, Weights } from "../src/models/network.ts";
import { type HostTensor, hostTensor, type Shape, sizeOf } from "../src/tensor/tree.ts";

/** Tensors by name; what is missing or smaller than wanted is made up of zeros (or another value). */
export type Source = (name: string, shape: Shape, rest?: number) => HostTensor;

/**
 * The golden ResNets have stages of 16, 16, 32, 32 channels, ours double from stage to stage. A network with further
 * channels whose kernels and shifts are zero computes the same: all that reaches them, forward and backward, is zero.
 */
export function padded(tensors: ReadonlyMap<string, HostTensor>): Source {
  return (name, shape, rest = 0) => {
    const known = tensors.get(name);
    if (!known) throw new Error(`no golden "${name}"`);
    const values = hostTensor(shape, new Float32Array(sizeOf(shape)).fill(rest));
    positionsIn(shape, known.shape).forEach((at, i) => (values.data[at] = Number(known.data[i])));
    return values;
  };
}

/** The entries of x that a smaller tensor of the given shape has. */
export function cropped({ shape: full, data }: HostTensor, shape: Shape): HostTensor {
  return hostTensor(
    shape,
    positionsIn(full, shape).map((at) => Number(data[at])),
  );
}

/** Where the entries of a tensor of shape `inner` lie in one of shape `outer`. */
function positionsIn(outer: Shape, inner: Shape): number[] {
  let positions = [0];
  inner.forEach((d, axis) => {
    const stride = sizeOf(outer.slice(axis + 1));
    positions = positions.flatMap((start) => Array.from({ length: d }, (_, i) => start + i * stride));
  });
  return positions;
}

export function weightsFrom(arch: Arch, source: Source): Weights<HostTensor> {
  const specs = layerSpecs(arch);
  return {
    kernels: Object.fromEntries(
      specs.map(({ name, cOut, cIn, kernel }) => [name, source(`${name}.weight`, [cOut, cIn, kernel, kernel])]),
    ),
    norms: Object.fromEntries(
      specs.map(({ norm, cOut }) => [
        norm,
        { weight: source(`${norm}.weight`, [cOut], 1), bias: source(`${norm}.bias`, [cOut]) },
      ]),
    ),
  };
}

export function statsFrom(arch: Arch, source: Source): Stats<HostTensor> {
  return Object.fromEntries(
    layerSpecs(arch).map(({ norm, cOut }) => [
      norm,
      { mean: source(`${norm}.running_mean`, [cOut]), variance: source(`${norm}.running_var`, [cOut], 1) },
    ]),
  );
}
