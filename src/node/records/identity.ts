// What of a recipe decides its numbers, and the hash of that, which names the result on disk.

import { createHash } from "node:crypto";
import { canonicalJson } from "../../formats/json.ts";
import type { TrainConfig } from "../../train/config-schema.ts";
import type { CheckpointFile, EvaluationRecipe, NetworkRecipe, Protocol } from "../../train/evaluation/recipe.ts";

/** Raised when the numbers of all results change: a fault in sampling or evaluation was mended. */
const VERSION = 1;

/** Letters of a data set's name in names of files. */
const LONGEST = 40;

/** The first 40 bits of the SHA-256 of a recipe, in hexadecimal. */
export function identityHash(identity: unknown): string {
  const text = canonicalJson({ version: VERSION, identity });
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}

/** The recipe of a network: of PudNet its config; of others what they are, and the network that their training starts from. */
export interface TrainedNetwork extends NetworkRecipe {
  readonly config?: TrainConfig;
  readonly start?: TrainedNetwork;
}

/**
 * Values of a config that are left out of identities, by their paths. They were the defaults when the option came, and never change:
 * so a default can be changed (what was named by it keeps its name), and an option be added with a default, as a row of this table.
 */
const FROZEN: Readonly<Record<string, string | number | boolean>> = {
  seed: 0,
  "data.turnedClasses": false,
  "data.augment": false,
  "data.trainOn": "train",
  "target.arch": "convnet-3",
  "target.width": 64,
  "pudnet.hiddenSize": 128,
  "pudnet.gruLayers": 2,
  "pudnet.generatorWidth": 8,
  "pudnet.beta": 0.1,
  "pudnet.sketch": "dataset",
  "pudnet.sketchOrder": "conv-act-norm",
  "pudnet.sketchNorm": "batch",
  "pudnet.context": true,
  "pudnet.predict": "all",
  "pudnet.fullLoss": 1,
  "pudnet.klLoss": 1,
  "pudnet.temperature": 10,
  "pudnet.learnTemperature": true,
  "pudnet.detachPrototypes": true,
  "group.ways": 5,
  "group.shots": 10,
  "group.queries": 15,
  "group.extra": 10,
  steps: 20_000,
  "optimizer.learningRate": 1e-3,
  "optimizer.warmUp": 500,
  "optimizer.decay": "constant",
  "optimizer.clip": 10,
};

/** Plain data without what is frozen, and without what is empty then. @example withoutFrozen({ seed: 0, steps: 10 }) // { steps: 10 } */
export function withoutFrozen(config: object, prefix = ""): object {
  const kept = Object.entries(config).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined || value === FROZEN[prefix + name]) return [];
    if (value === null || typeof value !== "object" || Array.isArray(value)) return [[name, value]];
    const inner = withoutFrozen(value, `${prefix}${name}.`);
    return Object.keys(inner).length > 0 ? [[name, inner]] : [];
  });
  return Object.fromEntries(kept) as object;
}

/**
 * What decides a network's numbers: a config without names, machine settings, how often it is logged and validated (the last state,
 * which is judged, does not depend on it), and without what is frozen.
 */
export function networkIdentity(recipe: TrainedNetwork): unknown {
  if (!recipe.config) {
    const start = recipe.start ? { start: networkIdentity(recipe.start) } : {};
    return { ...recipe, ...start };
  }
  const { name: _, device: __, threads: ___, logEvery: ____, checkpointSeconds: _____, ...config } = recipe.config;
  const { validation: ______, data, ...others } = config;
  const { root: _______, ...drawn } = data;
  const start = recipe.start ? { start: networkIdentity(recipe.start) } : {};
  return { method: recipe.method, config: withoutFrozen({ ...others, data: drawn }), ...start };
}

/** What decides an evaluation's figures of one group: the number of groups does not. */
export function evaluationIdentity(recipe: EvaluationRecipe<TrainedNetwork, unknown>): unknown {
  const protocol = drawnBy(recipe.protocol);
  if (recipe.kind === "supervised") {
    const { start } = recipe;
    return { ...recipe, protocol, ...(start ? { start: judgedIdentity(start) } : {}) };
  }
  if ("network" in recipe) {
    const wrong = "wrongSketch" in recipe && recipe.wrongSketch ? { wrongSketch: drawnBy(recipe.wrongSketch) } : {};
    return { ...recipe, protocol, network: judgedIdentity(recipe.network), ...wrong };
  }
  return { ...recipe, protocol };
}

/** The name of a record's files: "pudnet-...-on-cifar-100-5-way-0123456789". */
export function recordName<Network extends TrainedNetwork>(
  recipe: EvaluationRecipe<Network, unknown>,
  networkName: (network: Network) => string,
): string {
  const { dataset, ways } = recipe.protocol;
  const what = "network" in recipe ? networkName(recipe.network) : `${recipe.kind}-${recipe.target.arch}`;
  const where = dataset.replaceAll(/[^\w-]+/g, "-").slice(-LONGEST); // a user's data set is named by its path
  return `${what}-on-${where}-${ways}-way-${identityHash(evaluationIdentity(recipe))}`;
}

/** @example checkpointName({ method: "file", sha256: "0300833dd15c2b5e" }) // "file-0300833dd1" */
export function checkpointName({ sha256 }: CheckpointFile): string {
  return `file-${sha256.slice(0, 10)}`;
}

/** A protocol without its number of groups. */
function drawnBy(protocol: Protocol): Omit<Protocol, "groups"> {
  const { groups: _, ...drawn } = protocol;
  return drawn;
}

/** Runs of PudNet keep two checkpoints; the last one is judged. */
function judgedIdentity(recipe: TrainedNetwork): unknown {
  const identity = networkIdentity(recipe);
  return recipe.config ? { ...(identity as object), checkpoint: "last" } : identity;
}
