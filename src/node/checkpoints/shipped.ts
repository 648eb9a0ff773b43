// The hypernetworks that come with the package: by architecture of the target network, in checkpoints/.

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { UserError } from "../../errors.ts";
import { architecture, type ArchName } from "../../models/architectures.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { loadPudNet } from "./pudnet.ts";

const SHIPPED: Readonly<Partial<Record<ArchName, string>>> = {
  "convnet-3": "fashion-convnet-3.safetensors",
};
const DEFAULT: ArchName = "convnet-3";
const FOLDER = join(PACKAGE_ROOT, "checkpoints");

/** The checkpoint shipped for an architecture (by default convnet-3). @throws UserError where there is none */
export function shippedModel(arch: string = DEFAULT): string {
  const { name } = architecture(arch, 32);
  const file = SHIPPED[name] === undefined ? undefined : join(FOLDER, SHIPPED[name]);
  if (file !== undefined && existsSync(file)) return file;
  const shipped = Object.keys(SHIPPED).join(", ");
  const why = file === undefined ? `shipped are: ${shipped}` : `"${relative(process.cwd(), file)}" is missing`;
  throw new UserError(`no PudNet for ${name} comes with this package; ${why}`, {
    hint:
      `train one: pudnet train --config configs/fashion-convnet-3.yaml --set target.arch=${name} --set name=my-${name}; ` +
      `then give it with --model runs/my-${name}-1/checkpoints/best.safetensors`,
    exitCode: 2,
  });
}

export interface ModelChoice {
  /** A checkpoint; by default the one shipped for `arch`. */
  readonly model?: string | undefined;
  readonly arch?: string | undefined;
}

/**
 * Loads the model that a user asked for.
 * @throws UserError where the checkpoint is for another architecture than asked for, or no model is shipped for it
 */
export async function chooseModel({ model, arch }: ModelChoice): Promise<{ file: string; model: PudNetModel }> {
  const asked = arch === undefined ? undefined : architecture(arch, 32).name;
  const file = model ?? shippedModel(asked);
  const loaded = await loadPudNet(file);
  if (asked !== undefined && loaded.arch.name !== asked) {
    throw new UserError(`"${file}" predicts weights of ${loaded.arch.name}, not of ${asked}`, {
      hint: `leave --arch out, or give a checkpoint for ${asked}`,
      exitCode: 2,
    });
  }
  return { file, model: loaded };
}
