// The library: the verbs of the command line, typed. Results are plain data; what has a life cycle has `release`.

/**
 * PudNet predicts all convolution weights of a ConvNet for image data it has never seen, in one forward pass.
 * @example
 * import { classify, imageSource, loadPudNet, predictClassifier, readImageFolder, readImages } from "pudnet";
 * import { exportOnnx, saveClassifier } from "pudnet";
 *
 * const model = await loadPudNet("checkpoints/fashion-convnet-3.safetensors");
 * const { side } = model.arch;
 * const { dataset } = await readImageFolder("samples/fashion-unseen", { side });
 * const images = imageSource(dataset.images, 3 * side * side);
 * const { classifier, heldOut } = await predictClassifier(model, images, dataset.labels, dataset.classes);
 * if (heldOut) console.log(`${(100 * heldOut.accuracy).toFixed(1)} % of ${heldOut.n} held-out images`);
 *
 * const photo = await readImages(["samples/fashion-unseen/bag/0000.png"], side);
 * const [labels] = await classify(classifier, imageSource(photo.images, 3 * side * side), { top: 1 });
 * console.log(labels); // [{ label: "bag", score: 0.98 }]
 *
 * await saveClassifier("out/fashion", classifier); // weights.safetensors, classifier.onnx, classifier.json
 * const onnx = exportOnnx(classifier); // Uint8Array: opens in any onnxruntime, browsers included
 * @module
 */

// what browsers have, too: predict, classify, target networks, tensors, errors
export * from "./browser.ts";

// predict, classify: from files and into them
export { loadPudNet, savePudNet } from "./node/checkpoints/pudnet.ts";
export type { WriteOptions } from "./formats/safetensors.ts";
export {
  chooseModel,
  type ModelChoice,
  SHIPPED_NAMES,
  type ShippedName,
  shippedModel,
} from "./node/checkpoints/shipped.ts";
export { type FineTuned, type FineTuneOptions, type FineTuneStage, fineTuneClassifier } from "./classifier/finetune.ts";
export type { Better } from "./classifier/better-of.ts";
export type { TrainingProgress } from "./train/supervised.ts";
export {
  loadClassifier,
  loadKeptPictures,
  saveClassifier,
  type SaveOptions,
} from "./node/classifier/classifier-folder.ts";

// data
export { pictureFacts } from "./node/classifier/training-pictures.ts";
export { gatherImages, type ImageDataset, positionsByClass } from "./data/dataset.ts";
export { loadClassSplit, loadDataset, type LoadOptions } from "./node/datasets/load-dataset.ts";
export type { ClassSplit } from "./data/splits.ts";
export { type ImageFolderOptions, type LoadedDataset, readImageFolder } from "./node/datasets/image-folder.ts";
export { type DecodeOptions, readImages } from "./node/datasets/decode-image.ts";
export type { Progress, ReadOptions } from "./node/datasets/decoded.ts";
export type { Skipped } from "./node/datasets/folder-walk.ts";
export { type SampleRanges, sampleRangesOf } from "./node/datasets/sample-range.ts";
export {
  type MadeDataset,
  makeDataset,
  type MakeOptions,
  type MakeProgress,
} from "./node/datasets/made/make-dataset.ts";
export { fetchDataset, type Fetched, type FetchOptions, type FetchProgress } from "./node/datasets/fetch-dataset.ts";

// evaluate
export { type ClassifierEvaluation, evaluateClassifier } from "./classifier/evaluate-classifier.ts";
export {
  evaluateFolder,
  type EvaluateFolderOptions,
  type FolderEvaluation,
} from "./node/classifier/evaluate-folder.ts";
export { type ClassJudgement, type Judgement, judge } from "./report/judgement.ts";
export type { ConfusedPair, Prediction } from "./report/predictions.ts";
export { evaluate, type EvaluateRequest, type ModelEvaluation } from "./node/records/evaluate.ts";
export type { Protocol } from "./train/evaluation/recipe.ts";
export type { Neck } from "./predict/neck.ts";
export type { GroupShape, ClassPool } from "./data/groups.ts";
export { type Estimate, formatPercent } from "./statistics.ts";

// meta-training
export {
  resumeTraining,
  startTraining,
  type TrainingEnd,
  type TrainingRun,
  type TrainingRunOptions,
} from "./node/runs/meta-training.ts";
export type { Exchange } from "./node/workers/exchange.ts";
export type { Checkpoint } from "./formats/checkpoint.ts";
export type { Materials } from "./node/records/materials.ts";
export type { CheckpointKind, RunFolder, RunRecord } from "./node/runs/run-folder.ts";
export { readTrainConfig } from "./node/runs/train-config.ts";
export { parseTrainConfig } from "./train/config.ts";
export { configSchema, type SourceConfig, type TrainConfig, trainSchema } from "./train/config-schema.ts";
export {
  type Domain,
  mixedTrainingData,
  type MixtureSource,
  type TrainingData,
  trainingData,
  type TrainingDataOptions,
} from "./train/training-data.ts";
export { type LoadDataOptions, type LoadedTrainingData, loadTrainingData } from "./node/runs/load-training-data.ts";
export type { DrawOptions, GroupDraws } from "./train/group-draws.ts";
export { type MetaSetup, metaSetup, metaTraining, modelOf } from "./train/meta-training.ts";
export type { NamedPool } from "./train/evaluation/groups.ts";
export type { MetaBatch, MetaOptimizer, MetaProblem, MetaState } from "./train/meta-step.ts";
export { type Judged, type Stepper, type TrainEvent, Training, type TrainingProblem } from "./train/loop.ts";
export type { Metrics, StepResult } from "./tensor/trainer.ts";

// checks
export { runtimeNote } from "./node/native-runtime.ts";
export { type Check, runChecks } from "./node/checks.ts";
