import { casesNamed, describeGolden } from "../../test/golden.ts";
import { imageLayerNorm, layerNorm } from "./layer-norm.ts";

describeGolden("norm", {
  ...casesNamed("norm", "layer-norm", ([x, weight, bias]) => layerNorm({ weight: weight!, bias: bias! }, x!)),
  ...casesNamed("norm", "image-layer-norm", ([x, weight, bias]) =>
    imageLayerNorm({ weight: weight!, bias: bias! }, x!),
  ),
});
