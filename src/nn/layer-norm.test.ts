import { casesNamed, describeGolden } from "../../test/golden.ts";
import { layerNorm } from "./layer-norm.ts";

describeGolden(
  "norm",
  casesNamed("norm", "layer-norm", ([x, weight, bias]) => layerNorm({ weight: weight!, bias: bias! }, x!)),
);
