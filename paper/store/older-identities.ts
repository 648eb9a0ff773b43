// How version 0.1 identified networks and evaluations, and how what it named is called now. Goes with migrate.ts.

import { identityHash, withoutFrozen } from "pudnet/files";
import type { EvaluationRecipe, NetworkRecipe } from "../recipes/recipe.ts";

/** An object of plain data. */
export type Json = { readonly [name: string]: unknown };

/** The identity that this version gives to what an older one called `identity`: of a network, or of an evaluation. */
export function migrated(identity: Json): Json {
  const { heads: _, ...rest } = identity;
  if (rest["method"] === "pudnet") {
    const { validation: __, ...config } = rest["config"] as Json;
    const start = "start" in rest ? { start: migrated(rest["start"] as Json) } : {};
    return { ...rest, config: withoutFrozen(config), ...start };
  }
  const inner = ["network", "start"].filter((name) => name in rest);
  const changed = Object.fromEntries(inner.map((name) => [name, migrated(rest[name] as Json)]));
  return { ...rest, ...(rest["kind"] === "scratch" ? { kind: "supervised" } : {}), ...changed };
}

/** How version 0.1 identified a network: frozen. */
export function networkIdentity1(recipe: NetworkRecipe): Json {
  if (recipe.method !== "pudnet") {
    const start = "start" in recipe && recipe.start ? { start: networkIdentity1(recipe.start) } : {};
    return { ...recipe, ...start };
  }
  const { name: _, device: __, threads: ___, logEvery: ____, checkpointSeconds: _____, ...config } = recipe.config;
  const { root: ______, ...data } = config.data;
  const { sketchNorm, ...pudnet } = config.pudnet;
  const norm = sketchNorm === "batch" ? {} : { sketchNorm }; // an option without default
  const start = recipe.start ? { start: networkIdentity1(recipe.start) } : {}; // which 0.1 had none of
  return { method: "pudnet", config: { ...config, data, pudnet: { ...pudnet, ...norm } }, ...start };
}

/** How version 0.1 identified an evaluation, which was with these heads: frozen. */
export function evaluationIdentity1(recipe: EvaluationRecipe, heads?: readonly string[]): Json {
  const drawnBy = (protocol: EvaluationRecipe["protocol"]): Json => {
    const { groups: _, ...drawn } = protocol;
    return drawn;
  };
  const judged = (network: NetworkRecipe): Json => ({
    ...networkIdentity1(network),
    ...(network.method === "pudnet" ? { checkpoint: "last" } : {}),
  });
  return {
    ...recipe,
    ...(heads ? { heads } : {}),
    protocol: drawnBy(recipe.protocol),
    ...(recipe.kind === "supervised" ? { kind: "scratch" } : {}),
    ...("network" in recipe ? { network: judged(recipe.network) } : {}),
    ...("start" in recipe && recipe.start ? { start: judged(recipe.start) } : {}),
    ...("wrongSketch" in recipe && recipe.wrongSketch ? { wrongSketch: drawnBy(recipe.wrongSketch) } : {}),
  };
}

/** A name that ends in a hash. */
export const HASH = /^(.*)-([0-9a-f]{10})$/;

/** "pudnet-convnet-3-cifar-100-0123456789" by its new identity. */
export function networkNameOf(name: string, identity: Json): string {
  return name.replace(HASH, `$1-${identityHash(identity)}`);
}

/** "pudnet-...-0123456789-on-cifar-100-5-way-0123456789" by its new identity. */
export function evaluationNameOf(name: string, identity: Json): string {
  const [, what = "", where = ""] = /^(.*)(-on-.*-way-)[0-9a-f]{10}$/.exec(name) ?? [];
  const { checkpoint: _, ...network } = (identity["network"] ?? {}) as Json;
  const own = "network" in identity ? networkNameOf(what, network) : what.replace(/^scratch-/, "supervised-");
  return `${own}${where}${identityHash(identity)}`;
}
