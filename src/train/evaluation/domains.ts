// A PudNet judged on one domain after the other, as a user's pictures are: a few labels a class are all there is, batch norm is fitted to them,
// and images left out choose lambda of the closed form. Controls take the weights from another sketch than the group's own; all
// else stays as it is, so that what is lost is what the sketch says.

import { secondsSince } from "../../clock.ts";
import { gatherImages } from "../../data/dataset.ts";
import { chooseStrength } from "../../heads/change-strength.ts";
import { classCentroids, cosines } from "../../heads/centroid-head.ts";
import { chooseHead } from "../../heads/choose-head.ts";
import { headProbabilities } from "../../heads/classifier-head.ts";
import type { LabelledFeatures } from "../../heads/labelled.ts";
import { topAccuracy } from "../../heads/top-accuracy.ts";
import { meanRow, centredUnitRows } from "../../heads/ridge/centred-rows.ts";
import { invariant } from "../../errors.ts";
import { type ImageSource, imageSource } from "../../predict/image-source.ts";
import type { Network } from "../../predict/network-runner.ts";
import type { Predictor } from "../../predict/predictor.ts";
import { fold, type Key, sample } from "../../tensor/random.ts";
import { type HostTensor, hostTensor } from "../../tensor/tree.ts";
import type { StrengthChoice } from "../change-strengths.ts";
import { strengthsOf, throughGate } from "../gate.ts";
import { type GroupEvaluator, type GroupResult, type Groups, groupOf } from "./evaluator.ts";
import { domainOf, type EvaluationData, groupImages } from "./groups.ts";
import type { SketchSource } from "./sketch-sources.ts";

/** Of GroupResult.error. */
export const LEFT_OUT = "closed form on left-out images";
/** So many training images of each domain make its part of the mean. */
const MEAN_IMAGES = 500;

export interface DomainEvaluation {
  readonly sketch: SketchSource;
  /** Training classes of the domains that were trained on, which have names; for "own" they are not looked at. */
  readonly trained: readonly EvaluationData[];
  /** How much of a predicted change is made, where one is predicted: all by default; `auto`: what left-out images prefer. */
  readonly strength?: StrengthChoice | undefined;
}

type SketchOf = (group: number, images: ImageSource) => Promise<HostTensor>;

/** Judges on groups of one domain. The predictor is the caller's. `seconds` is that of the prediction. */
export function domainEvaluator(predictor: Predictor, groups: Groups, how: DomainEvaluation): GroupEvaluator {
  const { data, shape, key } = groups;
  const { ways, generation } = shape;
  const strengths = how.strength === undefined ? [1] : strengthsOf(predictor.model, how.strength);
  const sketchOf = sketchSource(predictor, groups, how);
  const labels = Uint16Array.from({ length: ways * generation }, (_, i) => Math.floor(i / generation));
  return {
    async evaluate(group) {
      const { generation: images, test } = groupImages(data, groupOf(groups, group), generation);
      const source = fold(fold(key, "judge"), group);
      const start = performance.now();
      const sketch = await sketchOf(group, images);
      const networks = await predictor.networksOf(sketch, strengths);
      const seconds = { prediction: secondsSince(start) };
      const gate = { ...groups, fit: (network: Network) => predictor.fit(network, images) };
      const { fitted } = await throughGate(predictor, { networks, strengths }, { images, labels, ways }, gate, source);
      const support = await predictor.fittedFeatures(fitted, images);
      const query = await predictor.features(fitted.network, test);
      const accuracy = await accuracies({ support, query, labels }, groups, source);
      return { accuracy, seconds, ...(await leftOutError({ features: support, labels, ways }, groups, source)) };
    },
    release: async () => {},
  };
}

interface Features {
  readonly support: Float32Array;
  readonly query: Float32Array;
  /** Of the support. */
  readonly labels: Uint16Array;
}

/** Centroids of features that are centred by their mean, and the closed form; both on all labels. */
async function accuracies(
  { support, query, labels }: Features,
  groups: Groups,
  source: Key,
): Promise<GroupResult["accuracy"]> {
  const { ways, generation, test } = groups.shape;
  const d = support.length / labels.length;
  const mean = meanRow(support, d);
  const centred = (rows: Float32Array): Float32Array => centredUnitRows(rows, mean, 0, rows.length / d);
  const centroids = classCentroids(centred(support), { ways, perClass: generation });
  const options = { ...groups, choice: "closed-form", temperature: 1 } as const;
  const { head } = await chooseHead({ features: support, labels, ways }, options, source);
  return {
    "centred centroids": topAccuracy(cosines(centred(query), centroids, ways), ways, test),
    "closed form": topAccuracy(headProbabilities(head, query), ways, test),
  };
}

/** Squared error of the closed form on labelled images that are left out, as the gate knows it: what networks can be chosen by. */
async function leftOutError(
  labelled: LabelledFeatures,
  groups: Groups,
  source: Key,
): Promise<Pick<GroupResult, "error">> {
  const { leftOut } = await chooseStrength(new Map([[1, labelled.features]]), labelled, groups, source);
  return leftOut ? { error: { [LEFT_OUT]: leftOut.errors[0]!.error } } : {};
}

function sketchSource(predictor: Predictor, groups: Groups, { sketch, trained }: DomainEvaluation): SketchOf {
  const own = nameOf(groups.data);
  const ofGroup = (data: EvaluationData, group: number): Promise<HostTensor> => {
    const { generation } = groupImages(data, groupOf({ ...groups, data }, group), groups.shape.generation);
    return predictor.sketch(generation, nameOf(data));
  };
  if (sketch === "own") return (_, images) => predictor.sketch(images, own);
  if (sketch === "mean") {
    let mean: Promise<HostTensor> | undefined;
    return () => (mean ??= meanSketch(predictor, trained, groups.key));
  }
  const known = trained.filter((data) => (nameOf(data) === own) === (sketch === "other-classes"));
  invariant(known.length > 0, () => `${own} has no domain for the sketch: ${sketch}`);
  return (group) => ofGroup(known[group % known.length]!, group);
}

const nameOf = (data: EvaluationData): string => domainOf(data, 0).name;

/** The mean over domains of the sketch of images of each, drawn by key. */
async function meanSketch(predictor: Predictor, trained: readonly EvaluationData[], key: Key): Promise<HostTensor> {
  const sketches: HostTensor[] = [];
  for (const data of trained) {
    const { dataset, pool } = data;
    const all = pool.classes.flatMap((c) => pool.positions[c]!);
    const drawn = sample(fold(key, "mean sketch"), all, Math.min(MEAN_IMAGES, all.length));
    const images = imageSource(gatherImages(dataset, drawn), 3 * dataset.side ** 2);
    sketches.push(await predictor.sketch(images, nameOf(data)));
  }
  const sum = sketches.map(({ data }) => Array.from(data, Number)).reduce((a, b) => a.map((value, i) => value + b[i]!));
  return hostTensor(
    sketches[0]!.shape,
    sum.map((value) => value / sketches.length),
  );
}
