// A PudNet as a checkpoint file. Apart from the runs that write one, so that predicting loads nothing of training.

import { describeModel, modelTensors, type PudNetModel, readPudNet } from "../../predict/model.ts";
import { readCheckpointFile, saveCheckpoint } from "./checkpoint.ts";

/** Loads a PudNet from a checkpoint file. @throws FormatError for a damaged or foreign file */
export async function loadPudNet(file: string): Promise<PudNetModel> {
  return readPudNet(await readCheckpointFile(file), file);
}

/** Saves a PudNet without optimizer state. */
export async function savePudNet(
  file: string,
  model: PudNetModel,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  await saveCheckpoint(file, { tensors: modelTensors(model), metadata: { ...facts, model: describeModel(model) } });
}
