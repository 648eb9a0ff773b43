// The rows of the paper's baselines, in its protocol and in a stronger one.

import { ARCHITECTURES } from "pudnet/engine";
import { epochTitle } from "pudnet/evaluation";
import { ADAM, ADAM_GC, type OptimizerRecipe } from "pudnet/methods";
import {
  episodicRecipe,
  FALLING,
  metaRecipe,
  musmlRecipe,
  pretrainedRecipe,
  sourceOf,
  targetOf,
} from "../recipes/networks.ts";
import type { EpisodicRecipe, PretrainedRecipe } from "../recipes/recipe.ts";
import type { Cell } from "./cell.ts";
import { ALL, cellOf, CLOSED, type Column, FEW, RULE } from "./column.ts";

export function baselineRows(column: Column): Cell[] {
  const { budget, protocol } = column;
  const [matchnet, match] = budget.isWhole
    ? (["matchnet", "MatchNet"] as const)
    : (["matchnet-no-context", "MatchNet (no context embeddings)"] as const);
  const row = (
    id: string,
    method: string,
    kind: Cell["kind"],
    network: PretrainedRecipe | EpisodicRecipe,
    more: Partial<Cell> = {},
  ): Cell => {
    const hasRule = network.method === "episodic";
    const evaluation = { kind: "fixed", network, protocol } as const;
    return cellOf(column, { id, method, kind, evaluation, measure: hasRule ? RULE : FEW, ...more });
  };
  const [usual, strong] = [pretrainedRecipe(column, "paper"), pretrainedRecipe(column, "strong")];
  return [
    row("pretrained", "Pretrained", "paper", usual),
    row("matchnet", match, "paper", episodicRecipe(matchnet, column, "paper")),
    row("protonet", "ProtoNet", "paper", episodicRecipe("protonet", column, "paper")),
    row("meta-baseline", "Meta-Baseline", "paper", metaRecipe("meta-baseline", column, "paper")),
    row("meta-deepbdc", "Meta-DeepBDC", "paper", metaRecipe("meta-deepbdc", column, "paper")),
    row("pretrained-strong", "Pretrained", "strong", strong),
    row("matchnet-strong", match, "strong", episodicRecipe(matchnet, column, "strong")),
    row("protonet-strong", "ProtoNet", "strong", episodicRecipe("protonet", column, "strong")),
    row("meta-baseline-strong", "Meta-Baseline", "strong", metaRecipe("meta-baseline", column, "strong")),
    row("meta-deepbdc-strong", "Meta-DeepBDC", "strong", metaRecipe("meta-deepbdc", column, "strong")),
    // with a head on all the labelled images that PudNet sees: not in the paper
    row("pretrained-all", "Pretrained, centroids of all images", "ours", usual, { measure: ALL }),
    row("pretrained-closed-form", "Pretrained, closed form on all images", "ours", usual, {
      measure: CLOSED,
      comparedWith: ["adam-30", "adam-50", "adam-falling-30"],
    }),
    row("pretrained-strong-closed-form", "Pretrained (stronger recipe), closed form on all images", "ours", strong, {
      measure: CLOSED,
    }),
  ];
}

/** MUSML keeps many networks at once, so only those of plain blocks fit. */
export function musmlRows(column: Column): Cell[] {
  const { arch, protocol } = column;
  if (ARCHITECTURES[arch].family !== "convnet") return [];
  const evaluation = { kind: "musml", network: musmlRecipe(column), protocol } as const;
  return [cellOf(column, { id: "musml", method: "MUSML", kind: "paper", evaluation, measure: FEW })];
}

/** The epoch that the paper compares with most. */
const USUAL_EPOCHS = 30;

/** Adam and GC at a constant rate, and, within a set, Adam with a falling one: it ends where it is judged. */
export function scratchRows(column: Column): Cell[] {
  return [
    ...adamRows(column),
    ...trainedRows(column, { id: "gc", method: "GC", kind: "paper", optimizer: ADAM_GC }),
    ...(column.protocol.classes === "all" ? [] : fallingRows(column)),
  ];
}

/** Adam at a constant rate. */
export const adamRows = (column: Column): Cell[] =>
  trainedRows(column, { id: "adam", method: "Adam", kind: "paper", optimizer: ADAM });

/** Adam with a rate that falls to zero: ends where it is judged. */
export function fallingRows(column: Column): Cell[] {
  const { epochs } = column;
  const last = epochs.includes(USUAL_EPOCHS) ? USUAL_EPOCHS : epochs.at(-1)!;
  const said = { id: "adam-falling", method: "Adam with a falling rate", kind: "strong", optimizer: FALLING } as const;
  return trainedRows({ ...column, epochs: [last] }, said);
}

/** A network trained on each test group, judged after so many epochs of one training. */
function trainedRows(
  column: Column,
  { id, method, kind, optimizer }: Pick<Cell, "id" | "method" | "kind"> & { readonly optimizer: OptimizerRecipe },
): Cell[] {
  const { protocol, trainedGroups, epochs } = column;
  return epochs.map((count) =>
    cellOf(column, {
      id: `${id}-${count}`,
      method: `${method}, ${epochTitle(count)} from scratch`,
      kind,
      evaluation: {
        kind: "supervised",
        target: targetOf(column),
        normalization: sourceOf(column),
        epochs,
        batch: 64,
        optimizer,
        protocol: { ...protocol, groups: Math.min(protocol.groups, trainedGroups) },
      },
      measure: epochTitle(count),
    }),
  );
}
