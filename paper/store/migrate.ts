// Stores of version 0.1 brought into this version's form, once, by whoever opens one: networks and evaluations lay in <out>/ itself,
// and identities held heads, validation and every default. Stays for one minor version.

import { existsSync } from "node:fs";
import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { FormatError, UserError } from "pudnet/engine";
import type { GroupResult } from "pudnet/evaluation";
import {
  BusyError,
  csvText,
  type EvaluationRecord,
  groupedBy,
  identityHash,
  lockFolder,
  makeFolder,
  type Materials,
  parseCsv,
  parseGroups,
  parseJson,
  type Placed,
  type Provenance,
  readRecord,
  readText,
  type Session,
  united,
  writeFileAtomic,
  writeRecord,
} from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import type { NetworkRecipe } from "../recipes/recipe.ts";
import { table6 } from "../tables/ablations.ts";
import { ONE_HEAD } from "../tables/column.ts";
import { evaluationNameOf, HASH, type Json, migrated, networkIdentity1, networkNameOf } from "./older-identities.ts";
import type { Store } from "./store.ts";

const FORMAT = 2;
const WAIT_SECONDS = 5;

/** Whether a folder holds what an older version left. */
function hasOlder(store: Store): boolean {
  return existsSync(store.path("networks")) || existsSync(store.path("evaluations"));
}

/** @throws UserError for a store of a newer version */
async function isCurrent(store: Store): Promise<boolean> {
  const file = store.workPath("store.json");
  if (!existsSync(file)) return false;
  const hint = "delete the file if the store is of this version";
  const { data } = z.object({ format: z.int() }).safeParse(parseJson(await readText(file), file, hint));
  if (!data) throw new FormatError(file, "it does not say the store's format", { hint });
  if (data.format > FORMAT) {
    throw new UserError(`"${file}" is of format ${data.format}, and this version reads ${FORMAT}`, {
      hint: "update pudnet, or give --out another folder",
    });
  }
  return data.format === FORMAT;
}

/** For what only reads. @throws UserError where evaluations of an older version would be passed over */
export async function requireOpened(store: Store): Promise<void> {
  if ((await isCurrent(store)) || !existsSync(store.path("evaluations"))) return;
  throw new UserError(`"${store.path("evaluations")}" is of an older version`, {
    hint: "run something without --list and --pages: that takes it over",
  });
}

/** Makes the store ready, one of an older version by moving what it holds. @throws UserError where two things disagree */
export async function openStore(store: Store): Promise<void> {
  const { print, signal } = store.options;
  let isTold = false;
  while (!(await isCurrent(store))) {
    try {
      await store.claim("migration", () => migrate(store));
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      if (!isTold) print(`${error.message}; ${error.hint}`);
      isTold = true;
      await sleep(1000 * WAIT_SECONDS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Killed anywhere, it goes on the next time. */
async function migrate(store: Store): Promise<void> {
  if (hasOlder(store)) {
    const networks = await olderNetworks(store);
    const evaluations = await olderEvaluations(store);
    await noteNames(store, [...networks, ...evaluations]);
    await moveNetworks(store, networks);
    await mergeEvaluations(store, evaluations);
    await renameInCurves(store);
    await rm(store.path("networks", ".claims"), { recursive: true, force: true });
    for (const folder of ["networks", "evaluations"]) await rmdir(store.path(folder)).catch(() => undefined); // strangers stay
  }
  await makeFolder(store.workPath());
  await writeFileAtomic(store.workPath("store.json"), `${JSON.stringify({ format: FORMAT })}\n`);
}

interface Renamed {
  readonly name: string;
  readonly newName: string;
}

/** A table for people: what used to be called how. */
async function noteNames(store: Store, renamed: readonly Renamed[]): Promise<void> {
  const file = store.workPath("renamed.csv");
  const known = existsSync(file) ? parseCsv(await readText(file), file).slice(1) : [];
  const rows = new Map([...known, ...renamed.map(({ name, newName }) => [name, newName])].map((row) => [row[0], row]));
  await makeFolder(store.workPath());
  await writeFileAtomic(file, csvText([["was", "is"], ...rows.values()]));
}

interface OlderNetwork extends Renamed {
  readonly record: Json;
  readonly identity: Json;
}

/** The run folders below <out>/networks/. */
async function olderNetworks(store: Store): Promise<OlderNetwork[]> {
  const found: OlderNetwork[] = [];
  for (const folder of await namesIn(store.path("networks"))) {
    const file = store.path("networks", folder, "run.json");
    const [, name] = /^(.*-[0-9a-f]{10})-1$/.exec(folder) ?? [];
    if (name === undefined || !existsSync(file)) continue;
    const record = parseJson(await readText(file), file) as Json;
    // of a process that was killed before it renamed the folder, the record is new already
    const identity = migrated(record["recipe"] as Json);
    found.push({ name, newName: networkNameOf(name, identity), record, identity });
  }
  return found;
}

async function moveNetworks(store: Store, networks: readonly OlderNetwork[]): Promise<void> {
  const { print } = store.options;
  const folder = store.workPath("networks");
  await makeFolder(folder);
  for (const network of networks) {
    print(`${network.name} is now ${network.newName}`);
    await holding(store, network.name, () => moveNetwork(store, network));
  }
  for (const samples of (await namesIn(store.path("networks"))).filter((name) => name.endsWith(".safetensors"))) {
    print(`${samples} is now in ${folder}`);
    await rename(store.path("networks", samples), join(folder, samples));
  }
}

async function moveNetwork(store: Store, { name, newName, record, identity }: OlderNetwork): Promise<void> {
  const from = store.path("networks", `${name}-1`);
  const to = store.workPath("networks", `${newName}-1`);
  if (existsSync(to)) {
    throw new UserError(`"${from}" is to become "${to}", which is there already`, {
      hint: "move one of the two away",
    });
  }
  const lock = await lockFolder(from);
  try {
    const before = record["recipeBefore"] ?? record["recipe"];
    const renamed = { ...record, name: `${newName}-1`, recipe: identity, recipeBefore: before };
    await writeFileAtomic(join(from, "run.json"), `${JSON.stringify(renamed, undefined, 2)}\n`);
    await rename(from, to);
    await rm(join(to, "lock"), { force: true }); // it went along
  } finally {
    await lock.release();
  }
}

/** Work on what a process of the older version may work on. @throws BusyError while it does */
async function holding(store: Store, name: string, work: () => Promise<void>): Promise<void> {
  const folder = store.path("networks", ".claims", name);
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    await work();
  } finally {
    await lock.release();
  }
}

interface OlderEvaluation extends Renamed, Placed {
  readonly identity: Json;
}

interface OlderHead extends Provenance {
  readonly recipe: Json;
  readonly madeFrom: Materials;
  readonly continued?: readonly Session[];
}

const olderSchema = z.looseObject({
  recipe: z.record(z.string(), z.unknown()),
  madeFrom: z.record(z.string(), z.string()),
  continued: z.array(z.looseObject({ fromGroup: z.int().min(0) })).optional(),
});

/** The pairs of CSV and JSON below <out>/evaluations/. */
async function olderEvaluations(store: Store): Promise<OlderEvaluation[]> {
  const files = await namesIn(store.path("evaluations"));
  const found: OlderEvaluation[] = [];
  for (const name of files.filter((file) => file.endsWith(".csv")).map((file) => file.slice(0, -".csv".length))) {
    const [place, file] = [store.path("evaluations", `${name}.csv`), store.path("evaluations", `${name}.json`)];
    const hint = "delete the file and what of its name lies beside it";
    const head = parseJson(await readText(file), file, hint);
    if (!olderSchema.safeParse(head).success) throw new FormatError(file, "not the record of an evaluation", { hint });
    const { recipe, madeFrom, continued = [], ...own } = head as OlderHead;
    const identity = migrated(recipe);
    const sessions = [{ fromGroup: 0, ...own }, ...continued];
    const groups = parseGroups(await readText(place), place);
    const newName = evaluationNameOf(name, identity);
    found.push({ name, newName, identity, place, record: { identity, madeFrom, sessions, groups } });
  }
  return found;
}

const measuresOf = ({ groups: [first] }: EvaluationRecord): number => Object.keys(first?.accuracy ?? {}).length;

/** Those that differed in heads alone become one. @throws UserError where they disagree */
async function mergeEvaluations(store: Store, evaluations: readonly OlderEvaluation[]): Promise<void> {
  const folder = store.workPath("evaluations");
  await makeFolder(folder);
  for (const [newName, members] of groupedBy(evaluations, (one) => one.newName)) {
    store.options.print(`${members.map(({ name }) => name).join(" and ")}: now ${newName}`);
    const work = members.reduce(
      (inner, { name }) =>
        () =>
          holding(store, name, inner),
      () => merge(store, join(folder, newName), members),
    );
    await work();
  }
  const left = await namesIn(store.path("evaluations"));
  const alone = left.filter((name) => name.endsWith(".json") && !left.includes(name.replace(/json$/, "csv")));
  for (const name of alone) await rm(store.path("evaluations", name)); // it has no rows, or they have moved
}

async function merge(store: Store, path: string, members: readonly OlderEvaluation[]): Promise<void> {
  const known = await readRecord(path); // of a process that was killed before it removed the older ones
  const placed: Placed[] = known ? [{ place: `${path}.csv`, record: known }, ...members] : [...members];
  const widest = Math.max(...placed.map(({ record }) => measuresOf(record)));
  const sorted = placed.map((one) => (measuresOf(one.record) < widest ? withOneHead(one) : one));
  const [first, ...others] = sorted.toSorted((a, b) => measuresOf(b.record) - measuresOf(a.record));
  const whole = others.reduce((a, b) => ({ place: a.place, record: united(a, b) }), first!);
  await writeRecord(path, whole.record);
  for (const { name } of members) {
    await rm(store.path("evaluations", `${name}.csv`));
    await rm(store.path("evaluations", `${name}.json`), { force: true });
  }
}

/** Times that were taken while fewer heads were judged, kept under a name of their own beside the others. */
function withOneHead({ place, record }: Placed): Placed {
  const renamed = ({ accuracy, seconds: { prediction, ...seconds } }: GroupResult): GroupResult => ({
    accuracy,
    seconds: prediction === undefined ? seconds : { ...seconds, [ONE_HEAD]: prediction },
  });
  return { place, record: { ...record, groups: record.groups.map(renamed) } };
}

/** Figure 7's curves say which networks they are of. */
async function renameInCurves(store: Store): Promise<void> {
  const file = store.path("figure-7", "curves.csv");
  if (!existsSync(file)) return;
  const hashes = new Map(
    networksOfTable6().map((recipe) => {
      const identity = networkIdentity1(recipe);
      return [identityHash(identity), identityHash(migrated(identity))];
    }),
  );
  const [header = [], ...rows] = parseCsv(await readText(file), file);
  const column = header.indexOf("network");
  const renamed = rows.map((row) =>
    row.map((cell, i) =>
      i === column ? cell.replace(HASH, (_, what, hash) => `${what}-${hashes.get(hash) ?? hash}`) : cell,
    ),
  );
  await writeFileAtomic(file, csvText([header, ...renamed]));
}

/** Figure 7 is of Table VI's. */
function networksOfTable6(): NetworkRecipe[] {
  const cells = Object.values(BUDGETS).flatMap((budget) => table6(budget).cells);
  return cells.flatMap(({ evaluation }) => ("network" in evaluation ? [evaluation.network] : []));
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).toSorted() : [];
}
