// The gate: a prediction that changes a base network makes none, half or all of the change, as labelled images that are left out
// prefer, so that the base network is what it falls back to.

import { checkStrength, predictsChange } from "../hypernet/change.ts";
import { type ChangeReport, chooseStrength } from "../heads/change-strength.ts";
import { type LabelledFeatures, positionsOfClasses } from "../heads/labelled.ts";
import { type ImageSource, spreadPositions } from "../predict/image-source.ts";
import type { PudNetModel } from "../predict/model.ts";
import { type Fitted, type Network, STATS_IMAGES } from "../predict/network-runner.ts";
import type { Predictor } from "../predict/predictor.ts";
import type { CompileOptions } from "../tensor/program.ts";
import { fold, type Key, sample } from "../tensor/random.ts";
import { type StrengthChoice, STRENGTHS } from "./change-strengths.ts";

/** The images that batch norm is fitted to judge the strengths, as their features come with it, and others until each class has so many. */
const PER_CLASS = 10;

/**
 * The strengths that networks are predicted at, ascending: those that are chosen from, or the one that is asked for; 1 where no
 * change is predicted.
 * @throws UserError for a strength where no change is predicted, and for one that is none
 */
export function strengthsOf({ config }: Pick<PudNetModel, "config">, choice?: StrengthChoice): readonly number[] {
  if (choice !== undefined) checkStrength(config, choice);
  if (!predictsChange(config)) return [1];
  return choice === undefined || choice === "auto" ? STRENGTHS : [choice];
}

export interface Predicted {
  /** The network at each strength, ascending. */
  readonly networks: readonly Network[];
  readonly strengths: readonly number[];
}

export interface GateOptions extends CompileOptions {
  /** Batch norm of a predicted network, as it is going to be used. */
  readonly fit: (network: Network) => Promise<Fitted>;
}

export interface Gated {
  readonly fitted: Fitted;
  /** None where no change is predicted. */
  readonly change?: ChangeReport;
}

/**
 * Fits batch norm, under each strength where there are several, and chooses one of them. Some hundred of the labelled images judge;
 * `key` draws more of a class that has few among them.
 */
export async function throughGate(
  predictor: Predictor,
  { networks, strengths }: Predicted,
  { images, labels, ways }: Omit<LabelledFeatures, "features"> & { readonly images: ImageSource },
  { fit, ...options }: GateOptions,
  key: Key,
): Promise<Gated> {
  if (!predictsChange(predictor.model.config)) return { fitted: await fit(networks[0]!) };
  if (networks.length === 1) return { fitted: await fit(networks[0]!), change: { strength: strengths[0]! } };
  const judges = judgesOf(labels, ways, key);
  const all: Fitted[] = [];
  const features = new Map<number, Float32Array>();
  for (const network of networks) {
    const fitted = await fit(network);
    features.set(strengths[all.length]!, await predictor.fittedFeatures(fitted, images, judges));
    all.push(fitted);
  }
  const change = await chooseStrength(features, { labels: judges.map((i) => labels[i]!), ways }, options, key);
  return { fitted: all[strengths.indexOf(change.strength)]!, change };
}

/** Positions, ascending. */
function judgesOf(labels: ArrayLike<number>, ways: number, key: Key): number[] {
  const judges = new Set(spreadPositions(labels.length, Math.min(labels.length, STATS_IMAGES)));
  positionsOfClasses(labels, ways).forEach((positions, way) => {
    const others = positions.filter((i) => !judges.has(i));
    const missing = Math.min(PER_CLASS - (positions.length - others.length), others.length);
    if (missing > 0) for (const i of sample(fold(key, way), others, missing)) judges.add(i);
  });
  return [...judges].toSorted((a, b) => a - b);
}
