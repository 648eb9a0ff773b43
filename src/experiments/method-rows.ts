// The rows that Tables I to V and VII share: each method with its recipe, how it is judged and which figure is printed. Rows
// of one network share one evaluation.

import type { ArchName } from "../models/architectures.ts";
import { epochTitle } from "../train/evaluators/scratch.ts";
import { type HeadName, headTitle } from "../train/heads.ts";
import { ADAM, ADAM_GC } from "../train/optimizer.ts";
import type { Budget } from "./budgets.ts";
import type { Cell, CellKind, PaperFigure } from "./cells.ts";
import { SOURCES, type SourceName } from "./datasets.ts";
import {
  episodicRecipe,
  metaRecipe,
  musmlRecipe,
  pretrainedRecipe,
  pudnetRecipe,
  targetOf,
} from "./network-recipes.ts";
import type { EvaluationRecipe, NormalizationRecipe, Protocol } from "./recipes.ts";

const SHOTS = 10;
const FEW = headTitle("few", SHOTS);
const ALL = headTitle("all", SHOTS);
const CLOSED = headTitle("closed-form", SHOTS);
/** Few-shot figures of a method with a rule of its own. */
const RULE = `${SHOTS}-shot rule`;
const HEADS: readonly HeadName[] = ["few", "all", "closed-form"];

export interface MethodRow {
  readonly id: string;
  readonly method: string;
  readonly kind: CellKind;
  readonly evaluation: EvaluationRecipe;
  readonly figure: string;
  readonly timing?: string;
  readonly trainGroups?: number;
  /** How it was trained, in words. */
  readonly recipe: string;
}

/** Where rows are judged. */
export interface Place {
  readonly source: SourceName;
  readonly arch: ArchName;
  readonly budget: Budget;
  readonly protocol: Protocol;
  /** Groups for methods that are trained on each. */
  readonly trainedGroups: number;
  readonly epochs: readonly number[];
  /** Of the images of what is trained from scratch. */
  readonly normalization: NormalizationRecipe;
}

/** All rows of a source, a target network and a protocol. */
export function methodRows(place: Place): MethodRow[] {
  return [
    ...baselineRows(place),
    ...musmlRows(place),
    ...scratchRows(place),
    ...pudnetRows(place),
    ...randomRows(place),
  ];
}

function baselineRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  const { epochs, tasks, metaSteps } = budget.effort(arch, source);
  const pretrained = (strength: "paper" | "strong", row: Partial<MethodRow>): MethodRow => ({
    id: strength === "paper" ? "pretrained" : "pretrained-strong",
    method: "Pretrained",
    kind: strength,
    evaluation: {
      kind: "fixed",
      network: pretrainedRecipe(source, arch, budget, strength),
      heads: HEADS,
      protocol,
    },
    figure: FEW,
    recipe:
      strength === "paper"
        ? `cross entropy, ${epochs} epochs of Adam 1e-3`
        : `cross entropy, ${2 * epochs} epochs of SGD 0.1 (momentum 0.9, decay 5e-4), flips and shifts`,
    ...row,
  });
  const match = (strength: "paper" | "strong"): MethodRow => ({
    id: strength === "paper" ? "matchnet" : "matchnet-strong",
    method: budget.name === "full" ? "MatchNet" : "MatchNet (no context embeddings)",
    kind: strength,
    evaluation: {
      kind: "fixed",
      network: episodicRecipe(
        budget.name === "full" ? "matchnet" : "matchnet-no-context",
        source,
        arch,
        budget,
        strength,
      ),
      heads: ["few"],
      protocol,
    },
    figure: RULE,
    trainGroups: tasks,
    recipe: episodicWords(tasks, strength),
  });
  const proto = (strength: "paper" | "strong"): MethodRow => ({
    id: strength === "paper" ? "protonet" : "protonet-strong",
    method: "ProtoNet",
    kind: strength,
    evaluation: {
      kind: "fixed",
      network: episodicRecipe("protonet", source, arch, budget, strength),
      heads: ["few"],
      protocol,
    },
    figure: RULE,
    trainGroups: tasks,
    recipe: episodicWords(tasks, strength),
  });
  const meta = (rule: "meta-baseline" | "meta-deepbdc", strength: "paper" | "strong"): MethodRow => {
    const isBaseline = rule === "meta-baseline";
    const count = isBaseline ? 4 * metaSteps : 2 * metaSteps;
    return {
      id: strength === "paper" ? rule : `${rule}-strong`,
      method: isBaseline ? "Meta-Baseline" : "Meta-DeepBDC",
      kind: strength,
      evaluation: {
        kind: "fixed",
        network: metaRecipe(rule, source, arch, budget, strength),
        heads: ["few"],
        protocol,
      },
      figure: RULE,
      trainGroups: count,
      recipe: `${strength === "paper" ? "Pretrained" : "Pretrained (stronger recipe)"}, then ${count} tasks of ${isBaseline ? "SGD 1e-3" : "Adam 1e-4"}`,
    };
  };
  return [
    pretrained("paper", {}),
    match("paper"),
    proto("paper"),
    meta("meta-baseline", "paper"),
    meta("meta-deepbdc", "paper"),
    pretrained("strong", {}),
    proto("strong"),
    meta("meta-baseline", "strong"),
    meta("meta-deepbdc", "strong"),
    pretrained("paper", {
      id: "pretrained-all",
      kind: "ours",
      figure: ALL,
      method: "Pretrained, centroids of all images",
    }),
    pretrained("strong", {
      id: "pretrained-strong-closed-form",
      kind: "ours",
      figure: CLOSED,
      method: "Pretrained (stronger recipe), closed form on all images",
    }),
  ];
}

const episodicWords = (tasks: number, strength: "paper" | "strong"): string =>
  `${tasks} tasks of Adam 1e-3${strength === "strong" ? " falling to zero, flips and shifts" : ""}`;

/** MUSML keeps many networks at once, so only ConvNet-3's fit. */
function musmlRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  if (arch !== "convnet-3") return [];
  const network = musmlRecipe(source, arch, budget);
  const { subspaces, dimension, innerSteps } = network.options;
  return [
    {
      id: "musml",
      method: "MUSML",
      kind: "paper",
      evaluation: { kind: "musml", network, protocol },
      figure: FEW,
      timing: "prediction",
      trainGroups: network.steps,
      recipe: `${network.steps} tasks of Adam 1e-3, ${subspaces} subspaces of dimension ${dimension}, ${innerSteps} inner steps`,
    },
  ];
}

function scratchRows({ arch, budget, protocol, trainedGroups, epochs, normalization }: Place): MethodRow[] {
  const optimizers = [
    { id: "adam", method: "Adam", optimizer: ADAM },
    { id: "gc", method: "GC", optimizer: ADAM_GC },
  ];
  return optimizers.flatMap(({ id, method, optimizer }) =>
    epochs.map((count): MethodRow => ({
      id: `${id}-${count}`,
      method: `${method}, ${epochTitle(count)} from scratch`,
      kind: "paper",
      evaluation: {
        kind: "scratch",
        target: targetOf(arch, budget),
        normalization,
        epochs,
        batch: 64,
        optimizer,
        protocol: { ...protocol, groups: Math.min(protocol.groups, trainedGroups) },
      },
      figure: epochTitle(count),
      timing: epochTitle(count),
      recipe: `${method === "GC" ? "Adam 1e-3 with centralised gradients" : "Adam 1e-3"}, 64 images a step, on each test group`,
    })),
  );
}

function pudnetRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  const { pudnet: steps } = budget.effort(arch, source);
  const recipe = `${steps} groups of Adam 1e-3 falling to zero`;
  const predicted = (sketch: "dataset" | "constant", norm: "running" | "generation"): EvaluationRecipe => ({
    kind: "pudnet",
    network: pudnetRecipe(source, arch, budget, { steps, ...(sketch === "constant" ? { pudnet: { sketch } } : {}) }),
    heads: HEADS,
    norm,
    protocol,
  });
  const row = (id: string, method: string, more: Partial<MethodRow>): MethodRow => ({
    id,
    method,
    kind: "ours",
    evaluation: predicted("dataset", "running"),
    figure: FEW,
    timing: "prediction",
    trainGroups: steps,
    recipe,
    ...more,
  });
  const fixed = predicted("constant", "running");
  return [
    row("pudnet", "PudNet", { kind: "paper" }),
    row("pudnet-generation", "PudNet, batch norm from the generation set", {
      evaluation: predicted("dataset", "generation"),
    }),
    row("pudnet-all", "PudNet, centroids of all images", { figure: ALL }),
    row("pudnet-closed-form", "PudNet, closed form on all images", { figure: CLOSED }),
    row("static", "Static-PudNet", { evaluation: fixed }),
    row("static-closed-form", "Static-PudNet, closed form on all images", { evaluation: fixed, figure: CLOSED }),
  ];
}

function randomRows({ arch, budget, protocol, normalization }: Place): MethodRow[] {
  const row = (id: string, method: string, kind: "random" | "pixels", figure: string): MethodRow => ({
    id,
    method,
    kind: "ours",
    evaluation: {
      kind,
      target: targetOf(arch, budget),
      normalization,
      heads: HEADS,
      protocol: { ...protocol, groups: Math.min(protocol.groups, 100) },
    },
    figure,
    recipe: "not trained",
  });
  return [
    row("random", "random network", "random", FEW),
    row("random-closed-form", "random network, closed form on all images", "random", CLOSED),
    row("pixels", "raw pixels", "pixels", FEW),
  ];
}

/** The rows as cells of one column. */
export function methodCells(
  column: { readonly id: string; readonly title: string; readonly missing?: string | undefined },
  place: Place,
  paper: (row: string) => PaperFigure | undefined,
): Cell[] {
  const { source, arch, budget } = place;
  const { stem, width } = targetOf(arch, budget);
  return methodRows(place).map((row) => {
    const figure = paper(row.id);
    return {
      id: `${column.id}/${row.id}`,
      row: row.method,
      column: column.title,
      kind: row.kind,
      method: row.method,
      source: SOURCES[source].title,
      target: `${arch}, width ${width}, stem ${stem}`,
      recipe: row.recipe,
      evaluation: row.evaluation,
      figure: row.figure,
      ...(row.timing === undefined ? {} : { timing: row.timing }),
      ...(row.trainGroups === undefined ? {} : { trainGroups: row.trainGroups }),
      ...(figure ? { paper: figure } : {}),
      ...(column.missing === undefined ? {} : { missing: column.missing }),
    };
  });
}
