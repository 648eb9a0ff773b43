// Initial values of parameters, as PyTorch draws them by default (up to the random numbers themselves). They are drawn when they are
// first looked at: who reads a checkpoint wants the shapes alone, of which a hypernetwork has hundreds of megabytes.

import { type Key, normal, uniform } from "../tensor/random.ts";
import { type HostTensor, hostTensor, type Shape, sizeOf } from "../tensor/tree.ts";

/** U(-1/sqrt(fanIn), 1/sqrt(fanIn)): torch.nn.Linear's and Conv2d's default for weight and bias. */
export function fanInUniform(key: Key, shape: Shape, fanIn: number): HostTensor {
  const bound = 1 / Math.sqrt(fanIn);
  return drawn(shape, (count) => uniform(key, count, -bound, bound));
}

/** N(0, 2 / fanOut): He et al. 2015, torchvision's choice for the convolutions of a ResNet. */
export function heNormal(key: Key, shape: Shape): HostTensor {
  const [cOut, , kernel = 1, kernelW = kernel] = shape as [number, number, number?, number?];
  return drawn(shape, (count) => normal(key, count, Math.sqrt(2 / (cOut * kernel * kernelW))));
}

export function gaussian(key: Key, shape: Shape, deviation = 1): HostTensor {
  return drawn(shape, (count) => normal(key, count, deviation));
}

export function filled(shape: Shape, value: number): HostTensor {
  return hostTensor(shape, new Float32Array(sizeOf(shape)).fill(value));
}

/** A tensor whose numbers are drawn once, when they are first asked for. */
function drawn(shape: Shape, draw: (count: number) => ArrayLike<number>): HostTensor {
  let tensor: HostTensor | undefined;
  return {
    shape,
    dtype: "float32", // so that nobody looks at the numbers to know it
    get data() {
      tensor ??= hostTensor(shape, draw(sizeOf(shape)));
      return tensor.data;
    },
  };
}
