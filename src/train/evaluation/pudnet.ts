// PudNet on groups: weights predicted from each group's generation images.

import { gatherImages } from "../../data/dataset.ts";
import { featureSize } from "../../models/architectures.ts";
import { judgePrediction, type NormMode } from "./evaluate.ts";
import { type HeadName, Heads } from "../../heads/heads.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";
import { Predictor } from "../../predict/predictor.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";

export interface PudNetEvaluation {
  readonly heads: readonly HeadName[];
  readonly norm?: NormMode;
  /** A control: weights are predicted from the generation images of these groups, without the classes of the group itself. */
  readonly wrongSketch?: Groups;
}

/** `seconds` is that of the prediction: sketch, AHRU and weight generators. */
export async function pudnetEvaluator(
  model: PudNetModel,
  groups: Groups,
  { heads: names, norm = "running", wrongSketch }: PudNetEvaluation,
): Promise<GroupEvaluator> {
  const predictor = await Predictor.create(model, groups);
  const heads = await Heads.create(names, featureSize(model.arch), groups);
  const { data, shape } = groups;
  return {
    async evaluate(group) {
      const pair = groupOf(groups, group);
      const sketched = wrongSketch && generationImages(without(wrongSketch, groups, pair.classes), group);
      const { byNorm, predictSeconds } = await judgePrediction(predictor, data, shape, {
        pair,
        norms: [norm],
        heads,
        ...(sketched ? { sketched } : {}),
      });
      return { accuracy: byNorm[0]![1], seconds: { prediction: predictSeconds } };
    },
    async release() {
      await predictor.release();
      await heads.release();
    },
  };
}

/** The groups without some classes of `own`, where both are of one data set. */
function without(groups: Groups, own: Groups, classes: readonly number[]): Groups {
  const { dataset, pool } = groups.data;
  if (dataset !== own.data.dataset) return groups;
  return {
    ...groups,
    data: { ...groups.data, pool: { ...pool, classes: pool.classes.filter((c) => !classes.includes(c)) } },
  };
}

function generationImages(groups: Groups, group: number): ImageSource {
  const { dataset } = groups.data;
  return imageSource(gatherImages(dataset, groupOf(groups, group).generation), 3 * dataset.side ** 2);
}
