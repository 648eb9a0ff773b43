// A PudNet with all that prediction needs to know about it; what a checkpoint holds.

import { z } from "zod";
import { FormatError, UserError } from "../errors.ts";
import { readCheckpoint } from "../formats/checkpoint.ts";
import { parseJson } from "../formats/json.ts";
import { type PudNetConfig, pudnetSchema } from "../hypernet/config.ts";
import { hasDomainSketches, initPudNet, predictsKernels, type PudNet, type PudNetStats } from "../hypernet/pudnet.ts";
import { archSchema } from "../models/arch-schema.ts";
import { type Arch, archAtSide, architecture, archText, featureSize } from "../models/architectures.ts";
import { key } from "../tensor/random.ts";
import { asTree, fillTree, hostTensor, type HostTensor, leaves } from "../tensor/tree.ts";
import type { Normalization } from "./normalize.ts";

export interface PudNetModel {
  readonly config: PudNetConfig;
  readonly arch: Arch;
  readonly normalization: Normalization;
  /** Names of the training classes, in the order of the full head. */
  readonly trainClasses: readonly string[];
  /** Names of the domains that have learned sketches, in the order of these (`sketch: domain`). */
  readonly domains?: readonly string[];
  readonly params: PudNet<HostTensor>;
  readonly stats: PudNetStats<HostTensor>;
}

/** A PudNet as the defaults have it but for `settings`, with random weights: what a prediction costs does not depend on them. */
export function randomModel(
  arch: Arch,
  normalization: Normalization,
  classes: number,
  settings: Partial<PudNetConfig> = {},
): PudNetModel {
  const config = pudnetSchema.parse(settings);
  const trainClasses = Array.from({ length: classes }, (_, i) => `class ${i}`);
  return { config, arch, normalization, trainClasses, ...initPudNet(key(0), config, arch, classes) };
}

/**
 * The same weights read out by the means of two stages (`stages`): the first features are those that it was trained with, and full
 * classification looks at these alone. @throws UserError for a network that cannot be read out so
 */
export function readOutByStages(model: PudNetModel): PudNetModel {
  const { name, side, stem, width } = model.arch;
  const arch = architecture(name, side, { stem, width, readout: "stages" });
  const { head } = model.params;
  const [classes, few] = head.weight.shape as [number, number];
  const many = featureSize(arch);
  const weight = new Float32Array(classes * many);
  for (let c = 0; c < classes; c++)
    weight.set((head.weight.data as Float32Array).subarray(c * few, (c + 1) * few), c * many);
  const params = { ...model.params, head: { ...head, weight: hostTensor([classes, many], weight) } };
  return { ...model, arch, params };
}

/**
 * The same weights for squares of another side, of which a ResNet's features are means as before. What was trained on cuts of pictures has
 * seen things larger than whole pictures show them, and mostly does better on larger squares than it was trained on
 * (Touvron et al. 2019, arXiv 1906.06423).
 * @throws UserError for predicted weights, features that are as many as maps are large, and a side that no network has
 */
export function atSide(model: PudNetModel, side: number): PudNetModel {
  if (!Number.isInteger(side))
    throw new UserError(`a side of ${side} px`, { hint: "give a whole number", exitCode: 2 });
  if (predictsKernels(model.config)) {
    throw new UserError(`this checkpoint predicts weights from squares of ${model.arch.side} px`, {
      hint: "give a static network, whose weights are as they were learned",
      exitCode: 2,
    });
  }
  const arch = archAtSide(model.arch, side);
  if (!arch) {
    throw new UserError(`the features of ${archText(model.arch)} are as many as its maps are large`, {
      hint: "give a ResNet, whose features are means of maps of any size",
      exitCode: 2,
    });
  }
  return { ...model, arch };
}

const colours = z.tuple([z.number(), z.number(), z.number()]);

const descriptionSchema = z.object({
  pudnet: pudnetSchema,
  arch: archSchema,
  normalization: z.object({ mean: colours, deviation: colours }),
  trainClasses: z.array(z.string()),
  domains: z.array(z.string()).min(1).optional(),
});

/** Everything but the numbers, as metadata of a checkpoint. */
export function describeModel({
  config,
  arch,
  normalization,
  trainClasses,
  domains,
}: Omit<PudNetModel, "params" | "stats">): string {
  return JSON.stringify({ pudnet: config, arch, normalization, trainClasses, domains });
}

/** Tensors by name: `params.…` and `stats.…`. */
export function modelTensors({ params, stats }: Pick<PudNetModel, "params" | "stats">): Map<string, HostTensor> {
  return new Map(leaves<HostTensor>({ params, stats }));
}

/**
 * A PudNet from the bytes of a checkpoint file, as browsers fetch them.
 * @param file names it in errors
 * @throws FormatError for a damaged or foreign file
 */
export async function readPudNet(bytes: Uint8Array, file = "checkpoint"): Promise<PudNetModel> {
  const { tensors, metadata } = await readCheckpoint(bytes, file);
  return readModel(tensors, metadata["model"], file);
}

/**
 * A model from a checkpoint's tensors and description.
 * @throws FormatError where the description is not one of ours, or a tensor is missing or of another shape
 */
export function readModel(
  tensors: ReadonlyMap<string, HostTensor>,
  description: string | undefined,
  file: string,
): PudNetModel {
  const hint = 'expected a checkpoint written by "pudnet train"';
  if (description === undefined) throw new FormatError(file, "holds no description of a PudNet", { hint });
  let parsed: z.infer<typeof descriptionSchema>;
  try {
    parsed = descriptionSchema.parse(parseJson(description, file));
  } catch (cause) {
    throw new FormatError(file, "its description of the PudNet is damaged or of another version", { hint, cause });
  }
  const { pudnet: config, arch, normalization, trainClasses, domains } = parsed;
  if (hasDomainSketches(config) !== (domains !== undefined)) {
    const what = domains
      ? "names domains, but has no sketches of them"
      : "has sketches of domains, but not their names";
    throw new FormatError(file, `its description of the PudNet ${what}`, { hint });
  }
  checkSize(parsed, tensors, file);
  const like = initPudNet(key(0), config, arch, trainClasses.length, domains?.length);
  const named = domains ? { domains } : {};
  return { config, arch, normalization, trainClasses, ...named, ...fillChecked(like, tensors, file) };
}

/**
 * A description may promise any number of weights: before they are set aside, its largest tensors must fit into what the
 * file holds.
 */
function checkSize(
  { pudnet, arch, trainClasses, domains }: z.infer<typeof descriptionSchema>,
  tensors: ReadonlyMap<string, HostTensor>,
  file: string,
): void {
  const there = Array.from(tensors.values()).reduce((sum, { data }) => sum + data.length, 0);
  const { hiddenSize, gruLayers, generatorWidth } = pudnet;
  const predicting = [
    gruLayers * hiddenSize ** 2, // AHRU
    gruLayers * hiddenSize * (domains?.length ?? (arch.side / 8) ** 2), // sketch
    arch.width ** 2 * generatorWidth, // the bank of a block's kernels
    generatorWidth * Math.max(hiddenSize, generatorWidth), // before the bank
  ];
  const atLeast = Math.max(
    ...(predictsKernels(pudnet) ? predicting : []),
    arch.width ** 2, // the kernels of a block
    featureSize(arch) * trainClasses.length, // full classification
  );
  if (atLeast <= there) return;
  throw new FormatError(file, `${there} numbers, but its description promises more than ${atLeast}`, {
    hint: "the checkpoint belongs to another architecture or config",
  });
}

/** The structure of `like` with the tensors of a file; every one must be there with the shape expected. */
export function fillChecked<T extends object>(like: T, tensors: ReadonlyMap<string, HostTensor>, file: string): T {
  const tree = asTree<HostTensor>(like);
  for (const [path, { shape }] of leaves(tree)) {
    const found = tensors.get(path);
    if (found && !(found.data instanceof Float32Array)) {
      throw new FormatError(file, `"${path}" is no tensor of 32-bit numbers`, {
        hint: "expected a checkpoint of pudnet, whose weights are all of that type",
      });
    }
    if (found && found.shape.join() !== shape.join()) {
      throw new FormatError(file, `"${path}" has shape [${found.shape.join(", ")}], expected [${shape.join(", ")}]`, {
        hint: "the checkpoint belongs to another architecture or config",
      });
    }
  }
  return fillTree<HostTensor, HostTensor>(tree, tensors, (path) => {
    throw new FormatError(file, `tensor "${path}" is missing`, {
      hint: "the checkpoint belongs to another architecture or config",
    });
  }) as T;
}
