// Variants of PudNet as cells: what a variant changes, and where it is trained and judged.

import type { ArchName } from "pudnet/engine";
import { headTitle, type NormMode, type Protocol } from "pudnet/evaluation";
import type { Budget } from "../recipes/budgets.ts";
import type { PrintedResult } from "../recipes/printed.ts";
import type { Cell } from "./cell.ts";
import {
  acrossProtocol,
  SHOTS,
  SOURCES,
  type SourceName,
  TRANSFER_SETS,
  type TransferName,
  withinProtocol,
} from "../recipes/datasets.ts";
import { archTitle, pudnetRecipe, type PudNetVariant, targetText } from "../recipes/networks.ts";
import { trainingWords } from "../recipes/words.ts";
import { pudnetAcross } from "./row.ts";

export interface Variant {
  readonly id: string;
  readonly method: string;
  readonly kind: Cell["kind"];
  readonly pudnet: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly norm?: NormMode;
  readonly comparedWith?: readonly string[];
}

export const FAITHFUL: Variant = { id: "pudnet", method: "PudNet", kind: "paper", pudnet: {} };

/** The control of conditioning: one learned sketch for all data sets. */
export const STATIC: Variant = {
  id: "static",
  method: "Static-PudNet",
  kind: "ours",
  pudnet: { sketch: "constant" },
};

/** A column of variants. */
export interface VariantPlace {
  readonly id: string;
  readonly title: string;
  readonly source: SourceName;
  readonly arch: ArchName;
  readonly steps: number;
  readonly protocol: Protocol;
  readonly missing?: string | undefined;
  /** Another class split than the source's own. */
  readonly split?: string;
  /** Another seed of training than the usual one. */
  readonly seed?: number;
  /** beta of eq. 5 where it is not the usual one. */
  readonly beta?: number;
}

export function variantCell(
  { id, title, source, arch, steps, protocol, missing, split, seed, beta }: VariantPlace,
  variant: Variant,
  budget: Budget,
  paper?: PrintedResult,
): Cell {
  const changes: PudNetVariant = {
    steps,
    pudnet: { ...(beta === undefined ? {} : { beta }), ...variant.pudnet },
    ...(variant.data ? { data: variant.data } : {}),
    ...(split ? { split } : {}),
    ...(seed === undefined ? {} : { seed }),
  };
  const network = pudnetRecipe(source, arch, budget, changes);
  return {
    id: `${id}/${variant.id}`,
    row: variant.method,
    column: title,
    kind: variant.kind,
    method: variant.method,
    source: SOURCES[source].title,
    target: targetText(arch, budget),
    recipe: trainingWords(network),
    evaluation: {
      kind: "pudnet",
      network,
      norm: variant.norm ?? "running",
      protocol,
    },
    measure: headTitle("few", SHOTS),
    timing: ["prediction, one head", "prediction"],
    trainGroups: steps,
    ...(variant.comparedWith ? { comparedWith: variant.comparedWith } : {}),
    ...(paper ? { paper } : {}),
    ...(missing === undefined ? {} : { missing }),
  };
}

/** Judged within a source. */
export function within(source: SourceName, arch: ArchName, budget: Budget, steps: number): VariantPlace {
  const { title, missing } = SOURCES[source];
  const protocol = withinProtocol(source, budget.groups);
  return { id: `${arch}/${source}`, title: `${title}, ${archTitle(arch)}`, source, arch, steps, protocol, missing };
}

/** Judged on all classes of another set. */
export function across(source: SourceName, name: TransferName, arch: ArchName, budget: Budget): VariantPlace {
  const { title, missing } = TRANSFER_SETS[name];
  const protocol = acrossProtocol(source, name, budget.repeats);
  const column = `${SOURCES[source].title} to ${title}, ${archTitle(arch)}`;
  return {
    id: `${arch}/${source}-to-${name}`,
    title: column,
    source,
    arch,
    protocol,
    missing,
    ...pudnetAcross(budget, arch, source),
  };
}
