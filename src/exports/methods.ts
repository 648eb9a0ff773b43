// Every method that is trained or predicts: PudNet, the baselines, networks from scratch. For researchers: may change in any minor version.

export type { EpisodeShape } from "../baselines/method.ts";
export { type MethodName, METHODS } from "../baselines/methods.ts";
export { MUSML_OPTIONS, type MusmlOptions, type MusmlParams } from "../baselines/musml.ts";
export { type Classifier, predictClassifier } from "../classifier/classifier.ts";
export { answer } from "../classifier/classify.ts";
export { imageSource, type ImageSource } from "../predict/image-source.ts";
export { fillChecked, type PudNetModel, randomModel } from "../predict/model.ts";
export type { Network, RunnerTarget } from "../predict/network-runner.ts";
export type { Normalization } from "../predict/normalize.ts";
export { Predictor } from "../predict/predictor.ts";
export { breathe } from "../train/breathe.ts";
export { parseSingleConfig } from "../train/config.ts";
export { type SingleConfig, trainSchema } from "../train/config-schema.ts";
export { episodicTraining, neckOf } from "../train/episodic-training.ts";
export { type MetaStart, metaSetup, parallelismOf } from "../train/meta-training.ts";
export { musmlTraining } from "../train/musml-training.ts";
export { ADAM, ADAM_GC, type OptimizerRecipe } from "../train/optimizer.ts";
export type { Parallelism } from "../train/parallel-groups.ts";
export { pretraining } from "../train/pretraining.ts";
export type { SupervisedState } from "../train/supervised-step.ts";
export { type SupervisedInput, trainSupervised } from "../train/supervised.ts";
export type { TrainingProblem } from "../train/loop.ts";
