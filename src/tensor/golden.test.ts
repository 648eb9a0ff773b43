// Convolutions and pools beside PyTorch's.

import { casesNamed, describeGolden } from "../../test/golden.ts";
import { conv2d, maxPool2d, relu, spatialMean } from "./ops.ts";

describeGolden(
  "conv",
  casesNamed("conv", "n", ([x, weight, bias], parameters) => {
    const { stride, pad } = parameters as { stride: number; pad: number };
    return conv2d(x!, weight!, bias, { stride, padding: pad });
  }),
);

describeGolden("pool", {
  ...casesNamed("pool", "max", ([x], parameters) => {
    const { k, stride, pad, relu: rectified } = parameters as { k: number; stride: number; pad: number; relu: boolean };
    return maxPool2d(rectified ? relu(x!) : x!, k, { stride, padding: pad });
  }),
  ...casesNamed("pool", "global", ([x]) => spatialMean(x!)),
});
