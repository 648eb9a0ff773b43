// A PudNet as a checkpoint file. Apart from the runs that write one, so that predicting loads nothing of training.

import type { WriteOptions } from "../../formats/safetensors.ts";
import { describeModel, modelTensors, type PudNetModel, readPudNet } from "../../predict/model.ts";
import { readCheckpointFile, saveCheckpoint } from "./checkpoint.ts";

/** Loads a PudNet from a checkpoint file. @throws FormatError for a damaged or foreign file */
export async function loadPudNet(file: string): Promise<PudNetModel> {
  return readPudNet(await readCheckpointFile(file), file);
}

/** Saves a PudNet without optimizer state, in half the bytes where `options.float16`. */
export async function savePudNet(
  file: string,
  model: PudNetModel,
  facts: Readonly<Record<string, string>> = {},
  options: WriteOptions = {},
): Promise<void> {
  const metadata = { ...facts, model: describeModel(model) };
  await saveCheckpoint(file, { tensors: modelTensors(model), metadata }, options);
}
