// The head of a predicted network, made of the features of labelled images: the closed form or centroids, whichever makes the
// labels of images that are left out more likely.

import { fold, type Key, sample } from "../tensor/random.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { hostTensor } from "../tensor/tree.ts";
import { leftOutCosines } from "./centroids-left-out.ts";
import { labelledCentroids, largest } from "./centroid-head.ts";
import type { ClosedFormHead, PredictedHead } from "./classifier-head.ts";
import type { RidgeHead } from "./ridge/head.ts";
import { RidgeSolver } from "./ridge/solver.ts";
import type { HeadChoice } from "./head-choices.ts";
import { type LabelledFeatures, leftOutPositions, positionsOfClasses, someOf } from "./labelled.ts";
import { fromLambda, type Lambda, leastLoss } from "./ridge/lambda.ts";
import { fitTemperature } from "./temperature.ts";

/** Where a decomposition takes more unknowns than this, a random part of as many images decides lambda, or of so many a class. */
const LAMBDA_UNKNOWNS = 1200;
const LAMBDA_PER_CLASS = 10;
/** For want of images that can be left out. */
const UNTRIED = { lambda: 0.3, temperature: 5 } as const;

export interface HeadOptions extends CompileOptions {
  readonly choice: HeadChoice;
  /** Labelled images a class that make the centroids, drawn by key. */
  readonly shots?: number | "all";
  /** Of centroids where no image can be left out. */
  readonly temperature: number;
  /** Of the closed form: tried first, such as that of most of the images. */
  readonly lambda?: Lambda | undefined;
}

/** What images say of a head that was made without them. */
export interface LeftOut {
  readonly images: number;
  /** Share of them that it is right about. */
  readonly accuracy: number;
  /** Mean negative log-likelihood of their labels, at the temperature that makes it least. */
  readonly loss: number;
}

/** What a head says of images that it is made without. */
export interface LeftOutAnswers {
  /** Ascending. */
  readonly positions: readonly number[];
  /** The class that each is taken for. */
  readonly predicted: readonly number[];
}

export interface ChosenHead {
  readonly head: PredictedHead;
  /** Of the closed form. */
  readonly lambda?: Lambda;
  /** Of this head; none where no image can be left out. */
  readonly answers?: LeftOutAnswers;
  /** Of the heads that were made; none where each class has one image, so that none can be left out. */
  readonly leftOut: { readonly [Kind in PredictedHead["kind"]]?: LeftOut };
}

interface Candidate {
  readonly head: PredictedHead;
  readonly lambda?: Lambda;
  readonly leftOut?: LeftOut;
  readonly answers?: LeftOutAnswers;
}

/**
 * Makes a head of features [n, d] and labels [n]. Beside the features, memory does not grow with n. Of equally likely heads the
 * closed form is taken.
 * For example: `await chooseHead({ features, labels, ways: 5 }, { choice: "auto", temperature: 10 }, key(0))`
 */
export async function chooseHead(data: LabelledFeatures, options: HeadOptions, key: Key): Promise<ChosenHead> {
  const { choice } = options;
  const closedForm = choice === "centroids" ? undefined : await closedFormCandidate(data, options, key);
  const centroids = choice === "closed-form" ? undefined : centroidCandidate(data, options, key);
  const both = [closedForm, centroids].filter((candidate) => candidate !== undefined);
  const loss = ({ leftOut }: Candidate): number => leftOut?.loss ?? Infinity;
  // where nothing can be left out nothing tells, and centroids are what meta-training was for
  const best = both.reduce((first, second) => (loss(second) < loss(first) || !first.leftOut ? second : first));
  return {
    head: best.head,
    ...(best.lambda === undefined ? {} : { lambda: best.lambda }),
    ...(best.answers ? { answers: best.answers } : {}),
    leftOut: Object.fromEntries(both.flatMap(({ head, leftOut }) => (leftOut ? [[head.kind, leftOut]] : []))),
  };
}

function centroidCandidate({ features, labels, ways }: LabelledFeatures, options: HeadOptions, key: Key): Candidate {
  const { shots = "all", temperature } = options;
  const used = new Set(
    positionsOfClasses(labels, ways).flatMap((positions, way) =>
      shots === "all" ? positions : sample(fold(key, way), positions, Math.min(shots, positions.length)),
    ),
  );
  const isUsed = (i: number): boolean => used.has(i);
  const scored = leftOutPositions(labels, ways, key, isUsed);
  const found = judged(leftOutCosines({ features, labels, ways }, scored, isUsed), scored, labels, ways);
  const centroids = labelledCentroids(features, labels, ways, isUsed);
  const head = { kind: "centroids", centroids: hostTensor([ways, centroids.length / ways], centroids) } as const;
  return found
    ? { head: { ...head, temperature: found.temperature }, leftOut: found.leftOut, answers: found.answers }
    : { head: { ...head, temperature } };
}

/** Lambda is found on a part where all would take too long; the head and what is left out of it are of all. */
async function closedFormCandidate(
  data: LabelledFeatures,
  { lambda: from, ...options }: HeadOptions,
  key: Key,
): Promise<Candidate> {
  const n = data.labels.length;
  const d = data.features.length / n;
  const solver = new RidgeSolver(d, options);
  try {
    const partSize = Math.max(LAMBDA_UNKNOWNS, LAMBDA_PER_CLASS * data.ways);
    const isPart = d > LAMBDA_UNKNOWNS && n > partSize;
    const part = isPart ? someOf(data, randomPart(n, partSize, key)) : data;
    const ofPart = await judgeOf(solver, part, key);
    const best = ofPart && (await leastLoss(part.labels.length, ofPart, from));
    if (best && !isPart) return best;
    const lambda = best?.lambda ?? UNTRIED.lambda;
    const ofAll = await judgeOf(solver, data, key);
    if (ofAll) return (await fromLambda(ofAll, lambda)).found;
    const head = (await solver.prepareByClass(data)).solve(lambda);
    return { head: closedFormHead(head, UNTRIED.temperature), lambda };
  } finally {
    await solver.release();
  }
}

/** Positions, ascending. */
function randomPart(n: number, size: number, key: Key): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return sample(fold(key, "strength"), all, size).toSorted((a, b) => a - b);
}

type JudgedHead = Required<Candidate> & { readonly loss: number };

/** The head of any lambda, and how likely it makes the labels of images left out; undefined where none can be left out. */
async function judgeOf(
  solver: RidgeSolver,
  data: LabelledFeatures,
  key: Key,
): Promise<((lambda: Lambda) => Promise<JudgedHead>) | undefined> {
  const { labels, ways } = data;
  const scored = leftOutPositions(labels, ways, key);
  if (scored.length === 0) return undefined;
  const problem = await solver.prepareByClass(data);
  const leftOut = await problem.leaveOut(scored);
  return async (lambda) => {
    const { head, scores } = await leftOut(lambda);
    const found = judged(scores, scored, labels, ways)!;
    const { temperature, leftOut: report, answers } = found;
    return { head: closedFormHead(head, temperature), lambda, leftOut: report, answers, loss: report.loss };
  };
}

function closedFormHead({ mean, weight, ways }: RidgeHead, temperature: number): ClosedFormHead {
  const d = mean.length;
  return { kind: "closed-form", mean: hostTensor([d], mean), weight: hostTensor([ways, d], weight), temperature };
}

function judged(scores: Float32Array, positions: readonly number[], labels: ArrayLike<number>, ways: number) {
  const images = positions.length;
  if (images === 0) return undefined;
  const ofThem = positions.map((i) => labels[i]!);
  const { temperature, loss } = fitTemperature(scores, ofThem, ways);
  const predicted = positions.map((_, i) => largest(scores.subarray(i * ways, (i + 1) * ways)));
  const right = ofThem.filter((label, i) => predicted[i] === label).length;
  return { temperature, leftOut: { images, accuracy: right / images, loss }, answers: { positions, predicted } };
}
