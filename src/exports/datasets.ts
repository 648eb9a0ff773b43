// Image data sets, class splits and the drawing of groups. For researchers: may change in any minor version.

export { gatherImages, type ImageDataset, positionsByClass } from "../data/dataset.ts";
export { CLASS_SPLITS, type ClassSplit, type SplitName } from "../data/splits.ts";
export { drawClasses, type ClassPool } from "../data/groups.ts";
export { datasetFolder, loadClassSplit, loadDataset, nativeSide } from "../node/datasets/load-dataset.ts";
export { pixelStatistics } from "../train/pixel-statistics.ts";
export { type TrainingData, trainingData } from "../train/training-data.ts";
