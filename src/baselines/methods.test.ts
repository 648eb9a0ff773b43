import { describe, test } from "vitest";
import { gradientErrors } from "../../test/central-differences.ts";
import { expect } from "../../test/close.ts";
import { describeGolden, type GoldenCompute } from "../../test/golden.ts";
import { architecture } from "../models/architectures.ts";
import { gradients } from "../tensor/gradients.ts";
import { exp, logSoftmax, mul, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { fold, key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillTree, type HostTensor, hostTensor, leaves, type Tree } from "../tensor/tree.ts";
import type { EpisodicMethod } from "./method.ts";
import { matching } from "./matching.ts";
import { metaBaseline } from "./meta-baseline.ts";
import { METHODS } from "./methods.ts";
import { prototypical } from "./prototypical.ts";

/** Support and query, then the method's parameters by name. */
const logitsOf =
  (method: EpisodicMethod, paramsOf: (params: readonly Tensor[]) => Tree<Tensor> = () => ({})): GoldenCompute =>
  ([support, query, ...params], { ways, shots }) =>
    method.logits(paramsOf(params), support!, query!, { ways: ways as number, shots: shots as number });

const cell = ([inputWeight, hiddenWeight, inputBias, hiddenBias]: readonly Tensor[]): Tree<Tensor> => ({
  inputWeight: inputWeight!,
  hiddenWeight: hiddenWeight!,
  inputBias: inputBias!,
  hiddenBias: hiddenBias!,
});

describeGolden(
  "baselines",
  {
    protonet: logitsOf(prototypical),
    "protonet-far": logitsOf(prototypical), // embeddings far from the origin must not cost digits
    "meta-baseline": logitsOf(metaBaseline, ([tau]) => ({ tau: tau! })),
    matchnet: logitsOf(matching, (params) => ({
      forward: cell(params.slice(0, 4)),
      backward: cell(params.slice(4, 8)),
      query: cell(params.slice(8)),
    })),
  },
  (name) => (name === "matchnet" ? { rtol: 1e-4 } : {}), // the cosine is multiplied by 100
);

describe.each(Object.entries(METHODS))("%s", (_, method) => {
  const arch = architecture("convnet-3", 8, { width: 4 });
  const size = { ways: 2, shots: 2 };
  const d = method.embeddingSize(arch);
  const embeddings = (name: string, rows: number): HostTensor =>
    hostTensor([rows, d], normal(fold(key(5), name), rows * d));
  const inputs = [
    embeddings("support", 4),
    embeddings("query", 3),
    ...leaves(method.init(key(6), arch)).map(([, x]) => x),
  ];
  const logitsFrom = ([support, query, ...params]: readonly Tensor[]): Tensor => {
    const shape = method.init(key(6), arch);
    const byPath = new Map(leaves(shape).map(([path], i) => [path, params[i]!]));
    const filled = fillTree<HostTensor, Tensor>(shape, byPath, (path) => expect.fail(`no ${path}`));
    return method.logits(filled, support!, query!, size);
  };

  test("gradients of its probabilities agree with central differences", async () => {
    const weights = hostTensor([3, 2], [1, -2, 0.5, 1, 3, -1]);
    const build = ({ x, by }: { x: readonly Tensor[]; by: Tensor }) => {
      const logits = logitsFrom(x);
      const loss = sum(mul(exp(logSoftmax(logits)), by));
      return { logits, loss, gradients: gradients(loss, x) };
    };
    const program = await compile(build, { x: inputs, by: weights });
    const run = (x: readonly HostTensor[]) => program.run({ x, by: weights });
    const { logits, gradients: exact } = await run(inputs);
    expect(logits.shape).toEqual([3, 2]);
    const errors = await gradientErrors(async (x) => [Number((await run(x)).loss.data[0])], inputs, [exact], {
      key: key(7),
      step: 2e-3,
    });
    await program.release();
    expect(errors[0]).toBeLessThan(2e-2);
  });
});
