// The table of readers: a new one is a new row.

import type { Reader } from "./reader.ts";
import { config, configWritten, settings } from "./readers/configs.ts";
import { avif, cache, cifarFolder, fashion, gif, imageFolder, jpeg, png, tiff, webp } from "./readers/datasets.ts";
import { cifar10, cifar100, csv, csvWritten, idx, safetensors, safetensorsWritten, split } from "./readers/formats.ts";
import { checkpoint, classifier, classifierSealed, hypernetwork, keptPictures } from "./readers/ours.ts";
import {
  equation15,
  evaluationGroups,
  evaluationRecord,
  figure1,
  figure7,
  publishedGroups,
  publishedRecipes,
  speed,
  weightSamples,
} from "./readers/reproduce.ts";
import { lock, resumedState, runFolder } from "./readers/runs.ts";
import { projectZip, projectZipWritten } from "./readers/zips.ts";

export const READERS: Readonly<Record<string, Reader>> = {
  safetensors,
  "safetensors-written": safetensorsWritten,
  checkpoint,
  hypernetwork,
  "resumed-state": resumedState,
  classifier,
  "classifier-sealed": classifierSealed,
  "kept-pictures": keptPictures,
  idx,
  "fashion-mnist": fashion,
  "cifar-10": cifar10,
  "cifar-100": cifar100,
  "cifar-folder": cifarFolder,
  csv,
  "csv-written": csvWritten,
  config,
  "config-written": configWritten,
  settings,
  split,
  jpeg,
  png,
  webp,
  gif,
  tiff,
  avif,
  "image-folder": imageFolder,
  cache,
  "run-folder": runFolder,
  lock,
  "project-zip": projectZip,
  "project-zip-written": projectZipWritten,
  "evaluation-groups": evaluationGroups,
  "evaluation-record": evaluationRecord,
  "published-groups": publishedGroups,
  "published-recipes": publishedRecipes,
  "weight-samples": weightSamples,
  "equation-15": equation15,
  speed,
  "figure-1": figure1,
  "figure-7": figure7,
};
