// The rows of the paper's baselines, in its protocol and in a stronger one.

import { ARCHITECTURES } from "pudnet/engine";
import { epochTitle } from "pudnet/evaluation";
import { ADAM, ADAM_GC, type OptimizerRecipe } from "pudnet/methods";
import { sourceRecipe } from "../recipes/datasets.ts";
import {
  episodicRecipe,
  type EpisodicRule,
  FALLING,
  metaRecipe,
  musmlRecipe,
  pretrainedRecipe,
  type Strength,
  targetOf,
} from "../recipes/networks.ts";
import { ALL, CLOSED, FEW, type MethodRow, type Place, RULE } from "./row.ts";

export function baselineRows(place: Place): MethodRow[] {
  const methods = [pretrainedRow, matchRow, protoRow, metaBaselineRow, metaDeepBdcRow];
  return [
    ...methods.map((row) => row(place, "paper")),
    ...methods.map((row) => row(place, "strong")),
    pretrainedWithAll(place, "paper", "all"),
    pretrainedWithAll(place, "paper", "closed-form"),
    pretrainedWithAll(place, "strong", "closed-form"),
  ];
}

const suffix = (strength: Strength): string => (strength === "strong" ? "-strong" : "");

function pretrainedRow({ source, arch, budget, protocol }: Place, strength: Strength): MethodRow {
  return {
    id: `pretrained${suffix(strength)}`,
    method: "Pretrained",
    kind: strength,
    evaluation: {
      kind: "fixed",
      network: pretrainedRecipe(source, arch, budget, strength),
      protocol,
    },
    measure: FEW,
  };
}

/** Pretrained with a head on all the labelled images that PudNet sees: not in the paper. */
function pretrainedWithAll(place: Place, strength: Strength, head: "all" | "closed-form"): MethodRow {
  const row = pretrainedRow(place, strength);
  const method = strength === "strong" ? "Pretrained (stronger recipe)" : "Pretrained";
  return {
    ...row,
    id: `${row.id}-${head}`,
    kind: "ours",
    measure: head === "all" ? ALL : CLOSED,
    // training from scratch, with as many labels
    ...(strength === "paper" && head === "closed-form"
      ? { comparedWith: ["adam-30", "adam-50", "adam-falling-30"] }
      : {}),
    method: `${method}, ${head === "all" ? "centroids of" : "closed form on"} all images`,
  };
}

function matchRow(place: Place, strength: Strength): MethodRow {
  const { isWhole } = place.budget;
  return {
    ...episodicRow(place, isWhole ? "matchnet" : "matchnet-no-context", strength),
    id: `matchnet${suffix(strength)}`,
    method: isWhole ? "MatchNet" : "MatchNet (no context embeddings)",
  };
}

function protoRow(place: Place, strength: Strength): MethodRow {
  return { ...episodicRow(place, "protonet", strength), id: `protonet${suffix(strength)}`, method: "ProtoNet" };
}

function episodicRow({ source, arch, budget, protocol }: Place, rule: EpisodicRule, strength: Strength) {
  const { tasks } = budget.effort(arch, source);
  const network = episodicRecipe(rule, source, arch, budget, strength);
  return {
    kind: strength,
    evaluation: { kind: "fixed", network, protocol },
    measure: RULE,
    trainGroups: tasks,
  } as const;
}

const metaBaselineRow = (place: Place, strength: Strength): MethodRow => ({
  ...metaRow(place, "meta-baseline", strength, 4),
  method: "Meta-Baseline",
});

const metaDeepBdcRow = (place: Place, strength: Strength): MethodRow => ({
  ...metaRow(place, "meta-deepbdc", strength, 2),
  method: "Meta-DeepBDC",
});

const metaSteps = ({ budget, arch, source }: Place): number => budget.effort(arch, source).metaSteps;

/** A second stage, of `tasks` tasks for each of the budget's steps. */
function metaRow(place: Place, rule: "meta-baseline" | "meta-deepbdc", strength: Strength, tasks: number) {
  const { source, arch, budget, protocol } = place;
  const network = metaRecipe(rule, source, arch, budget, strength);
  return {
    id: `${rule}${suffix(strength)}`,
    kind: strength,
    evaluation: { kind: "fixed", network, protocol },
    measure: RULE,
    trainGroups: tasks * metaSteps(place),
  } as const;
}

/** MUSML keeps many networks at once, so only ConvNet-3's fit. */
export function musmlRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  if (ARCHITECTURES[arch].family !== "convnet") return [];
  const network = musmlRecipe(source, arch, budget);
  return [
    {
      id: "musml",
      method: "MUSML",
      kind: "paper",
      evaluation: { kind: "musml", network, protocol },
      measure: FEW,
      timing: ["prediction"],
      trainGroups: network.steps,
    },
  ];
}

/** What a network is trained by on each test group. */
interface SupervisedOptimizer extends Pick<MethodRow, "id" | "method" | "kind"> {
  readonly optimizer: OptimizerRecipe;
  /** Judged after so many epochs of one training. */
  readonly epochs: readonly number[];
}

/** The epoch that the paper compares with most. */
const USUAL_EPOCHS = 30;

/** Adam and GC at a constant rate, and, within a set, Adam with a falling one: it ends where it is judged. */
export function scratchRows(place: Place): MethodRow[] {
  const { epochs, protocol } = place;
  const gc = {
    ...adamAt(place),
    id: "gc",
    method: "GC",
    optimizer: ADAM_GC,
  };
  const falling: SupervisedOptimizer = {
    id: "adam-falling",
    method: "Adam with a falling rate",
    kind: "strong",
    optimizer: FALLING,
    epochs: epochs.includes(USUAL_EPOCHS) ? [USUAL_EPOCHS] : [epochs.at(-1)!],
  };
  const others = [gc, ...(protocol.classes === "all" ? [] : [falling])];
  return [...adamRows(place), ...others.flatMap((one) => optimizedRows(place, one))];
}

/** Adam at a constant rate. */
export const adamRows = (place: Place): MethodRow[] => optimizedRows(place, adamAt(place));

const adamAt = ({ epochs }: Place): SupervisedOptimizer => ({
  id: "adam",
  method: "Adam",
  kind: "paper",
  optimizer: ADAM,
  epochs,
});

function optimizedRows(
  { source, arch, budget, protocol, trainedGroups }: Place,
  { id, method, kind, optimizer, epochs }: SupervisedOptimizer,
): MethodRow[] {
  return epochs.map((count): MethodRow => ({
    id: `${id}-${count}`,
    method: `${method}, ${epochTitle(count)} from scratch`,
    kind,
    evaluation: {
      kind: "supervised",
      target: targetOf(arch, budget),
      normalization: sourceRecipe(source),
      epochs,
      batch: 64,
      optimizer,
      protocol: { ...protocol, groups: Math.min(protocol.groups, trainedGroups) },
    },
    measure: epochTitle(count),
    timing: [epochTitle(count)],
  }));
}
