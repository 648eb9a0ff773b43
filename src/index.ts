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

// predict, classify
export { loadPudNet, savePudNet } from "./node/runs/pudnet-file.ts";
export type { PudNetModel } from "./train/model.ts";
export { chooseModel, shippedModel } from "./node/shipped-models.ts";
export { imageSource, type ImageSource, type Network, NetworkRunner, Predictor } from "./train/predictor.ts";
export {
  type Classifier,
  predictClassifier,
  type PredictedClassifier,
  type PredictOptions,
} from "./classifier/classifier.ts";
export type { CentroidHead, ClassifierHead, LinearHead } from "./heads/classifier-head.ts";
export type { HeldOutEstimate } from "./classifier/held-out-estimate.ts";
export { type FineTuned, type FineTuneOptions, type FineTuneStage, fineTuneClassifier } from "./classifier/finetune.ts";
export { ClassifierSession, classify, type ClassifyOptions, type Label } from "./classifier/classify.ts";
export { exportOnnx, preprocessing } from "./classifier/export-onnx.ts";
export {
  type ClassifierDescription,
  loadClassifier,
  saveClassifier,
  type SaveOptions,
} from "./node/classifier/classifier-folder.ts";

// data
export { gatherImages, type ImageDataset, positionsByClass } from "./data/dataset.ts";
export { loadClassSplit, loadDataset, type LoadOptions } from "./node/datasets/load-dataset.ts";
export { type ImageFolderOptions, type LoadedDataset, readImageFolder } from "./node/datasets/image-folder.ts";
export { readImages } from "./node/datasets/decode-image.ts";
export type { Skipped } from "./node/datasets/folder-walk.ts";
export { type SampleRanges, sampleRangesOf } from "./node/datasets/sample-range.ts";
export { fetchDataset, type FetchOptions } from "./node/datasets/fetch-dataset.ts";

// evaluate
export { type ClassifierEvaluation, evaluateClassifier } from "./classifier/evaluate-classifier.ts";
export {
  evaluateFolder,
  type EvaluateFolderOptions,
  type FolderEvaluation,
} from "./node/classifier/evaluate-folder.ts";
export { type ClassJudgement, type Judgement, judge } from "./runs/judgement.ts";
export type { ConfusedPair, Prediction } from "./runs/predictions.ts";
export {
  type EvaluationRequest,
  type EvaluatedGroup,
  runEvaluation,
  summariseGroups,
} from "./node/runs/evaluation-run.ts";
export { type EvaluationData, type EvaluationShape, evaluateGroups, summarise } from "./train/evaluation/evaluate.ts";
export { type Estimate, formatPercent } from "./train/evaluation/statistics.ts";

// meta-train
export { resumeTraining, startTraining, type TrainingRunOptions } from "./node/runs/meta-training-run.ts";
export { readTrainConfig } from "./node/runs/train-config.ts";
export { parseTrainConfig, type TrainConfig, trainSchema } from "./train/config.ts";
export { metaTask, metaTraining } from "./train/meta-train.ts";
export { type TrainEvent, Training, type TrainingProblem } from "./train/training.ts";

// target networks
export { type Arch, ARCHITECTURES, architecture, type ArchName, layerSpecs } from "./models/architectures.ts";
export { stateDict, type Weights } from "./models/network.ts";

// checks, errors
export { type Check, runChecks } from "./node/checks.ts";
export { FormatError, ShapeError, UserError } from "./errors.ts";
export { type HostTensor, hostTensor } from "./tensor/tree.ts";
