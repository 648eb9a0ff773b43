// Table VI, and the ablations of choices that the paper leaves open: variants of PudNet, all else equal.

import type { Budget } from "../recipes/budgets.ts";
import type { Table } from "./table.ts";
import type { SourceName } from "../recipes/datasets.ts";
import { TABLE_6 } from "../recipes/printed.ts";
import { across, FAITHFUL, STATIC, type Variant, variantCell, within } from "./variants.ts";

const TABLE_6_VARIANTS: readonly Variant[] = [
  { id: "no-context", method: "w.o.-Context (no AHRU)", kind: "paper", pudnet: { context: false } },
  { id: "metric", method: "metric loss only", kind: "paper", pudnet: { fullLoss: 0, klLoss: 0 } },
  { id: "no-kl", method: "w.o.-kl", kind: "paper", pudnet: { klLoss: 0 } },
  { ...FAITHFUL, comparedWith: ["no-context", "metric", "no-kl", "static", "no-sketch-norm"] },
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
    // what AHRU brings where both networks have their batch norm fitted, as w.o.-Context needs it
    comparedWith: ["no-context-generation"],
  },
  {
    id: "no-sketch-norm",
    method: "PudNet, sketch network without batch norm",
    kind: "ours",
    pudnet: { sketchNorm: "none" },
    // and where the sketch has no batch norm to be hidden by
    comparedWith: ["no-sketch-norm-no-context", "static"],
  },
  {
    id: "no-sketch-norm-no-context",
    method: "w.o.-Context, sketch network without batch norm",
    kind: "ours",
    pudnet: { sketchNorm: "none", context: false },
  },
  { ...STATIC, method: "Static-PudNet (the sketch is a learned constant)" },
];

const CHOICES: readonly Variant[] = [
  {
    ...FAITHFUL,
    method: "PudNet as in our tables",
    comparedWith: [
      "static",
      "no-sketch-norm",
      "layer-norm",
      "generation-norm",
      "prototypes",
      "fixed-temperature",
      "temperature-1",
      "no-stem",
      "norm-first",
      "augment",
    ],
  },
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
  {
    id: "no-sketch-norm",
    method: "sketch network without batch norm",
    kind: "ours",
    pudnet: { sketchNorm: "none" },
    comparedWith: ["static"],
  },
  { id: "layer-norm", method: "sketch network with layer norm", kind: "ours", pudnet: { sketchNorm: "layer" } },
  { id: "augment", method: "random flips and shifts", kind: "ours", pudnet: {}, data: { augment: true } },
  STATIC,
];

export function table6(budget: Budget): Table {
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
        place: across("imagenet-100-set", name, arch, budget),
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

export function choices(budget: Budget): Table {
  const cells = (["cifar-100-set", "fashion-set"] as const).flatMap((source) => {
    const place = within(source, "convnet-3", budget, budget.choices[source]);
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
