// Table VI and the ablations of choices that the paper leaves open: variants of PudNet, all else equal.

import type { ArchName } from "../models/architectures.ts";
import { headTitle } from "../train/heads.ts";
import type { NormMode } from "../train/evaluate.ts";
import type { Budget } from "./budgets.ts";
import type { Cell, CellKind, Experiment, PaperFigure } from "./cells.ts";
import { acrossProtocol, SOURCES, type SourceName, TARGETS, type TargetName, withinProtocol } from "./datasets.ts";
import { pudnetRecipe, type PudNetVariant, targetOf } from "./network-recipes.ts";
import { TABLE_6 } from "./paper.ts";
import type { Protocol } from "./recipes.ts";

const SHOTS = 10;

export interface Variant {
  readonly id: string;
  readonly method: string;
  readonly kind: CellKind;
  readonly pudnet: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly norm?: NormMode;
}

const FAITHFUL: Variant = { id: "pudnet", method: "PudNet", kind: "paper", pudnet: {} };

const TABLE_6_VARIANTS: readonly Variant[] = [
  { id: "no-context", method: "w.o.-Context (no AHRU)", kind: "paper", pudnet: { context: false } },
  { id: "metric", method: "metric loss only", kind: "paper", pudnet: { fullLoss: 0, klLoss: 0 } },
  { id: "no-kl", method: "w.o.-kl", kind: "paper", pudnet: { klLoss: 0 } },
  FAITHFUL,
  {
    id: "no-context-generation",
    method: "w.o.-Context, batch norm from the generation set",
    kind: "ours",
    pudnet: { context: false },
    norm: "generation",
  },
  {
    id: "pudnet-generation",
    method: "PudNet, batch norm from the generation set",
    kind: "ours",
    pudnet: {},
    norm: "generation",
  },
  {
    id: "static",
    method: "Static-PudNet (the sketch is a learned constant)",
    kind: "ours",
    pudnet: { sketch: "constant" },
  },
];

const CHOICES: readonly Variant[] = [
  { ...FAITHFUL, method: "PudNet as in our tables" },
  { id: "generation-norm", method: "batch norm from the generation set", kind: "ours", pudnet: {}, norm: "generation" },
  { id: "prototypes", method: "gradient through the prototypes", kind: "ours", pudnet: { detachPrototypes: false } },
  { id: "fixed-temperature", method: "temperature fixed at 10", kind: "ours", pudnet: { learnTemperature: false } },
  { id: "temperature-1", method: "temperature learned from 1", kind: "ours", pudnet: { temperature: 1 } },
  { id: "no-stem", method: "first layer learned, not predicted", kind: "ours", pudnet: { predict: "no-stem" } },
  {
    id: "norm-first",
    method: "sketch blocks: norm before leaky ReLU",
    kind: "ours",
    pudnet: { sketchOrder: "conv-norm-act" },
  },
  { id: "augment", method: "random flips and shifts", kind: "ours", pudnet: {}, data: { augment: true } },
  { id: "static", method: "Static-PudNet", kind: "ours", pudnet: { sketch: "constant" } },
];

/** A column of variants. */
export interface VariantPlace {
  readonly id: string;
  readonly title: string;
  readonly source: SourceName;
  readonly arch: ArchName;
  readonly steps: number;
  readonly protocol: Protocol;
  readonly missing?: string | undefined;
}

export function variantCell(
  { id, title, source, arch, steps, protocol, missing }: VariantPlace,
  variant: Variant,
  budget: Budget,
  paper?: PaperFigure,
): Cell {
  const { stem, width } = targetOf(arch, budget);
  const changes: PudNetVariant = { steps, pudnet: variant.pudnet, ...(variant.data ? { data: variant.data } : {}) };
  return {
    id: `${id}/${variant.id}`,
    row: variant.method,
    column: title,
    kind: variant.kind,
    method: variant.method,
    source: SOURCES[source].title,
    target: `${arch}, width ${width}, stem ${stem}`,
    recipe: `${steps} groups of Adam 1e-3 falling to zero`,
    evaluation: {
      kind: "pudnet",
      network: pudnetRecipe(source, arch, budget, changes),
      heads: ["few"],
      norm: variant.norm ?? "running",
      protocol,
    },
    figure: headTitle("few", SHOTS),
    timing: "prediction",
    trainGroups: steps,
    ...(paper ? { paper } : {}),
    ...(missing === undefined ? {} : { missing }),
  };
}

function within(source: SourceName, arch: ArchName, budget: Budget, steps: number): VariantPlace {
  const { title, missing } = SOURCES[source];
  const protocol = withinProtocol(source, budget.groups);
  return { id: `${arch}/${source}`, title: `${title}, ${arch}`, source, arch, steps, protocol, missing };
}

function across(source: SourceName, name: TargetName, arch: ArchName, budget: Budget, steps: number): VariantPlace {
  const { title, missing } = TARGETS[name];
  const protocol = acrossProtocol(source, name, budget.repeats);
  const column = `${SOURCES[source].title} to ${title}, ${arch}`;
  return { id: `${arch}/${source}-to-${name}`, title: column, source, arch, steps, protocol, missing };
}

export function table6(budget: Budget): Experiment {
  const cells = (["convnet-3", "resnet-18"] as const).flatMap((arch) => {
    const sources = ["fashion-set", "cifar-100-set", "imagenet-100-set"] as const;
    const steps = (source: SourceName): number => budget.effort(arch, source).ablation;
    const places = [
      ...sources.map((source) => ({
        paperColumn: source as string,
        place: within(source, arch, budget, steps(source)),
      })),
      ...(["animals-10", "cifar-10", "dtd", "dtd-10"] as const).map((name) => ({
        paperColumn: name as string,
        place: across("imagenet-100-set", name, arch, budget, steps("imagenet-100-set")),
      })),
    ];
    return places.flatMap(({ place, paperColumn }) =>
      TABLE_6_VARIANTS.map((variant) => {
        const paper = arch === "resnet-18" ? TABLE_6(variant.id, paperColumn) : undefined;
        return variantCell(place, variant, budget, paper);
      }),
    );
  });
  return {
    id: "table-6",
    title: "Table VI: what each part of PudNet is worth",
    notes: [
      "All variants of a column are trained on the same number of groups with the same seed, and judged on the same test groups.",
      "The paper's figures are for ResNet-18; Static-PudNet is not in the paper: its weights do not depend on the data set at all.",
    ],
    form: "table",
    cells,
  };
}

export function choices(budget: Budget): Experiment {
  const cells = (["cifar-100-set", "fashion-set"] as const).flatMap((source) => {
    const place = within(
      source,
      "convnet-3",
      budget,
      Math.min(budget.choices, source === "fashion-set" ? 1000 : Infinity),
    );
    return CHOICES.map((variant) => variantCell(place, variant, budget));
  });
  return {
    id: "choices",
    title: "Choices that the paper leaves open",
    notes: ["Short trainings: differences between rows matter here, not their level."],
    form: "table",
    cells,
  };
}

const BETAS = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

/** A graph's points: PudNet over a number x. */
function graphCells(
  sources: readonly SourceName[],
  budget: Budget,
  points: (source: SourceName) => readonly { readonly x: number; readonly steps: number; readonly variant: Variant }[],
): Cell[] {
  return sources.flatMap((source) =>
    points(source).map(({ x, steps, variant }) => {
      const place = within(source, "convnet-3", { ...budget, groups: budget.graphGroups }, steps);
      const cell = variantCell(place, variant, budget);
      return { ...cell, id: `convnet-3/${source}/${x}`, row: SOURCES[source].title, column: String(x) };
    }),
  );
}

const GRAPH_SOURCES: readonly SourceName[] = ["fashion-set", "cifar-100-set", "imagenet-100-set"];

export function figure5(budget: Budget): Experiment {
  return {
    id: "figure-5",
    title: "Figure 5: accuracy over the number of training groups",
    notes: ["Every point is a training of its own, its learning rate falling to zero at its end. ConvNet-3, 10 shots."],
    form: { x: "training groups", log: true },
    cells: graphCells(GRAPH_SOURCES, budget, (source) =>
      (budget.figure5[source] ?? []).map((steps) => ({ x: steps, steps, variant: FAITHFUL })),
    ),
  };
}

export function figure6(budget: Budget): Experiment {
  return {
    id: "figure-6",
    title: "Figure 6: accuracy over beta",
    notes: [
      "beta of eq. 5: the share of the sketch in each layer's representation; 0 leaves the sketch out but for the first state. ConvNet-3, 10 shots, short trainings.",
    ],
    form: { x: "beta" },
    cells: graphCells(GRAPH_SOURCES, budget, (source) =>
      BETAS.map((beta) => ({
        x: beta,
        steps: budget.figure6[source] ?? 0,
        variant: { ...FAITHFUL, id: `beta-${beta}`, pudnet: { beta } },
      })),
    ),
  };
}
