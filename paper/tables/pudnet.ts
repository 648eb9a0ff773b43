// The rows of PudNet and Static-PudNet with each head, and of what needs no training.

import type { NormMode } from "pudnet/evaluation";
import { withinProtocol } from "../recipes/datasets.ts";
import { classesOfGroups } from "../recipes/group-classes.ts";
import { pudnetRecipe, type PudNetVariant, sourceOf, targetOf } from "../recipes/networks.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import type { Cell } from "./cell.ts";
import { ALL, cellOf, CLOSED, type Column, FEW } from "./column.ts";

/** A row of PudNet, trained as its column says but for what the row changes. */
export interface PudNetRow extends Partial<PudNetVariant>, Pick<Cell, "id" | "method" | "comparedWith"> {
  /** In the table, where that is not the method. */
  readonly row?: string;
  /** Ours, where it does not say. */
  readonly kind?: Cell["kind"];
  readonly timing?: string;
  readonly norm?: NormMode;
  readonly measure?: string;
  /** Whether the weights are predicted for other classes than those that are judged. */
  readonly isWrongSketch?: boolean;
}

/** For example, Static-PudNet: `pudnetCell(column, { id: "static", method: "Static-PudNet", pudnet: { sketch: "constant" } })`. */
export function pudnetCell(column: Column, row: PudNetRow): Cell {
  const { id, method, kind = "ours", timing, norm = "running", measure = FEW, isWrongSketch, ...changes } = row;
  const { protocol, steps, beta } = column;
  const { comparedWith, row: heading, ...variant } = changes;
  const network = pudnetRecipe(column, { steps, ...variant, pudnet: { beta, ...variant.pudnet } });
  const wrong = isWrongSketch ? { wrongSketch: otherClasses(column) } : {};
  return cellOf(column, {
    id,
    method,
    kind,
    evaluation: { kind: "pudnet", network, norm, protocol, ...wrong },
    measure,
    ...(timing === undefined ? {} : { timing }),
    ...(heading === undefined ? {} : { row: heading }),
    ...(comparedWith ? { comparedWith } : {}),
  });
}

/** Groups of other test classes of the source. */
function otherClasses({ source, protocol }: Column): typeof protocol {
  const others = protocol.classes === "all" ? withinProtocol(source, protocol.groups) : protocol;
  return { ...others, seed: protocol.seed + 1 };
}

const STATIC = { sketch: "constant" };

/** Each head, and beside it what answers what predicting weights, conditioning on the data set and training for longer bring. */
export function pudnetRows(column: Column): Cell[] {
  const { source, arch, budget, protocol } = column;
  // a wrong sketch is none where every group has all classes
  const hasOthers = protocol.classes === "all" || classesOfGroups(protocol, 1) !== undefined;
  const rows: readonly PudNetRow[] = [
    {
      id: "pudnet",
      method: "PudNet",
      kind: "paper",
      comparedWith: [
        "static",
        "pretrained",
        "pretrained-strong",
        "protonet",
        "protonet-strong",
        "random",
        "pudnet-wrong-sketch",
        "adam-1",
        "adam-30",
        "adam-50",
      ],
    },
    { id: "pudnet-generation", method: "PudNet, batch norm from the generation set", norm: "generation" },
    {
      id: "pudnet-all",
      method: "PudNet, centroids of all images",
      measure: ALL,
      comparedWith: ["static-all", "pretrained-all"],
    },
    {
      id: "pudnet-closed-form",
      method: "PudNet, closed form on all images",
      measure: CLOSED,
      comparedWith: [
        "static-closed-form",
        "pretrained-closed-form",
        "pretrained-strong-closed-form",
        "random-closed-form",
        "adam-30",
        "adam-50",
        "adam-falling-30",
        "pudnet-wrong-sketch-closed-form",
      ],
    },
    { id: "static", method: "Static-PudNet", pudnet: STATIC },
    { id: "static-all", method: "Static-PudNet, centroids of all images", pudnet: STATIC, measure: ALL },
    { id: "static-closed-form", method: "Static-PudNet, closed form on all images", pudnet: STATIC, measure: CLOSED },
  ];
  // what conditioning brings, without another training: the same PudNet, with the weights for other classes
  const wrong: readonly PudNetRow[] = [
    { id: "pudnet-wrong-sketch", method: "PudNet with a wrong sketch", comparedWith: ["static"] },
    {
      id: "pudnet-wrong-sketch-closed-form",
      method: "PudNet with a wrong sketch, closed form on all images",
      measure: CLOSED,
    },
  ];
  // with six classes to learn from, turned copies of them are worth having as further classes
  const method = "PudNet, turned training classes, batch norm from the generation set";
  const turned: readonly PudNetRow[] = [
    { id: "pudnet-turned", method },
    { id: "pudnet-turned-all", method: `${method}, centroids of all images`, measure: ALL },
    { id: "pudnet-turned-closed-form", method: `${method}, closed form on all images`, measure: CLOSED },
  ];
  const steps = Math.ceil(1.25 * budget.effort(arch, source).pudnet);
  return [
    ...rows.map((row) => pudnetCell(column, row)),
    ...(hasOthers ? wrong : []).map((row) => pudnetCell(column, { ...row, isWrongSketch: true })),
    ...(source === "fashion-set" ? turned : []).map((row) =>
      pudnetCell(column, { ...row, steps, data: { turnedClasses: true }, norm: "generation" }),
    ),
  ];
}

export function randomRows(column: Column): Cell[] {
  const { budget, protocol } = column;
  const row = (id: string, method: string, kind: "random" | "pixels", measure: string): Cell => {
    const evaluation: EvaluationRecipe = {
      kind,
      target: targetOf(column),
      normalization: sourceOf(column),
      protocol: { ...protocol, groups: Math.min(protocol.groups, budget.randomGroups) },
    };
    return cellOf(column, { id, method, kind: "ours", evaluation, measure });
  };
  return [
    row("random", "random network", "random", FEW),
    row("random-closed-form", "random network, closed form on all images", "random", CLOSED),
    row("pixels", "raw pixels", "pixels", FEW),
    row("pixels-closed-form", "raw pixels, closed form on all images", "pixels", CLOSED),
  ];
}
