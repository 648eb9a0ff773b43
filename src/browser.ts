// The library in browsers: all of it that needs no files. `pudnet` is this module there, and part of the one in Node.

/**
 * In a page, from pictures that the browser has decoded; with the same numbers as in Node.
 *
 * ```js
 * import { classify, imageSource, predictClassifier, readPudNet, squarePlanes } from "pudnet";
 *
 * const checkpoint = await fetch("fashion-convnet-3.safetensors");
 * const model = await readPudNet(new Uint8Array(await checkpoint.arrayBuffer()));
 * const { side } = model.arch;
 * const planes = pictures.flatMap((picture) => [...squarePlanes(picture, side)]); // ImageData of canvases
 * const images = imageSource(Uint8Array.from(planes), 3 * side * side);
 * const { classifier } = await predictClassifier(model, images, labels, ["cat", "dog"]);
 *
 * const another = imageSource(squarePlanes(photo, side), 3 * side * side);
 * const [best] = await classify(classifier, another, { top: 1 });
 * ```
 * @module
 */

// predict, classify
export { type PudNetModel, readPudNet } from "./predict/model.ts";
export { imageSource, type ImageSource } from "./predict/image-source.ts";
export { type Fitted, type Network, NetworkRunner, type RunnerTarget } from "./predict/network-runner.ts";
export { Predictor } from "./predict/predictor.ts";
export {
  type Classifier,
  predictClassifier,
  type PredictedClassifier,
  type PredictOptions,
} from "./classifier/classifier.ts";
export type { NormMode } from "./train/evaluation/groups.ts";
export type { Calibration, HeadReport, HeadSettings } from "./classifier/fitted-head.ts";
export type { LeftOut } from "./heads/choose-head.ts";
export type { ChangeReport, StrengthError } from "./heads/change-strength.ts";
export type { StrengthChoice } from "./train/change-strengths.ts";
export type { HeadChoice } from "./heads/head-choices.ts";
export type {
  CentroidHead,
  ClassifierHead,
  ClosedFormHead,
  LinearHead,
  PredictedHead,
} from "./heads/classifier-head.ts";
export { similaritiesTo, type UnknownRule, unknownRule } from "./heads/unknown.ts";
export type { HeldOutEstimate } from "./classifier/held-out-estimate.ts";
export {
  type Answer,
  answer,
  ClassifierSession,
  classify,
  type ClassifyOptions,
  type Label,
} from "./classifier/classify.ts";
export { LiveClassifier, type LearnHow, type Learned, type LiveAnswer } from "./classifier/live-classifier.ts";
export type { LiveJudgement } from "./classifier/live-judgement.ts";
export type { LiveClass, LiveDataset, LivePicture } from "./classifier/live-dataset.ts";
export type { FilterPictures } from "./classifier/filter-pictures.ts";
export type { CalibrationBin } from "./report/judgement.ts";
export { exportOnnx } from "./classifier/export-onnx.ts";
export { preprocessing } from "./classifier/preprocessing.ts";
export {
  EXPORT_FORMATS,
  exportClassifier,
  type Exported,
  type ExportedFile,
  type ExportFormat,
  type ExportOptions,
} from "./export/export-classifier.ts";
export { aboutProject, type Exporter, type Numbers } from "./export/about.ts";
export { type Snippet, snippetOf } from "./export/snippets.ts";
export type { Memory } from "./export/c.ts";
export { wholeBytes } from "./export/pack.ts";
export {
  type ClassifierDescription,
  classifierFiles,
  type ClassifierFiles,
  readClassifier,
} from "./classifier/classifier-file.ts";
export {
  type AddedPicture,
  type ClassifierChanges,
  updateClassifier,
  type UpdatedClassifier,
  type UpdateOptions,
} from "./classifier/update-classifier.ts";
export { type KeptPicture, type KeptPictures } from "./classifier/kept-pictures.ts";
export { NearestPictures, type NearPicture } from "./classifier/nearest-pictures.ts";
export { type PictureLines, type PixelPicture, type ResizeRule, squareOfLines, squarePlanes } from "./data/square.ts";

// projects
export { readProjectZip, type ZippedClass, type ZippedPicture, type ZippedProject } from "./formats/project-zip.ts";
export { type PictureToZip, type ProjectToZip, writeProjectZip } from "./formats/project-zip-writer.ts";
export type { ByteSource } from "./formats/zip.ts";

// target networks
export {
  type Arch,
  ARCHITECTURES,
  architecture,
  type ArchName,
  type ArchOptions,
  type ArchRow,
  type Family,
  type LayerSpec,
  layerSpecs,
  type Stem,
} from "./models/architectures.ts";
export {
  type ConvNorm,
  type Embedding,
  type Kernels,
  type Norms,
  stateDict,
  type Stats,
  type Weights,
} from "./models/network.ts";

// what all of them are made of
export type { PudNet, PudNetStats } from "./hypernet/pudnet.ts";
export type { Ahru } from "./hypernet/ahru.ts";
export type { NormChange } from "./hypernet/change.ts";
export type { SketchNet, SketchStats } from "./hypernet/sketch.ts";
export type { WeightGenerator } from "./hypernet/weight-generator.ts";
export type { GruCell } from "./nn/gru.ts";
export type { LayerNorm } from "./nn/layer-norm.ts";
export type { BatchNorm, NormStats } from "./nn/batch-norm.ts";
export type { Linear } from "./nn/linear.ts";
export type { Normalization } from "./predict/normalize.ts";
export { type Key, key } from "./tensor/random.ts";
export {
  type DType,
  type Host,
  type HostTensor,
  hostTensor,
  type Retype,
  type Shape,
  type Shaped,
  type Tree,
} from "./tensor/tree.ts";
export type { OpAttributes, OpName, Tensor, TensorOf } from "./tensor/tensor.ts";
export type { CompileOptions, Spec } from "./tensor/program.ts";
export type { Device, RuntimeName, SessionOptions } from "./tensor/runtime.ts";

// names from files and users, and errors
export { printable, safeFileName } from "./names.ts";
export { isPassedOver, isPictureName } from "./formats/picture-names.ts";
export { FormatError, ShapeError, UserError, type UserErrorOptions } from "./errors.ts";
