// What comes of a supervised training, as the model that a checkpoint holds and back; and what another training may be given of it.

import { badUse } from "../errors.ts";
import { pudnetSchema } from "../hypernet/config.ts";
import { archAtSide, archText } from "../models/architectures.ts";
import type { Stats, Weights } from "../models/network.ts";
import { filled } from "../nn/init.ts";
import type { Linear } from "../nn/linear.ts";
import type { PudNetModel } from "../predict/model.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { HostTensor, Shaped } from "../tensor/tree.ts";
import type { Teacher } from "./distillation.ts";

/** A network and its head. */
export type BaseNetwork<T extends Shaped = Tensor> = {
  readonly weights: Weights<T>;
  readonly stats: Stats<T>;
  readonly head: Linear<T>;
};

/** What there is to know of a network beside its numbers. */
export type AboutNetwork = Pick<PudNetModel, "arch" | "normalization" | "trainClasses">;

/** The network as what predicts itself: a static PudNet. */
export function baseModel({ weights, stats, head }: BaseNetwork<HostTensor>, about: AboutNetwork): PudNetModel {
  const config = pudnetSchema.parse({ predict: "none" });
  const { kernels: learned, norms } = weights;
  const params = { constantSketch: {}, generators: {}, learned, norms, head, tau: filled([], config.temperature) };
  return { config, ...about, params, stats: { target: stats } };
}

/**
 * What a training is to learn from: the network of a model, seeing what is trained on, also where it was made for squares of another side.
 * @param file names it in errors
 * @param own what is trained
 * @throws UserError where the model's weights are predicted, or its features are as many as maps are large and the side is another, or it tells other classes apart
 */
export function teacherOf(
  file: string,
  model: PudNetModel,
  own: AboutNetwork,
): Pick<Teacher, "arch" | "normalization" | "network"> {
  const network = networkOf(file, model, own);
  return { arch: { ...model.arch, side: own.arch.side }, normalization: model.normalization, network };
}

function networkOf(file: string, model: PudNetModel, own: AboutNetwork): BaseNetwork<HostTensor> {
  const { config, arch, trainClasses: there, params, stats } = model;
  const here = own.trainClasses;
  if (config.predict !== "none" || config.fullLoss === 0) {
    const found = config.predict === "none" ? "fullLoss: 0" : `predict: ${config.predict}`;
    badUse(`"${file}" holds no network with a head (pudnet.${found})`, "give a checkpoint of method: supervised");
  }
  if (!archAtSide(arch, own.arch.side)) {
    badUse(
      `"${file}" is of images of ${arch.side} px, but trained is on ${own.arch.side} px`,
      `set data.side to ${arch.side}, or give a ResNet, whose features are means of maps of any size`,
    );
  }
  const at = Array.from({ length: Math.max(there.length, here.length) }, (_, i) => i).find((i) => there[i] !== here[i]);
  if (at !== undefined) {
    const named = (names: readonly string[]): string => (names[at] === undefined ? "none" : `"${names[at]}"`);
    badUse(
      `"${file}" tells other classes apart (${there.length}) than are trained (${here.length}): number ${at + 1} is ${named(there)} there, ${named(here)} here`,
      "give both the same data.sources in the same order, with the same splits, leaveOut, trainOn and variation.turned",
    );
  }
  return { weights: { kernels: params.learned, norms: params.norms }, stats: stats.target, head: params.head };
}

/** The network of a model that a training goes on from. @throws UserError for another architecture, too */
export function startOf(file: string, model: PudNetModel, own: AboutNetwork): BaseNetwork<HostTensor> {
  const here = archText(own.arch);
  if (archText({ ...model.arch, side: own.arch.side }) !== here) {
    badUse(
      `"${file}" is of ${archText(model.arch)}, but trained is ${here}`,
      "set target as the checkpoint has it, or give it as teacher.checkpoint",
    );
  }
  return networkOf(file, model, own);
}
