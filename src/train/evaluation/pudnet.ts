// PudNet on groups: weights predicted from each group's generation images.

import { secondsSince } from "../../clock.ts";
import { gatherImages } from "../../data/dataset.ts";
import { type HeadName, Heads, labelledNeeded } from "../../heads/heads.ts";
import { predictsKernels } from "../../hypernet/pudnet.ts";
import { featureSize } from "../../models/architectures.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { type Network, unfitted } from "../../predict/network-runner.ts";
import { Predictor } from "../../predict/predictor.ts";
import { fold } from "../../tensor/random.ts";
import type { StrengthChoice } from "../change-strengths.ts";
import { type Predicted, strengthsOf, throughGate } from "../gate.ts";
import { domainOf, groupImages, type NormMode } from "./groups.ts";
import { type GroupEvaluator, type GroupResult, type Groups, groupOf } from "./evaluator.ts";

export interface PudNetEvaluation {
  readonly heads: readonly HeadName[];
  /**
   * How much of a predicted change is made: all by default; `auto`: what the labelled images that the heads look at prefer, for each
   * group and batch norm. Only where a change is predicted.
   */
  readonly strength?: StrengthChoice;
  /** A control: weights are predicted from the generation images of these groups, without the classes of the group itself. */
  readonly wrongSketch?: Groups;
}

/** Judges predictions with either batch norm. Call `release` when done with it. */
export interface PudNetJudge {
  evaluate(group: number, norm: NormMode): Promise<GroupResult>;
  release(): Promise<void>;
}

/**
 * One prediction a group serves both norms: that of the group which was asked for last is kept. `seconds` is that of the
 * prediction: sketch, AHRU and weight generators.
 */
export async function pudnetJudge(
  model: PudNetModel,
  groups: Groups,
  { heads: names, strength, wrongSketch }: PudNetEvaluation,
): Promise<PudNetJudge> {
  const strengths = strength === undefined ? [1] : strengthsOf(model, strength);
  const predictor = await Predictor.create(model, groups);
  const heads = new Heads(names, featureSize(model.arch), groups);
  const { data, shape } = groups;
  const predict = async (group: number) => {
    const pair = groupOf(groups, group);
    const images = groupImages(data, pair, labelledNeeded(names, shape));
    const sketched = wrongSketch && generationImages(without(wrongSketch, groups, pair.classes), group);
    const { name } = domainOf((wrongSketch ?? groups).data, group);
    const start = performance.now();
    const networks = await predictor.predictEach(sketched ?? images.generation, strengths, name);
    // a static network is predicted from nothing
    const seconds = predictsKernels(model.config) ? { prediction: secondsSince(start) } : {};
    return { group, images, networks, strengths, seconds };
  };
  let last: Awaited<ReturnType<typeof predict>> | undefined;
  return {
    async evaluate(group, norm) {
      if (last?.group !== group) last = await predict(group);
      const { images, seconds } = last;
      const network = await fittedNetwork(predictor, groups, last, norm);
      const support = await predictor.features(network, images.labelled);
      return {
        accuracy: await heads.accuracies(support, await predictor.features(network, images.test), shape),
        seconds,
      };
    },
    async release() {
      await predictor.release();
      await heads.release();
    },
  };
}

interface PredictedGroup extends Predicted {
  readonly group: number;
  readonly images: ReturnType<typeof groupImages>;
}

async function fittedNetwork(
  predictor: Predictor,
  { shape: { ways }, key, ...options }: Groups,
  predicted: PredictedGroup,
  norm: NormMode,
): Promise<Network> {
  const { generation, labelled: images } = predicted.images;
  const fit = async (network: Network) =>
    unfitted(norm === "running" ? network : await predictor.fitStats(network, generation));
  const labels = Array.from({ length: images.count }, (_, i) => Math.floor((i * ways) / images.count)); // class after class
  const source = fold(fold(key, predicted.group), "strength");
  return (await throughGate(predictor, predicted, { images, labels, ways }, { ...options, fit }, source)).fitted
    .network;
}

/** With one batch norm; by default the running statistics of meta-training. */
export async function pudnetEvaluator(
  model: PudNetModel,
  groups: Groups,
  { norm = "running", ...options }: PudNetEvaluation & { readonly norm?: NormMode },
): Promise<GroupEvaluator> {
  const judge = await pudnetJudge(model, groups, options);
  return { evaluate: (group) => judge.evaluate(group, norm), release: () => judge.release() };
}

/** The groups without some classes of `own`, where both are of one data set. */
function without(groups: Groups, own: Groups, classes: readonly number[]): Groups {
  const { dataset, pool } = groups.data;
  if (dataset !== own.data.dataset) return groups;
  return {
    ...groups,
    data: { ...groups.data, pool: { ...pool, classes: pool.classes.filter((c) => !classes.includes(c)) } },
  };
}

function generationImages(groups: Groups, group: number): ImageSource {
  const { dataset } = groups.data;
  return imageSource(gatherImages(dataset, groupOf(groups, group).generation), 3 * dataset.side ** 2);
}
