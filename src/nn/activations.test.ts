import { describeGolden, type GoldenCompute } from "../../test/golden.ts";
import { exp, leakyRelu, log, logSoftmax, relu, sigmoid, sqrt, tanh } from "../tensor/ops.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gelu } from "./activations.ts";

const softmax = (x: Tensor): Tensor => exp(logSoftmax(x));
const each = (functions: Record<string, (x: Tensor) => Tensor>): Record<string, GoldenCompute> =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, ([x]) => f(x!)]));

// "-large": inputs of deviation 30, where a naive formula overflows
describeGolden("activations", {
  ...each({ relu, leakyRelu: (x) => leakyRelu(x, 0.1), gelu, sigmoid, tanh, softmax, logSoftmax, exp, log, sqrt }),
  ...each({
    "gelu-large": gelu,
    "sigmoid-large": sigmoid,
    "tanh-large": tanh,
    "softmax-large": softmax,
    "logSoftmax-large": logSoftmax,
  }),
});
