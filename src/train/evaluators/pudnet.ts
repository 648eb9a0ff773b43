// PudNet on groups: weights predicted from each group's generation images.

import { featureSize } from "../../models/architectures.ts";
import { groupImages, type NormMode } from "../evaluate.ts";
import { type HeadName, Heads, labelledNeeded } from "../heads.ts";
import type { PudNetModel } from "../model.ts";
import { Predictor } from "../predictor.ts";
import { type GroupEvaluator, type Groups, pairOf } from "./evaluator.ts";

/** `seconds` is that of the prediction: sketch, AHRU and weight generators. */
export async function pudnetEvaluator(
  model: PudNetModel,
  groups: Groups,
  { heads: names, norm = "running" }: { readonly heads: readonly HeadName[]; readonly norm?: NormMode },
): Promise<GroupEvaluator> {
  const predictor = await Predictor.create(model, groups);
  const heads = await Heads.create(names, featureSize(model.arch), groups);
  const { data, shape } = groups;
  return {
    async evaluate(group) {
      const { generation, labelled, test } = groupImages(data, pairOf(groups, group), labelledNeeded(names, shape));
      const start = performance.now();
      const predicted = await predictor.predict(generation);
      const seconds = (performance.now() - start) / 1000;
      const network = norm === "running" ? predicted : await predictor.fitStats(predicted, generation);
      const support = await predictor.features(network, labelled);
      const accuracy = await heads.accuracies(support, await predictor.features(network, test), shape);
      return { accuracy, seconds: { prediction: seconds } };
    },
    async release() {
      await predictor.release();
      await heads.release();
    },
  };
}
