// MUSML on groups: a few gradient steps on the supports in each subspace, then cosine to the supports' class means.

import { secondsSince } from "../../clock.ts";
import { musmlAdapt, type MusmlOptions, type MusmlParams } from "../../baselines/musml.ts";
import { featureSize } from "../../models/architectures.ts";
import { compile } from "../../tensor/program.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { HostTensor } from "../../tensor/tree.ts";
import { groupImages } from "./groups.ts";
import { Heads } from "../../heads/heads.ts";
import { normalize } from "../../predict/normalize.ts";
import { NetworkRunner, type RunnerTarget } from "../../predict/network-runner.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";

/** `seconds` is that of the adaptation. */
export async function musmlEvaluator(
  target: RunnerTarget & { readonly params: MusmlParams<HostTensor>; readonly options: MusmlOptions },
  groups: Groups,
): Promise<GroupEvaluator> {
  const { arch, normalization, params, options } = target;
  const { data, shape } = groups;
  const count = shape.ways * shape.shots;
  const images = { shape: [count, 3, arch.side, arch.side], dtype: "uint8" } as const;
  const adapt = await compile(
    (inputs: { params: MusmlParams; images: Tensor }) => {
      const { weights, stats } = musmlAdapt(
        arch,
        inputs.params,
        normalize(inputs.images, normalization),
        shape,
        options,
      );
      return { weights, stats };
    },
    { params, images },
    groups,
  );
  adapt.bind({ params });
  const runner = await NetworkRunner.create({ arch, normalization }, groups);
  const heads = new Heads(["few"], featureSize(arch), groups);
  return {
    async evaluate(group) {
      const { labelled, test } = groupImages(data, groupOf(groups, group), shape.shots);
      const start = performance.now();
      const pixels = { shape: images.shape, data: labelled.read(0, count) };
      const network = await adapt.run({ images: pixels });
      const seconds = secondsSince(start);
      const support = await runner.features(network, labelled);
      const accuracy = await heads.accuracies(support, await runner.features(network, test), shape);
      return { accuracy, seconds: { prediction: seconds } };
    },
    async release() {
      await adapt.release();
      await runner.release();
      await heads.release();
    },
  };
}
