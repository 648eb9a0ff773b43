// How much work there is in a parcel, roughly: enough to begin the large ones first.

import { networkName } from "../store/networks.ts";
import { trainedNetworks } from "../store/needs.ts";
import { type Size, sizeOf } from "../recipes/budgets.ts";
import type { EvaluationRecipe, TrainedRecipe } from "../recipes/recipe.ts";

/** Of one image at 32 px through a target network, in passes through ConvNet-3. */
const COST: Readonly<Record<Size, number>> = { plain: 1, residual: 5, "deep residual": 9 };
/** Forward, and twice as much backward. */
const TRAINING = 3;
/** Images that an epoch takes for: the sources have from 20,000 to 48,000. */
const EPOCH = 30_000;

/** Images through networks, each network of the recipes trained once. */
export function passes(recipes: readonly EvaluationRecipe[]): number {
  const networks = new Map(recipes.flatMap(trainedNetworks).map((recipe) => [networkName(recipe), recipe]));
  const trainings = Array.from(networks.values(), (recipe) => TRAINING * imagesTrained(recipe) * costOf(recipe));
  return [...trainings, ...recipes.map(judging)].reduce((sum, one) => sum + one, 0);
}

function imagesTrained(recipe: TrainedRecipe): number {
  switch (recipe.method) {
    case "pudnet": {
      const { steps, groupsPerStep = 1, group } = recipe.config;
      return steps * groupsPerStep * group.ways * (group.shots + group.queries + group.extra);
    }
    case "pretrained":
      return recipe.epochs * EPOCH;
    case "episodic":
      return recipe.steps * recipe.tasksPerStep * imagesOf(recipe.task);
    case "musml":
      return recipe.steps * imagesOf(recipe.task) * recipe.options.subspaces * (1 + recipe.options.innerSteps);
  }
}

const imagesOf = ({ ways, shots, queries }: { ways: number; shots: number; queries: number }): number =>
  ways * (shots + queries);

function judging(recipe: EvaluationRecipe): number {
  const { groups, ways, generation, test, side } = recipe.protocol;
  const cost = "network" in recipe ? (recipe.network.method === "file" ? 1 : costOf(recipe.network)) : 1;
  if (recipe.kind !== "supervised") return groups * ways * (generation + test) * cost;
  const trained = TRAINING * Math.max(...recipe.epochs) * generation;
  return groups * ways * (trained + test) * weight(recipe.target.arch, side);
}

function costOf(recipe: TrainedRecipe): number {
  if (recipe.method !== "pudnet") return weight(recipe.target.arch, recipe.source.side);
  const { target, data } = recipe.config;
  return weight(target.arch, data.side);
}

/** By names that schemas have checked. */
function weight(arch: string, side = SIDE): number {
  return COST[sizeOf(arch as Parameters<typeof sizeOf>[0])] * (side / SIDE) ** 2;
}

const SIDE = 32;
