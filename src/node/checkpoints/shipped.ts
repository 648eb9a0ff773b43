// The networks that come with the package, in checkpoints/.

import { existsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { UserError } from "../../errors.ts";
import { architecture, type ArchName } from "../../models/architectures.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { loadPudNet } from "./pudnet.ts";

/**
 * base: for any pictures, the default. tiny: the same, smaller, for microcontrollers and pages. clothes: the hypernetwork of the paper,
 * for grey clothes. photographs: the same, for colour photographs.
 */
const SHIPPED = {
  base: { arch: "resnet-8", file: "base-resnet-8.safetensors" },
  tiny: { arch: "resnet-8", file: "tiny-resnet-8.safetensors" },
  clothes: { arch: "convnet-3", file: "fashion-convnet-3.safetensors" },
  photographs: { arch: "convnet-3", file: "cifar-100-convnet-3.safetensors" },
} as const satisfies Readonly<Record<string, { readonly arch: ArchName; readonly file: string }>>;

export type ShippedName = keyof typeof SHIPPED;

/** Names of what comes with the package; the first is the default. */
export const SHIPPED_NAMES = Object.keys(SHIPPED) as readonly ShippedName[];

/**
 * The file of a checkpoint that comes with the package.
 * @throws UserError where it is missing
 */
export function shippedModel(name: ShippedName = "base"): string {
  const file = join(PACKAGE_ROOT, "checkpoints", SHIPPED[name].file);
  if (existsSync(file)) return file;
  throw new UserError(`"${relative(process.cwd(), file)}" is missing`, {
    hint: "install the package again, or give a checkpoint of your own with --model",
    exitCode: 2,
  });
}

/** The first one for an architecture. @throws UserError where there is none */
function shippedFor(arch: ArchName): string {
  const found = SHIPPED_NAMES.find((name) => SHIPPED[name].arch === arch);
  if (found) return shippedModel(found);
  const shipped = SHIPPED_NAMES.map((name) => `${name} (${SHIPPED[name].arch})`).join(", ");
  throw new UserError(`no PudNet for ${arch} comes with this package; shipped are: ${shipped}`, {
    hint:
      `train one: pudnet train --config configs/fashion-convnet-3.yaml --set target.arch=${arch} --set name=my-${arch}; ` +
      `then give it with --model runs/my-${arch}-1/checkpoints/best.safetensors`,
    exitCode: 2,
  });
}

export interface ModelChoice {
  /** A checkpoint, or the name of one that comes with the package; by default the one shipped for `arch`. */
  readonly model?: string | undefined;
  readonly arch?: string | undefined;
}

/**
 * Loads the model that a user asked for: a file before what is shipped by that name.
 * @throws UserError where the checkpoint is for another architecture than asked for, or no model is shipped for it
 */
export async function chooseModel({ model, arch }: ModelChoice): Promise<{ file: string; model: PudNetModel }> {
  const asked = arch === undefined ? undefined : architecture(arch, 32).name;
  const file = fileOf(model, asked);
  const loaded = await loadPudNet(file);
  if (asked !== undefined && loaded.arch.name !== asked) {
    throw new UserError(`"${model ?? file}" predicts weights of ${loaded.arch.name}, not of ${asked}`, {
      hint: `leave --arch out, or give a checkpoint for ${asked}`,
      exitCode: 2,
    });
  }
  return { file, model: loaded };
}

function fileOf(model: string | undefined, arch: ArchName | undefined): string {
  if (model !== undefined) return modelFile(model);
  return arch === undefined ? shippedModel() : shippedFor(arch);
}

/**
 * The file that is meant by a path, or by the name of a checkpoint that comes with the package.
 * @throws UserError for a word that is neither
 */
export function modelFile(model: string): string {
  const found = statSync(model, { throwIfNoEntry: false });
  const name = SHIPPED_NAMES.find((one) => one === model);
  if (name && !found?.isFile()) return shippedModel(name);
  if (found || /[/\\.]/.test(model)) return model;
  throw new UserError(`no checkpoint is called "${model}"`, {
    hint: `with the package come ${SHIPPED_NAMES.join(", ")}; others are files, such as runs/my-run-1/checkpoints/best.safetensors`,
    exitCode: 2,
  });
}
