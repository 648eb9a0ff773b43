// How methods are judged on groups, and statistics over them. For researchers: may change in any minor version.

export { HEADS, Heads, headTitle, ruleTitle } from "../heads/heads.ts";
export { judge } from "../report/judgement.ts";
export {
  estimate,
  formatPercent,
  jackknife95,
  median,
  pairedTest,
  type PairedTest,
  rounded,
  standardDeviation,
} from "../statistics.ts";
export { CHOSEN, predictionEvaluator } from "../train/evaluation/as-predicted.ts";
export { LEFT_OUT } from "../train/evaluation/domains.ts";
export { embeddingEvaluator, type FixedNetwork } from "../train/evaluation/embedding.ts";
export { evaluationKey, evaluationGroup, groupImages, type NormMode } from "../train/evaluation/groups.ts";
export type { GroupEvaluator, GroupResult, Groups } from "../train/evaluation/evaluator.ts";
export { musmlEvaluator } from "../train/evaluation/musml.ts";
export { pudnetEvaluator } from "../train/evaluation/pudnet.ts";
export { randomNetworkEvaluator, rawPixelEvaluator } from "../train/evaluation/random-network.ts";
export type {
  CheckpointFile,
  EvaluationRecipe,
  Protocol,
  SourceRecipe,
  TargetRecipe,
} from "../train/evaluation/recipe.ts";
export { epochTitle, supervisedEvaluator } from "../train/evaluation/supervised.ts";
