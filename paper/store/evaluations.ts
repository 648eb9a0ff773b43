// Evaluations by the hash of their recipe, each a record: what is missing is evaluated, with what is trained first.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { architecture, invariant, UserError } from "pudnet/engine";
import {
  embeddingEvaluator,
  evaluationKey,
  type GroupEvaluator,
  type GroupResult,
  type Groups,
  HEADS,
  musmlEvaluator,
  predictionEvaluator,
  type Protocol,
  pudnetEvaluator,
  randomNetworkEvaluator,
  rawPixelEvaluator,
  supervisedEvaluator,
} from "pudnet/evaluation";
import {
  completeRecord,
  evaluationIdentity,
  fileHash,
  identityHash,
  knownRecord,
  type EvaluationRecord,
  type Materials,
  type Measures,
  type Placed,
  readRecord,
  recordName,
  united,
} from "pudnet/files";
import type { EvaluationRecipe, NetworkRecipe } from "../recipes/recipe.ts";
import { dataMaterials } from "./materials.ts";
import { judgedOn, usedNetwork } from "./needs.ts";
import { judgedCheckpoint, networkName, trainedNetwork } from "./networks.ts";
import { GROUPS, type Published, readPublished } from "./published.ts";
import { startNetwork } from "./start-network.ts";
import type { Store } from "./store.ts";

/** "pudnet-...-on-cifar-100-5-way-0123456789". */
export function evaluationName(recipe: EvaluationRecipe): string {
  return recordName(recipe, networkName);
}

/**
 * What is known of an evaluation, of the store or published.
 * @throws FormatError for a file that was damaged, UserError where the two disagree
 */
export async function knownEvaluation(store: Store, recipe: EvaluationRecipe): Promise<EvaluationRecord | undefined> {
  return knownRecord({ path: recordPath(store, recipe), published: await publishedOf(store, recipe) });
}

/** The groups of an evaluation that are known, at most as many as the recipe asks for. @throws as `knownEvaluation` */
export async function knownGroups(store: Store, recipe: EvaluationRecipe): Promise<readonly GroupResult[]> {
  return (await knownEvaluation(store, recipe))?.groups.slice(0, recipe.protocol.groups) ?? [];
}

/** What is published now, and what the store adds to it. @throws as `knownGroups` */
export async function allRecords(store: Store): Promise<Published> {
  const records = new Map(await readPublished(store.options.out));
  const folder = store.workPath("evaluations");
  const names = existsSync(folder) ? (await readdir(folder)).filter((file) => file.endsWith(".csv")) : [];
  for (const name of names.map((file) => file.slice(0, -".csv".length))) {
    const path = join(folder, name);
    const own = (await readRecord(path))!;
    const hash = identityHash(own.identity);
    const published = records.get(hash);
    const placed = published && { place: store.path(GROUPS), record: published };
    records.set(hash, { ...(placed ? united({ place: `${path}.csv`, record: own }, placed) : own), name });
  }
  return records;
}

/**
 * Evaluates the groups that are missing, training what must be trained first, and what groups lack of `measures`.
 * @throws BusyError, the signal's reason, or UserError where what is known was made with a network that is not at hand
 */
export async function completeEvaluation(
  store: Store,
  recipe: EvaluationRecipe,
  measures: Measures = {},
): Promise<void> {
  const { print, signal } = store.options;
  const published = await publishedOf(store, recipe);
  await store.claim(evaluationName(recipe), () =>
    completeRecord(
      {
        path: recordPath(store, recipe),
        recipe,
        published,
        measures,
        evaluator: async (known) => {
          await requireNetwork(store, recipe, known);
          return evaluatorOf(store, recipe);
        },
        madeFrom: () => materialsOf(store, recipe),
      },
      { print, signal },
    ),
  );
}

/** Of an evaluation's files in the store, without their endings. */
export function recordPath(store: Store, recipe: EvaluationRecipe): string {
  return store.workPath("evaluations", evaluationName(recipe));
}

async function publishedOf(store: Store, recipe: EvaluationRecipe): Promise<Placed | undefined> {
  const record = (await store.published).get(identityHash(evaluationIdentity(recipe)));
  return record && { place: store.path(GROUPS), record };
}

/**
 * Images and classes of an evaluation's groups, and the checkpoint that it judges or starts from, which must be there: in
 * `networks`, a store of the same data.
 */
export async function materialsOf(store: Store, recipe: EvaluationRecipe, networks = store): Promise<Materials> {
  const data = await Promise.all(judgedOn(recipe).map((named) => dataMaterials(store, named)));
  const weights = usedNetwork(recipe) && { network: await weightsHash(networks, usedNetwork(recipe)!) };
  return Object.assign({}, ...data, weights) as Materials;
}

async function weightsHash(store: Store, network: NetworkRecipe): Promise<string> {
  return (await fileHash(judgedCheckpoint(store, network))).slice(0, 16);
}

/**
 * Networks that are trained again have other bits: they are not made for rows of before.
 * @throws UserError where what is known was made with a network that is not at hand
 */
export async function requireNetwork(
  store: Store,
  recipe: EvaluationRecipe,
  known: EvaluationRecord | undefined,
): Promise<void> {
  const network = usedNetwork(recipe);
  if (!network || !known) return;
  const isThere = existsSync(judgedCheckpoint(store, network));
  if (isThere && (await weightsHash(store, network)) === known.madeFrom["network"]) return;
  const which = `network ${networkName(network)}`;
  const whose = isThere ? `another ${which} than the one at hand` : `a ${which} that is not at hand`;
  throw new UserError(`the ${known.groups.length} groups that are known were made with ${whose}`, {
    hint: "bring its folder back, or give --out another folder to begin anew with a network trained there",
  });
}

async function groupsOf(store: Store, protocol: Protocol): Promise<Groups> {
  const data = await store.pool(protocol);
  return {
    ...store.compileOptions,
    data: { ...data, part: data.dataset.part },
    shape: protocol,
    key: evaluationKey(protocol.seed),
  };
}

async function evaluatorOf(store: Store, recipe: EvaluationRecipe): Promise<GroupEvaluator> {
  const { protocol } = recipe;
  const groups = await groupsOf(store, protocol);
  if ("network" in recipe) {
    const loaded = await trainedNetwork(store, recipe.network);
    if (loaded.method === "musml") return musmlEvaluator(loaded.target, groups);
    if (loaded.method === "fixed") return embeddingEvaluator(loaded.fixed, groups, loaded.fixed.rule ? ["few"] : HEADS);
    if (recipe.kind === "predict") return predictionEvaluator(loaded.model, groups);
    invariant(recipe.kind === "pudnet", () => `a network of PudNet evaluated as ${recipe.kind}`);
    const { norm, strength, wrongSketch } = recipe;
    const other = wrongSketch ? { wrongSketch: await groupsOf(store, wrongSketch) } : {};
    const part = strength === undefined ? {} : { strength };
    return pudnetEvaluator(loaded.model, groups, { heads: HEADS, norm, ...part, ...other });
  }
  const { arch: name, ...shape } = recipe.target;
  const arch = architecture(name, protocol.side, shape);
  const target = { arch, normalization: (await store.source(recipe.normalization)).normalization };
  if (recipe.kind === "random") return randomNetworkEvaluator(target, groups, HEADS);
  if (recipe.kind === "pixels") return rawPixelEvaluator(target, groups, HEADS);
  const { epochs, batch, optimizer, bodyRate, start } = recipe;
  const training = { epochs, batch, optimizer, seed: protocol.seed, ...(bodyRate === undefined ? {} : { bodyRate }) };
  const { signal } = store.options;
  const stoppable = { ...training, ...(signal ? { signal } : {}) };
  if (!start) return supervisedEvaluator(target, groups, stoppable);
  const { normalization, startOf } = await startNetwork(store, start);
  return supervisedEvaluator({ ...target, normalization }, groups, { ...stoppable, start: startOf });
}
