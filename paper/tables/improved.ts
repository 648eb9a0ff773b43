// PudNet with all that was found to help, each apart, in short trainings (`choices`): by itself, and as a change of a network that was
// trained by cross entropy with the stronger recipe. Beside either what answers whether looking at the data brings any of it.

import type { Budget } from "../recipes/budgets.ts";
import { pretrainedRecipe, type PudNetVariant } from "../recipes/networks.ts";
import type { PretrainedRecipe } from "../recipes/recipe.ts";
import type { Cell } from "./cell.ts";
import { cellOf, CLOSED, type Column, FEW, withinColumn } from "./column.ts";
import { pudnetCell } from "./pudnet.ts";
import type { Table } from "./table.ts";

/** What is trained: where nothing is said, PudNet by itself, by the metric loss alone. */
interface Training {
  readonly isChange?: true;
  readonly isStatic?: true;
  readonly isClassified?: true;
}

/** A row of each seed; what it is compared with is of the same seed, but for the base. */
interface Row extends Pick<Cell, "id" | "method">, Training {
  readonly measure?: string;
  readonly isWrongSketch?: boolean;
  readonly comparedWith?: readonly string[];
}

const SOURCE = "cifar-100-set";

const ALONE = "PudNet with what was found";
const CHANGE = "PudNet as a change of Pretrained";
const CLASSIFIED = `${CHANGE}, by full classification beside the metric loss`;

const ROWS: readonly Row[] = [
  {
    id: "improved",
    method: ALONE,
    comparedWith: ["base", "improved-static", "improved-wrong-sketch"],
  },
  {
    id: "improved-closed-form",
    method: `${ALONE}, closed form on all images`,
    measure: CLOSED,
    comparedWith: ["base-closed-form", "improved-static-closed-form"],
  },
  { id: "improved-wrong-sketch", method: `${ALONE}, with a wrong sketch`, isWrongSketch: true },
  { id: "improved-static", method: "the same, Static", isStatic: true, comparedWith: ["base"] },
  {
    id: "improved-static-closed-form",
    method: "the same, Static, closed form on all images",
    isStatic: true,
    measure: CLOSED,
  },
  { id: "change", method: CHANGE, isChange: true, comparedWith: ["base", "change-static", "change-wrong-sketch"] },
  {
    id: "change-closed-form",
    method: `${CHANGE}, closed form on all images`,
    isChange: true,
    measure: CLOSED,
    comparedWith: ["base-closed-form", "change-static-closed-form"],
  },
  { id: "change-wrong-sketch", method: `${CHANGE}, with a wrong sketch`, isChange: true, isWrongSketch: true },
  {
    id: "change-classified",
    method: CLASSIFIED,
    isChange: true,
    isClassified: true,
    comparedWith: ["base", "change"],
  },
  {
    id: "change-classified-closed-form",
    method: `${CLASSIFIED}, closed form on all images`,
    isChange: true,
    isClassified: true,
    measure: CLOSED,
    comparedWith: ["base-closed-form", "change-closed-form"],
  },
  { id: "change-static", method: "a constant change", isChange: true, isStatic: true, comparedWith: ["base"] },
  {
    id: "change-static-closed-form",
    method: "a constant change, closed form on all images",
    isChange: true,
    isStatic: true,
    measure: CLOSED,
  },
];

/** Gradient through the prototypes, flips and shifts; and the first layer learned, or all of them and changed. */
function variantOf(
  { isChange, isStatic, isClassified }: Training,
  base: PretrainedRecipe,
): Pick<PudNetVariant, "pudnet" | "data" | "start"> {
  const pudnet = {
    fullLoss: isClassified ? 1 : 0,
    klLoss: 0,
    detachPrototypes: false,
    ...(isChange ? { predict: "change", sketchNorm: "layer" } : { predict: "no-stem" }),
    ...(isStatic ? { sketch: "constant" } : {}),
  };
  return { pudnet, data: { augment: true }, ...(isChange ? { start: base } : {}) };
}

/** ConvNet-3 with several seeds, trained as long as PudNet itself; ResNet-18 with one, of fewer groups. */
export function improved(budget: Budget): Table {
  const { seeds, resnetGroups } = budget.improved;
  const resnet = withinColumn(SOURCE, "resnet-18", budget);
  return {
    id: "improved",
    title: "PudNet with what was found",
    notes: [
      "Found in short trainings of ConvNet-3 (`choices`): the first layer learned and not predicted, gradient through the prototypes, the metric loss alone, flips " +
        "and shifts. A change starts from Pretrained with the stronger recipe: its kernels are learned on, and what is predicted is added to them; its sketch network has layer norm.",
      "By full classification: eq. 9 counts beside the metric loss, as in the paper.",
      "Static: with a learned constant in place of the sketch, trained as long from the same start. A wrong sketch is that of other test classes.",
      `ResNet-18 is trained on ${resnetGroups.toLocaleString("en-US")} groups, Table I's PudNet of it on ${resnet.steps.toLocaleString("en-US")}.`,
    ],
    form: "table",
    isRepeated: true,
    cells: [
      ...columnCells(withinColumn(SOURCE, "convnet-3", budget), seeds),
      ...columnCells({ ...resnet, steps: resnetGroups }, 1),
    ],
  };
}

function columnCells(column: Column, seeds: number): Cell[] {
  const base = pretrainedRecipe(column, "strong");
  const trained = ROWS.flatMap((row) => Array.from({ length: seeds }, (_, seed) => ({ row, seed })));
  return [...baseCells(column, base), ...trained.map(({ row, seed }) => cell(column, row, variantOf(row, base), seed))];
}

function baseCells(column: Column, network: PretrainedRecipe): Cell[] {
  const evaluation = { kind: "fixed", network, protocol: column.protocol } as const;
  const method = "Pretrained";
  return [
    cellOf(column, { id: "base", method, kind: "strong", evaluation, measure: FEW }),
    cellOf(column, {
      id: "base-closed-form",
      method: `${method}, closed form on all images`,
      kind: "strong",
      evaluation,
      measure: CLOSED,
    }),
  ];
}

function cell(
  column: Column,
  { id, method, measure, isWrongSketch, comparedWith }: Row,
  variant: Pick<PudNetVariant, "pudnet" | "data" | "start">,
  seed: number,
): Cell {
  const ofSeed = (other: string): string => (other.startsWith("base") ? other : `${other}-${seed}`);
  return pudnetCell(column, {
    id: `${id}-${seed}`,
    method,
    row: `${method}, seed ${seed}`,
    seed,
    ...variant,
    ...(measure === undefined ? {} : { measure }),
    ...(isWrongSketch ? { isWrongSketch } : {}),
    ...(comparedWith ? { comparedWith: comparedWith.map(ofSeed) } : {}),
  });
}
