// Trained networks by the hash of their recipe: loaded where they are complete, else trained, or trained on from the last
// checkpoint. Each is a run folder that people can open.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Arch,
  architecture,
  asTree,
  fold,
  type Host,
  type HostTensor,
  key,
  leaves,
  type Tree,
  UserError,
} from "pudnet/engine";
import { trainingData } from "pudnet/datasets";
import type { CheckpointFile, FixedNetwork } from "pudnet/evaluation";
import {
  canonicalJson,
  checkpointName,
  checkResult,
  fileHash,
  identityHash,
  isComplete,
  loadPudNet,
  META_COLUMNS,
  metaPlan,
  networkIdentity,
  PACKAGE_ROOT,
  parallelMetaPlan,
  RunFolder,
  runTraining,
  type TrainingPlan,
} from "pudnet/files";
import {
  episodicTraining,
  fillChecked,
  type MetaStart,
  metaSetup,
  METHODS,
  type MusmlOptions,
  type MusmlParams,
  musmlTraining,
  neckOf,
  parallelismOf,
  pretraining,
  type PudNetModel,
  type RunnerTarget,
  type SupervisedState,
  type TrainingProblem,
} from "pudnet/methods";
import {
  type EpisodicRecipe,
  type EvaluationRecipe,
  type MusmlRecipe,
  type NetworkRecipe,
  type TrainedRecipe,
  type PretrainedRecipe,
  type PudNetRecipe,
} from "../recipes/recipe.ts";
import { shippedFile } from "../recipes/shipped.ts";
import { dataMaterials } from "./materials.ts";
import { trainedOn, usedNetwork } from "./needs.ts";
import type { Store } from "./store.ts";

const CHECKPOINT_SECONDS = 120;
const COLUMNS = ["loss", "accuracy"];
const LOG_EVERY = 100;

export type LoadedNetwork =
  | { readonly method: "pudnet"; readonly model: PudNetModel }
  | { readonly method: "fixed"; readonly fixed: FixedNetwork }
  | {
      readonly method: "musml";
      readonly target: RunnerTarget & { readonly params: MusmlParams<HostTensor>; readonly options: MusmlOptions };
    };

/** "pudnet-convnet-3-cifar-100-0123456789": what it is, then the hash of all it is a function of. */
export function networkName(recipe: NetworkRecipe): string {
  if (recipe.method === "file") return checkpointName(recipe);
  const [what, arch, dataset] =
    recipe.method === "pudnet"
      ? ["pudnet", recipe.config.target.arch, recipe.config.data.dataset]
      : [recipe.method === "episodic" ? recipe.rule : recipe.method, recipe.target.arch, recipe.source.dataset];
  return `${what}-${arch}-${dataset.replaceAll(/[^\w-]+/g, "-")}-${identityHash(networkIdentity(recipe))}`;
}

/** The run folder of a recipe's network. */
export function networkFolder(store: Store, recipe: TrainedRecipe): string {
  return store.workPath("networks", `${networkName(recipe)}-1`);
}

/** The last state, as with every method: the best one would be chosen on images that some methods do not get to see. */
export function judgedCheckpoint(store: Store, recipe: NetworkRecipe): string {
  if (recipe.method === "file") return join(PACKAGE_ROOT, shippedFile(recipe).file);
  return join(networkFolder(store, recipe), "checkpoints", "last.safetensors");
}

/** Whether the file that an evaluation judges or starts from, where it is one, is there. */
export function hasFile(store: Store, recipe: EvaluationRecipe): boolean {
  const network = usedNetwork(recipe);
  return network?.method !== "file" || existsSync(judgedCheckpoint(store, network));
}

/**
 * Whether a recipe's training has come to its end.
 * @throws BusyError while another process trains it, UserError where the folder holds another network
 */
export async function isTrained(store: Store, recipe: TrainedRecipe): Promise<boolean> {
  if (!existsSync(join(networkFolder(store, recipe), "run.json"))) return false;
  await using folder = await RunFolder.open(networkFolder(store, recipe));
  checkRecipe(folder, recipe);
  return isComplete(folder, Number(folder.record["steps"]));
}

/** The trained network of a recipe. @throws BusyError while another process trains it; the signal's reason when stopped */
export async function trainedNetwork(store: Store, recipe: NetworkRecipe): Promise<LoadedNetwork> {
  if (recipe.method === "file") return { method: "pudnet", model: await shippedPudNet(store, recipe) };
  if (recipe.method === "pudnet") return trainedPudNet(store, recipe);
  if (recipe.method === "musml") return trainedMusml(store, recipe);
  return { method: "fixed", fixed: await fixedNetwork(store, recipe) };
}

/** @throws UserError where the file is another than the recipe names */
async function shippedPudNet(store: Store, recipe: CheckpointFile): Promise<PudNetModel> {
  const path = judgedCheckpoint(store, recipe);
  const sha256 = await fileHash(path);
  if (sha256 === recipe.sha256) return loadPudNet(path);
  throw new UserError(`"${path}" has the SHA-256 ${sha256}, expected ${recipe.sha256}`, {
    hint: "bring the file back as it comes with the repository",
  });
}

async function trainedPudNet(store: Store, recipe: PudNetRecipe): Promise<LoadedNetwork> {
  const { root } = store.options;
  const { threads, device } = store.compileOptions;
  const { groupsPerStep } = parallelismOf(recipe.config);
  const place = { device: groupsPerStep === 1 ? device : "cpu", ...(threads ? { threads } : {}) }; // groups side by side are for the CPU
  const config = { ...recipe.config, data: { ...recipe.config.data, root }, ...place };
  const setup = async () => {
    const dataset = await store.dataset(config.data.dataset, config.data.side);
    const split = await store.split(config.data.split, dataset);
    const start = recipe.start && (await startingNetwork(store, recipe.start));
    return metaSetup(config, trainingData(dataset, split, config.data), start);
  };
  if (groupsPerStep === 1) {
    await completed(store, recipe, META_COLUMNS, async () => metaPlan(config, await setup()));
  } else await completed(store, recipe, META_COLUMNS, async () => parallelMetaPlan(config, await setup()));
  return { method: "pudnet", model: await loadPudNet(judgedCheckpoint(store, recipe)) };
}

/** What a PudNet's learned kernels and norms start from. */
async function startingNetwork(store: Store, recipe: PretrainedRecipe): Promise<MetaStart> {
  const { normalization } = await store.source(recipe.source);
  const { params, stats } = await pretrainedState(store, recipe);
  const { kernels: learned, norms } = params.weights;
  return { arch: archOf(recipe), normalization, params: { learned, norms }, stats: { target: stats } };
}

async function trainedMusml(store: Store, recipe: MusmlRecipe): Promise<LoadedNetwork> {
  const data = await store.source(recipe.source);
  const arch = archOf(recipe);
  const problem = musmlTraining(data, arch, { ...recipe, musml: recipe.options, logEvery: LOG_EVERY });
  const { params } = await lastState(store, recipe, problem);
  const { normalization } = data;
  return { method: "musml", target: { arch, normalization, params, options: recipe.options } };
}

/** A pre-trained network, or an episodic one with its rule. */
async function fixedNetwork(store: Store, recipe: PretrainedRecipe | EpisodicRecipe): Promise<FixedNetwork> {
  const data = await store.source(recipe.source);
  const arch = archOf(recipe);
  const { normalization } = data;
  if (recipe.method === "pretrained") {
    const { params, stats } = await pretrainedState(store, recipe);
    const neck = neckFrom(recipe, arch, params.neck);
    return { arch, normalization, network: { weights: params.weights, stats }, ...(neck ? { neck } : {}) };
  }
  const method = METHODS[recipe.rule];
  const before = recipe.start && (await pretrainedState(store, recipe.start));
  const start = before && {
    network: { weights: before.params.weights, stats: before.stats },
    method: recipe.start?.neck ? before.params.neck : method.init(fold(key(recipe.seed), "method"), arch),
  };
  const problem = episodicTraining(data, arch, method, { ...recipe, logEvery: LOG_EVERY }, start);
  const { params, stats } = await lastState(store, recipe, problem);
  const neck = neckOf(method, arch, key(0));
  return {
    arch,
    normalization,
    network: { weights: params.weights, stats },
    ...(neck ? { neck: { ...neck, initial: params.method } } : {}),
    rule: { method, params: params.method },
  };
}

async function pretrainedState(store: Store, recipe: PretrainedRecipe): Promise<SupervisedState<HostTensor>> {
  const data = await store.source(recipe.source);
  const problem = pretraining(
    data,
    archOf(recipe),
    { ...recipe, logEvery: LOG_EVERY },
    neckFrom(recipe, archOf(recipe)),
  );
  return lastState(store, recipe, problem);
}

function neckFrom({ neck, seed }: PretrainedRecipe, arch: Arch, learned?: Tree<HostTensor>) {
  const made = neck && neckOf(METHODS[neck], arch, fold(key(seed), "neck"));
  return made && learned ? { ...made, initial: learned } : made;
}

function archOf({ target, source }: Exclude<TrainedRecipe, PudNetRecipe>): Arch {
  return architecture(target.arch, source.side, { stem: target.stem, width: target.width });
}

/** The state at the end of a baseline's training. */
async function lastState<S extends object, B extends object>(
  store: Store,
  recipe: TrainedRecipe,
  problem: TrainingProblem<S, B>,
): Promise<Host<S>> {
  await completed(store, recipe, COLUMNS, async () => ({
    ...store.compileOptions,
    problem,
    checkpointSeconds: CHECKPOINT_SECONDS,
    modelTensors: (state: Host<S>) => new Map(leaves(asTree<HostTensor>(state))),
    facts: () => ({}),
  }));
  await using opened = await RunFolder.open(networkFolder(store, recipe));
  const { tensors } = await opened.loadCheckpoint("last");
  return fillChecked(problem.first, tensors, opened.checkpointPath("last"));
}

/** Trains the network of a recipe to its end, where it is not. */
async function completed<S extends object, B extends object>(
  store: Store,
  recipe: TrainedRecipe,
  columns: readonly string[],
  plan: () => Promise<TrainingPlan<S, B>>,
): Promise<void> {
  const name = networkName(recipe);
  const path = networkFolder(store, recipe);
  await store.claim(name, async () => {
    // A process killed while it made the folder leaves one without a record, which holds nothing; it is ours to remove,
    // as nobody else has the claim.
    if (existsSync(path) && !existsSync(join(path, "run.json"))) await rm(path, { recursive: true });
    if (existsSync(path)) {
      await using folder = await RunFolder.open(path);
      checkRecipe(folder, recipe);
      if (await isComplete(folder, Number(folder.record["steps"]))) return;
      checkResult(path, folder.record.madeFrom, await dataMaterials(store, trainedOn(recipe)));
      await trainIn(store, folder, await plan());
    } else {
      const made = await plan();
      const madeFrom = await dataMaterials(store, trainedOn(recipe));
      const identity = networkIdentity(recipe) as Record<string, unknown>;
      const facts = { steps: made.problem.steps, recipe: identity, madeFrom };
      const config = recipe.method === "pudnet" ? recipe.config : recipe;
      await using folder = await RunFolder.create(store.workPath("networks"), name, {
        config,
        columns,
        facts,
        number: 1,
      });
      await trainIn(store, folder, made);
    }
  });
}

/** The name's hash is short, and folders can be moved: the record must say the same. */
function checkRecipe({ path, record }: RunFolder, recipe: TrainedRecipe): void {
  if (canonicalJson(record["recipe"]) === canonicalJson(networkIdentity(recipe))) return;
  throw new UserError(`"${path}" holds a network of another recipe than its name says`, {
    hint: "delete the folder or move it away; it will be made anew",
  });
}

async function trainIn<S extends object, B extends object>(
  store: Store,
  folder: RunFolder,
  plan: TrainingPlan<S, B>,
): Promise<void> {
  const { signal, print } = store.options;
  const { steps } = plan.problem;
  let printed = performance.now();
  const isDone = await runTraining(folder, plan, {
    ...(signal ? { signal } : {}),
    onStart: (step) => print(`${folder.name}: training from step ${step} of ${steps}`),
    onEvent: (event) => {
      if (event.kind !== "step" || performance.now() - printed < 30_000) return;
      printed = performance.now();
      const left = Math.round((steps - event.step) / event.stepsPerSecond);
      const figures = Object.entries(event.means).filter(([name]) => name === "loss" || name === "accuracy");
      const shown = figures.map(([name, value]) => `${name} ${value.toPrecision(4)}`).join(", ");
      print(
        `${folder.name}: step ${event.step} of ${steps}, ${shown}, ${event.stepsPerSecond.toFixed(1)} steps/s, ${left} s left`,
      );
    },
  });
  if (!isDone) throw signal?.reason ?? new Error("stopped");
}
