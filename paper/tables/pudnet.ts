// The rows of PudNet and Static-PudNet with each head, and of what needs no training.

import { sourceRecipe, withinProtocol } from "../recipes/datasets.ts";
import { classesOfGroups } from "../recipes/group-classes.ts";
import { pudnetRecipe, targetOf } from "../recipes/networks.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { ALL, CLOSED, FEW, type MethodRow, type Place } from "./row.ts";

type OfPudNet = Extract<EvaluationRecipe, { readonly kind: "pudnet" }>;

/** What answers what predicting weights, conditioning on the data set and training for longer bring, each with the same head. */
const COMPARED = {
  few: [
    "static",
    "pretrained",
    "pretrained-strong",
    "protonet",
    "protonet-strong",
    "random",
    "pudnet-swapped",
    "adam-1",
    "adam-30",
    "adam-50",
  ],
  all: ["static-all", "pretrained-all"],
  closedForm: [
    "static-closed-form",
    "pretrained-closed-form",
    "pretrained-strong-closed-form",
    "random-closed-form",
    "adam-30",
    "adam-50",
    "adam-falling-30",
    "pudnet-swapped-closed-form",
  ],
};

export function pudnetRows(place: Place): MethodRow[] {
  const { source, arch, budget, protocol, beta, steps } = place;
  const predicted = (sketch: "dataset" | "constant", norm: "running" | "generation"): OfPudNet => ({
    kind: "pudnet",
    network: pudnetRecipe(source, arch, budget, { steps, pudnet: { sketch, beta } }),
    norm,
    protocol,
  });
  const row = (id: string, method: string, more: Partial<MethodRow>): MethodRow => ({
    id,
    method,
    kind: "ours",
    evaluation: predicted("dataset", "running"),
    measure: FEW,
    timing: ["prediction"],
    trainGroups: steps,
    ...more,
  });
  const fixed = predicted("constant", "running");
  return [
    row("pudnet", "PudNet", { kind: "paper", comparedWith: COMPARED.few }),
    row("pudnet-generation", "PudNet, batch norm from the generation set", {
      evaluation: predicted("dataset", "generation"),
    }),
    row("pudnet-all", "PudNet, centroids of all images", { measure: ALL, comparedWith: COMPARED.all }),
    row("pudnet-closed-form", "PudNet, closed form on all images", {
      measure: CLOSED,
      comparedWith: COMPARED.closedForm,
    }),
    row("static", "Static-PudNet", { evaluation: fixed }),
    row("static-all", "Static-PudNet, centroids of all images", { evaluation: fixed, measure: ALL }),
    row("static-closed-form", "Static-PudNet, closed form on all images", { evaluation: fixed, measure: CLOSED }),
    ...swappedRows(place, predicted("dataset", "running")),
    ...(source === "fashion-set" ? turnedRows(place) : []),
  ];
}

/**
 * What conditioning brings, without another training: the same PudNet, but the weights are those for other test classes of the
 * source. None where every group has all of them.
 */
function swappedRows({ source, protocol, steps }: Place, own: OfPudNet): MethodRow[] {
  if (protocol.classes !== "all" && !classesOfGroups(protocol, 1)) return [];
  const others = protocol.classes === "all" ? withinProtocol(source, protocol.groups) : protocol;
  const evaluation: OfPudNet = { ...own, wrongSketch: { ...others, seed: protocol.seed + 1 } };
  const row = (id: string, measure: string, of: string): MethodRow => ({
    id,
    kind: "ours",
    evaluation,
    measure,
    timing: ["prediction"],
    trainGroups: steps,
    method: `PudNet, weights predicted from other classes' images${of}`,
  });
  return [
    { ...row("pudnet-swapped", FEW, ""), comparedWith: ["static"] },
    row("pudnet-swapped-closed-form", CLOSED, ", closed form on all images"),
  ];
}

/** With six classes to learn from, turned copies of them are worth having as further classes. */
function turnedRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  const steps = Math.ceil(1.25 * budget.effort(arch, source).pudnet);
  const network = pudnetRecipe(source, arch, budget, { steps, data: { turnedClasses: true } });
  const evaluation: EvaluationRecipe = { kind: "pudnet", network, norm: "generation", protocol };
  const row = (id: string, measure: string, of: string): MethodRow => ({
    id,
    method: `PudNet, turned training classes, batch norm from the generation set${of}`,
    kind: "ours",
    evaluation,
    measure,
    timing: ["prediction"],
    trainGroups: steps,
  });
  return [
    row("pudnet-turned", FEW, ""),
    row("pudnet-turned-all", ALL, ", centroids of all images"),
    row("pudnet-turned-closed-form", CLOSED, ", closed form on all images"),
  ];
}

export function randomRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  const row = (id: string, method: string, kind: "random" | "pixels", measure: string): MethodRow => ({
    id,
    method,
    kind: "ours",
    evaluation: {
      kind,
      target: targetOf(arch, budget),
      normalization: sourceRecipe(source),
      protocol: { ...protocol, groups: Math.min(protocol.groups, budget.randomGroups) },
    },
    measure,
  });
  return [
    row("random", "random network", "random", FEW),
    row("random-closed-form", "random network, closed form on all images", "random", CLOSED),
    row("pixels", "raw pixels", "pixels", FEW),
    row("pixels-closed-form", "raw pixels, closed form on all images", "pixels", CLOSED),
  ];
}
