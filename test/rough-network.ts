// Networks and classifiers that nobody has trained, in which nothing has its initial value.

import { architecture, type ArchOptions, featureSize } from "../src/models/architectures.ts";
import { initWeights, type Stats } from "../src/models/network.ts";
import type { Classifier } from "../src/classifier/classifier.ts";
import type { ClassifierHead } from "../src/heads/classifier-head.ts";
import type { Network } from "../src/predict/network-runner.ts";
import { fold, key, normal, uniform } from "../src/tensor/random.ts";
import { type HostTensor, hostTensor } from "../src/tensor/tree.ts";
import type { tinyPudNet } from "./tiny-pudnet.ts";

/** Weights, affine parameters and statistics all away from their initial values, so that folding is put to the test. */
export function roughNetwork(model: Pick<ReturnType<typeof tinyPudNet>, "arch">): Network {
  const { weights } = initWeights(key(1), model.arch);
  const draw = (name: string, like: HostTensor, low: number, high: number): HostTensor =>
    hostTensor(like.shape, uniform(fold(key(2), name), like.data.length, low, high));
  const norms = Object.entries(weights.norms).map(
    ([norm, { weight, bias }]) =>
      [norm, { weight: draw(`${norm}w`, weight, 0.5, 1.5), bias: draw(`${norm}b`, bias, -0.3, 0.3) }] as const,
  );
  const stats: [string, Stats<HostTensor>[string]][] = Object.entries(weights.norms).map(([norm, { bias }]) => [
    norm,
    { mean: draw(`${norm}m`, bias, -0.5, 0.5), variance: draw(`${norm}v`, bias, 0.5, 2) },
  ]);
  return { weights: { kernels: weights.kernels, norms: Object.fromEntries(norms) }, stats: Object.fromEntries(stats) };
}

export interface RoughOptions extends ArchOptions {
  readonly arch: string;
  readonly side?: number;
  readonly head?: ClassifierHead["kind"];
  readonly classes?: readonly string[];
}

/** A classifier of any architecture and head, with a rule for what is unknown. */
export function roughClassifier({ arch: name, side = 16, head = "centroids", ...options }: RoughOptions): Classifier {
  const { classes = ["cat", "dog", "fish"], ...rest } = options;
  const arch = architecture(name, side, { width: 4, ...rest });
  const [k, d] = [classes.length, featureSize(arch)];
  const draw = (what: string, shape: readonly number[]): HostTensor =>
    hostTensor(shape, normal(fold(key(3), what), shape.reduce((a, b) => a * b, 1), 0.5)); // prettier-ignore
  const heads = {
    centroids: { kind: "centroids", centroids: draw("centroids", [k, d]), temperature: 9 },
    "closed-form": { kind: "closed-form", mean: draw("mean", [d]), weight: draw("weight", [k, d]), temperature: 3 },
    linear: { kind: "linear", weight: draw("weight", [k, d]), bias: draw("bias", [k]) },
  } as const;
  const normalization = { mean: [0.5, 0.4, 0.3], deviation: [0.3, 0.25, 0.2] } as const;
  const network = roughNetwork({ arch });
  const unknown = { centroids: draw("unknown", [k, d]), threshold: 0.125 };
  return { arch, normalization, network, head: heads[head], unknown, classes, resize: "square-1" };
}
