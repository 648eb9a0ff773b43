// What of a recipe decides its numbers, and the hash of that, which names the result on disk.

import { createHash } from "node:crypto";
import { canonicalJson } from "../../formats/json.ts";
import type { TrainConfig } from "../../train/config.ts";
import type { EvaluationRecipe, NetworkRecipe, Protocol } from "../../train/evaluation/recipe.ts";

/** Raised when the numbers of all results change: a fault in sampling or evaluation was mended. */
const VERSION = 1;

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

/** What decides a network's numbers: a config without names, machine settings and how often it is logged. */
export function networkIdentity(recipe: TrainedNetwork): unknown {
  if (!recipe.config) {
    const start = recipe.start ? { start: networkIdentity(recipe.start) } : {};
    return { ...recipe, ...start };
  }
  const { name: _, device: __, threads: ___, logEvery: ____, checkpointSeconds: _____, ...config } = recipe.config;
  const { root: ______, ...data } = config.data;
  return { method: recipe.method, config: { ...config, data } };
}

/** What decides an evaluation's figures of one group: the number of groups does not. */
export function evaluationIdentity(recipe: EvaluationRecipe<TrainedNetwork>): unknown {
  const protocol = drawnBy(recipe.protocol);
  if (recipe.kind === "scratch") {
    const { start } = recipe;
    return { ...recipe, protocol, ...(start ? { start: judgedIdentity(start) } : {}) };
  }
  if ("network" in recipe) {
    const wrong = "wrongSketch" in recipe && recipe.wrongSketch ? { wrongSketch: drawnBy(recipe.wrongSketch) } : {};
    return { ...recipe, protocol, network: judgedIdentity(recipe.network), ...wrong };
  }
  return { ...recipe, protocol };
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
