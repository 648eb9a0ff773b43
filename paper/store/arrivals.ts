// What was made of some recipes elsewhere and lies in a store of its own is taken into another: looked at first, then put in its place,
// all of it or nothing.

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "pudnet/engine";
import {
  canonicalJson,
  checkResult,
  evaluationIdentity,
  makeFolder,
  readRecord,
  RunFolder,
  united,
  writeRecord,
} from "pudnet/files";
import type { EvaluationRecipe, TrainedRecipe } from "../recipes/recipe.ts";
import { evaluationName, knownEvaluation, materialsOf, recordPath } from "./evaluations.ts";
import { dataMaterials } from "./materials.ts";
import { isTrained, networkFolder, networkName } from "./networks.ts";
import { trainedNetworks, trainedOn, usedNetwork } from "./needs.ts";
import type { Store } from "./store.ts";

/** Puts into its place what was looked at. */
type Step = () => Promise<void>;

/**
 * Takes the networks and evaluations of some recipes over from `arrived`, which may be cleared away afterwards. What is there
 * already stays, and what both have must agree.
 * @throws UserError for what is damaged, of other data, or at odds with what is here: then nothing is taken; BusyError
 */
export async function takeIn(store: Store, arrived: Store, recipes: readonly EvaluationRecipe[]): Promise<void> {
  const networks = new Map(recipes.flatMap(trainedNetworks).map((recipe) => [networkName(recipe), recipe]));
  const steps: Step[] = [];
  for (const recipe of networks.values()) steps.push(await networkStep(store, arrived, recipe));
  for (const recipe of recipes) steps.push(await recordStep(store, arrived, recipe));
  for (const step of steps) await step();
}

const nothing: Step = async () => {};

async function networkStep(store: Store, arrived: Store, recipe: TrainedRecipe): Promise<Step> {
  const [from, to] = [networkFolder(arrived, recipe), networkFolder(store, recipe)];
  if (!existsSync(from)) return nothing;
  if (!(await isTrained(arrived, recipe))) throw wrong(networkName(recipe), "it is not whole");
  checkResult(from, await madeFrom(from), await dataMaterials(store, trainedOn(recipe)));
  return () =>
    store.claim(networkName(recipe), async () => {
      if (await isTrained(store, recipe)) return;
      await rm(to, { recursive: true, force: true }); // only begun
      await makeFolder(dirname(to));
      await rename(from, to);
    });
}

/** Of a run; one that does not say has none, and is like no other. */
async function madeFrom(folder: string) {
  await using run = await RunFolder.open(folder);
  return run.record.madeFrom ?? {};
}

async function recordStep(store: Store, arrived: Store, recipe: EvaluationRecipe): Promise<Step> {
  const path = recordPath(arrived, recipe);
  const record = await readRecord(path);
  if (!record) return nothing;
  if (canonicalJson(record.identity) !== canonicalJson(evaluationIdentity(recipe)))
    throw wrong(evaluationName(recipe), "it is of another recipe than its name says");
  const network = usedNetwork(recipe);
  const isHere = !network || network.method === "file" || (await isTrained(store, network));
  checkResult(`${path}.csv`, record.madeFrom, await materialsOf(store, recipe, isHere ? store : arrived));
  const place = recordPath(store, recipe);
  const known = await knownEvaluation(store, recipe);
  const whole = known ? united({ place, record: known }, { place: path, record }) : record;
  return () =>
    store.claim(evaluationName(recipe), async () => {
      await makeFolder(dirname(place));
      await writeRecord(place, whole);
    });
}

function wrong(name: string, what: string): UserError {
  return new UserError(`${name}, which was made elsewhere, is not taken: ${what}`, {
    hint: "see what else writes to the queue",
  });
}
