// What a recipe needs besides itself: trained networks, and data sets with splits of their classes.

import type { EvaluationRecipe, NetworkRecipe, TrainedRecipe } from "../recipes/recipe.ts";

/** A data set, at its own side where none is said, and a split of its classes. */
export interface NamedData {
  readonly dataset: string;
  readonly side?: number;
  readonly split?: string;
}

/** What is judged, or started from. */
export function usedNetwork(recipe: EvaluationRecipe): NetworkRecipe | undefined {
  return "network" in recipe ? recipe.network : recipe.kind === "supervised" ? recipe.start : undefined;
}

/** The network of an evaluation and those that its training starts from; what is not trained here is left out. */
export function trainedNetworks(recipe: EvaluationRecipe): TrainedRecipe[] {
  const chain: TrainedRecipe[] = [];
  let network = usedNetwork(recipe);
  while (network !== undefined && network.method !== "file") {
    chain.push(network);
    network = "start" in network ? network.start : undefined;
  }
  return chain;
}

/** What groups are drawn from. */
export function judgedOn(recipe: EvaluationRecipe): NamedData[] {
  const protocols = [recipe.protocol, ...("wrongSketch" in recipe && recipe.wrongSketch ? [recipe.wrongSketch] : [])];
  return protocols.map(({ dataset, side, classes }) => ({
    dataset,
    side,
    ...(classes === "all" ? {} : { split: classes.testOf }),
  }));
}

/** What a network is trained on. */
export function trainedOn(recipe: TrainedRecipe): NamedData {
  if (recipe.method !== "pudnet") return recipe.source;
  const { dataset, split, side } = recipe.config.data;
  return { dataset, split, ...(side === undefined ? {} : { side }) };
}

/** All data that an evaluation is a function of, with what its networks are trained on and pixels are normalised by. */
export function neededData(recipe: EvaluationRecipe): NamedData[] {
  const normalization = "normalization" in recipe ? [recipe.normalization] : [];
  return [...judgedOn(recipe), ...normalization, ...trainedNetworks(recipe).map(trainedOn)];
}
