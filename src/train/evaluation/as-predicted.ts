// What `pudnet predict` makes of a group: batch norm fitted to its labelled images, strength of a change and head as they choose them.

import { secondsSince } from "../../clock.ts";
import { chooseHead } from "../../heads/choose-head.ts";
import { headProbabilities } from "../../heads/classifier-head.ts";
import { HEADS, Heads } from "../../heads/heads.ts";
import { topAccuracy } from "../../heads/top-accuracy.ts";
import { featureSize } from "../../models/architectures.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { Predictor } from "../../predict/predictor.ts";
import { fold } from "../../tensor/random.ts";
import { strengthsOf, throughGate } from "../gate.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";
import { groupImages } from "./groups.ts";

/** The accuracy of the chosen head. */
export const CHOSEN = "as predict chooses";

/** Of all heads, too, on the same features. `seconds` is that of all that makes the classifier. */
export async function predictionEvaluator(model: PudNetModel, groups: Groups): Promise<GroupEvaluator> {
  const predictor = await Predictor.create(model, groups);
  const heads = new Heads(HEADS, featureSize(model.arch), groups);
  const { data, shape, key } = groups;
  const { ways, generation: labelled, test, top } = shape;
  const strengths = strengthsOf(model);
  const labels = Array.from({ length: ways * labelled }, (_, i) => Math.floor(i / labelled));
  return {
    async evaluate(group) {
      const { generation: images, test: judged } = groupImages(data, groupOf(groups, group), labelled);
      const source = fold(fold(key, "prediction"), group);
      const start = performance.now();
      const networks = await predictor.predictEach(images, strengths);
      const { fitted } = await throughGate(
        predictor,
        { networks, strengths },
        { images, labels, ways },
        { ...groups, fit: (network) => predictor.fit(network, images) },
        fold(source, "strength"),
      );
      const features = await predictor.fittedFeatures(fitted, images);
      const options = { ...groups, choice: "auto", temperature: model.config.temperature } as const;
      const { head } = await chooseHead({ features, labels, ways }, options, fold(source, "shots"));
      const seconds = { prediction: secondsSince(start) };
      const queries = await predictor.features(fitted.network, judged);
      const chosen = topAccuracy(headProbabilities(head, queries), ways, test, top);
      return { accuracy: { [CHOSEN]: chosen, ...(await heads.accuracies(features, queries, shape)) }, seconds };
    },
    async release() {
      await predictor.release();
      await heads.release();
    },
  };
}
