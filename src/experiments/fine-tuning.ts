// Table VIII: a linear head on a network, all of it fine-tuned on 10,000 images, the rest is the test.

import { ADAM, ADAM_GC, type OptimizerRecipe } from "../train/optimizer.ts";
import { epochTitle } from "../train/evaluation/scratch.ts";
import type { ArchName } from "../models/architectures.ts";
import type { Budget } from "./budgets.ts";
import type { Cell, Experiment } from "./cells.ts";
import { SHOTS, SOURCES, type SourceName, sourceRecipe, TARGETS } from "./datasets.ts";
import { episodicRecipe, metaRecipe, pretrainedRecipe, pudnetRecipe, targetOf } from "./network-recipes.ts";
import { TABLE_8 } from "./paper.ts";
import type { NetworkRecipe, Protocol } from "./recipes.ts";

interface FineTuned {
  readonly id: string;
  readonly method: string;
  readonly kind: Cell["kind"];
  readonly start?: NetworkRecipe;
  readonly optimizer: OptimizerRecipe;
}

function starts(source: SourceName, arch: ArchName, budget: Budget): FineTuned[] {
  const match = budget.name === "full" ? "matchnet" : "matchnet-no-context";
  const { pudnet: steps } = budget.effort(arch, source);
  const from = (id: string, method: string, start: NetworkRecipe, kind: Cell["kind"] = "paper"): FineTuned => ({
    id,
    method,
    kind,
    start,
    optimizer: ADAM,
  });
  return [
    from("pretrained", "Pretrained", pretrainedRecipe(source, arch, budget, "paper")),
    from("matchnet", "MatchNet", episodicRecipe(match, source, arch, budget, "paper")),
    from("protonet", "ProtoNet", episodicRecipe("protonet", source, arch, budget, "paper")),
    from("meta-baseline", "Meta-Baseline", metaRecipe("meta-baseline", source, arch, budget, "paper")),
    from("meta-deepbdc", "Meta-DeepBDC", metaRecipe("meta-deepbdc", source, arch, budget, "paper")),
    { id: "adam", method: "Adam from scratch", kind: "paper", optimizer: ADAM },
    { id: "gc", method: "GC from scratch", kind: "paper", optimizer: ADAM_GC },
    from("pudnet", "PudNet", pudnetRecipe(source, arch, budget, { steps })),
    from(
      "static",
      "Static-PudNet",
      pudnetRecipe(source, arch, budget, { steps, pudnet: { sketch: "constant" } }),
      "ours",
    ),
    from("pretrained-strong", "Pretrained", pretrainedRecipe(source, arch, budget, "strong"), "strong"),
  ];
}

interface FineTunePlace {
  readonly id: string;
  readonly title: string;
  readonly source: SourceName;
  readonly protocol: Protocol;
  readonly paperColumn?: string;
  readonly missing?: string;
}

function cells(place: FineTunePlace, arch: ArchName, budget: Budget): Cell[] {
  const { stem, width } = targetOf(arch, budget);
  return starts(place.source, arch, budget).flatMap(({ id, method, kind, start, optimizer }) =>
    budget.fineTuneEpochs.map((epochs): Cell => {
      const isLast = epochs === budget.fineTuneEpochs.at(-1);
      const paper = isLast && place.paperColumn !== undefined ? TABLE_8(id, place.paperColumn) : undefined;
      return {
        id: `${place.id}/${id}-${epochs}`,
        row: `${method}, ${epochTitle(epochs)}`,
        column: place.title,
        kind,
        method,
        source: SOURCES[place.source].title,
        target: `${arch}, width ${width}, stem ${stem}`,
        recipe: `${start ? "head: Adam 1e-3, all else: 1e-4" : "all: Adam 1e-3"}${optimizer.centralize ? ", centralised gradients" : ""}`,
        evaluation: {
          kind: "scratch",
          target: targetOf(arch, budget),
          normalization: sourceRecipe(place.source),
          epochs: budget.fineTuneEpochs,
          batch: 64,
          optimizer,
          protocol: place.protocol,
          ...(start ? { start, bodyRate: 0.1 } : {}),
        },
        figure: epochTitle(epochs),
        timing: epochTitle(epochs),
        ...(paper ? { paper } : {}),
        ...(place.missing === undefined ? {} : { missing: place.missing }),
      };
    }),
  );
}

export function table8(budget: Budget): Experiment {
  const arch = "convnet-3";
  const cifar = SOURCES["cifar-100-set"];
  const protocol = {
    dataset: cifar.dataset,
    side: cifar.side,
    classes: { testOf: cifar.split },
    ways: 20,
    shots: SHOTS,
    generation: 500,
    test: 100,
    groups: budget.trainedRepeats,
    seed: 0,
  };
  const textures = (name: "dtd" | "dtd-10"): Protocol => {
    const { dataset, ways } = TARGETS[name];
    const perClass = Math.floor(800 / ways);
    const shape = { ways, shots: SHOTS, generation: perClass, test: 120 - perClass };
    return {
      dataset,
      side: SOURCES["imagenet-100-set"].side,
      classes: "all",
      ...shape,
      groups: budget.repeats,
      seed: 0,
    };
  };
  const places: FineTunePlace[] = [
    {
      id: `${arch}/cifar-100-20-way`,
      title: "CIFAR-100-set, 20 unseen classes, 10,000 + 2,000 images",
      source: "cifar-100-set",
      protocol,
    },
    {
      id: `${arch}/cifar-100-100-way`,
      title: "CIFAR-100, all 100 classes (80 of them seen in meta-training), 10,000 + 10,000 images",
      source: "cifar-100-set",
      protocol: { ...protocol, classes: "all", ways: 100, generation: 100 },
      paperColumn: "cifar-100-set",
    },
    {
      id: `${arch}/dtd`,
      title: "ImageNet-100-set to DTD, 800 images",
      source: "imagenet-100-set",
      protocol: textures("dtd"),
      paperColumn: "dtd",
      missing: TARGETS.dtd.missing!,
    },
    {
      id: `${arch}/dtd-10`,
      title: "ImageNet-100-set to DTD-10, 800 images",
      source: "imagenet-100-set",
      protocol: textures("dtd-10"),
    },
  ];
  return {
    id: "table-8",
    title: "Table VIII: fine-tuning",
    notes: [
      "The paper does not say whether its CIFAR-100 row is 20-way or 100-way. 20-way (unseen classes only) is the clean question; " +
        "48 % from scratch fits 100-way better, where 80 classes were seen in meta-training. We print both, the paper beside the second.",
      "MUSML is left out: it has no network before it is adapted to a task of a given number of classes.",
    ],
    form: "table",
    cells: places.flatMap((place) => cells(place, arch, budget)),
  };
}
