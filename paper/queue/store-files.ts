// What a store has of a parcel, as files: what is sent to whoever goes on with it, and what comes back.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, readWhole, recordTexts, writeFileAtomic } from "pudnet/files";
import type { TrainedRecipe } from "../recipes/recipe.ts";
import { evaluationName, knownEvaluation, requireNetwork } from "../store/evaluations.ts";
import { judgedCheckpoint, networkFolder, networkName } from "../store/networks.ts";
import { trainedNetworks } from "../store/needs.ts";
import type { Store } from "../store/store.ts";
import type { Parcel } from "./parcels.ts";

/** A file of a store. */
export interface StoreFile {
  /** In its work folder: "evaluations/NAME.csv", "networks/NAME-1/checkpoints/last.safetensors". */
  readonly path: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** What of a run folder stays where it is: the lock, and what is half-written. */
const LEFT = /(^|\/)lock$|\.tmp-/;

/**
 * All that is known of the evaluations of a parcel, and those of its networks that are trained or begun.
 * @throws UserError where what is known was made with a network that is not at hand, and as `knownEvaluation`
 */
export async function filesOf(store: Store, parcel: Parcel): Promise<StoreFile[]> {
  const files: StoreFile[] = [];
  for (const { recipe } of parcel) {
    const known = await knownEvaluation(store, recipe);
    if (!known) continue;
    await requireNetwork(store, recipe, known);
    for (const [ending, text] of Object.entries(recordTexts(known))) {
      const path = `evaluations/${evaluationName(recipe)}.${ending}`;
      files.push({ path, bytes: () => Promise.resolve(new TextEncoder().encode(text)) });
    }
  }
  for (const recipe of networksOf(parcel).values()) files.push(...(await runFiles(store, recipe)));
  return files;
}

/** The networks that a parcel trains, by name. */
export function networksOf(parcel: Parcel): Map<string, TrainedRecipe> {
  return new Map(parcel.flatMap(({ recipe }) => trainedNetworks(recipe)).map((one) => [networkName(one), one]));
}

async function runFiles(store: Store, recipe: TrainedRecipe): Promise<StoreFile[]> {
  if (!existsSync(judgedCheckpoint(store, recipe))) return []; // nothing that could be gone on with
  const folder = networkFolder(store, recipe);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, inside: file.slice(folder.length + 1).replaceAll("\\", "/") }))
    .filter(({ inside }) => !LEFT.test(inside))
    .map(({ file, inside }) => ({ path: `networks/${networkName(recipe)}-1/${inside}`, bytes: () => readWhole(file) }));
}

/** Whether a path is that of a file which `filesOf` could give of a parcel. */
export function belongsTo(parcel: Parcel, path: string): boolean {
  const [kind, name = "", ...inside] = path.split("/");
  if (kind === "evaluations") {
    const names = parcel.map(({ recipe }) => evaluationName(recipe));
    return inside.length === 0 && names.some((one) => name === `${one}.csv` || name === `${one}.json`);
  }
  return kind === "networks" && name.endsWith("-1") && networksOf(parcel).has(name.slice(0, -2)) && isInside(inside);
}

/** Of a run folder: no way out of it, and nothing hidden. */
function isInside(parts: readonly string[]): boolean {
  return parts.length > 0 && parts.length < 4 && parts.every((part) => /^[\w-][\w.-]{0,200}$/.test(part));
}

/** Lays files into the work folder of a store. */
export async function lay(store: Store, files: readonly StoreFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    const place = store.workPath(...path.split("/"));
    await makeFolder(dirname(place));
    await writeFileAtomic(place, await bytes());
  }
}
