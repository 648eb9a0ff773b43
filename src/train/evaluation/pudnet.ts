// PudNet on groups: weights predicted from each group's generation images.

import { featureSize } from "../../models/architectures.ts";
import { judgePrediction, type NormMode } from "./evaluate.ts";
import { type HeadName, Heads } from "../../heads/heads.ts";
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
      const pair = pairOf(groups, group);
      const { byNorm, predictSeconds } = await judgePrediction(predictor, data, shape, { pair, norms: [norm], heads });
      return { accuracy: byNorm[0]![1], seconds: { prediction: predictSeconds } };
    },
    async release() {
      await predictor.release();
      await heads.release();
    },
  };
}
