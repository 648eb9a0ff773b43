// The rows of the paper's baselines, in its protocol and in a stronger one.

import { epochTitle } from "../train/evaluation/scratch.ts";
import { ADAM, ADAM_GC } from "../train/optimizer.ts";
import { sourceRecipe } from "./datasets.ts";
import { episodicRecipe, metaRecipe, musmlRecipe, pretrainedRecipe, targetOf } from "./network-recipes.ts";
import { ALL, CLOSED, FEW, HEADS, type MethodRow, type Place, RULE } from "./row.ts";

export function baselineRows({ source, arch, budget, protocol }: Place): MethodRow[] {
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
        ? `cross entropy, ${epochs} epochs of Adam 1e-3 falling to zero`
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
      recipe: `${isBaseline ? "Pretrained" : "a network pre-trained through the same pooling"}${strength === "strong" ? " (stronger recipe)" : ""}, then ${count} tasks of ${isBaseline ? "SGD 1e-3" : "Adam 1e-4"}`,
    };
  };
  return [
    pretrained("paper", {}),
    match("paper"),
    proto("paper"),
    meta("meta-baseline", "paper"),
    meta("meta-deepbdc", "paper"),
    pretrained("strong", {}),
    match("strong"),
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
  `${tasks} tasks of Adam 1e-3 falling to zero${strength === "strong" ? ", flips and shifts" : ""}`;

/** MUSML keeps many networks at once, so only ConvNet-3's fit. */
export function musmlRows({ source, arch, budget, protocol }: Place): MethodRow[] {
  if (arch !== "convnet-3") return [];
  const network = musmlRecipe(source, arch, budget);
  const { subspaces, dimension, innerSteps, secondOrder = true } = network.options;
  return [
    {
      id: "musml",
      method: "MUSML",
      kind: "paper",
      evaluation: { kind: "musml", network, protocol },
      figure: FEW,
      timing: "prediction",
      trainGroups: network.steps,
      recipe: `${network.steps} tasks of Adam 1e-3 falling to zero, gradients clipped at 10, ${subspaces} subspaces of dimension ${dimension}, ${innerSteps} inner steps, ${secondOrder ? "second" : "first"}-order gradients`,
    },
  ];
}

export function scratchRows({ source, arch, budget, protocol, trainedGroups, epochs }: Place): MethodRow[] {
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
        normalization: sourceRecipe(source),
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
