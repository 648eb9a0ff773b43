// Evaluations by the hash of their recipe: a CSV with a row a group, and beside it a JSON that says what the hash stands for.
// An interrupted one goes on behind its last row; more groups are added behind those that are there.

import { existsSync } from "node:fs";
import { architecture, FormatError, invariant } from "pudnet/engine";
import {
  embeddingEvaluator,
  evaluationKey,
  type GroupEvaluator,
  type GroupResult,
  type Groups,
  musmlEvaluator,
  pudnetEvaluator,
  randomNetworkEvaluator,
  rawPixelEvaluator,
  supervisedEvaluator,
} from "pudnet/evaluation";
import { csvText, isNumber, makeFolder, parseCsv, readText, writeFileAtomic } from "pudnet/files";
import { type EvaluationRecipe, evaluationIdentity, type Protocol } from "../recipes/recipe.ts";
import { checkRecord, materialsOf, noteSession } from "./evaluation-record.ts";
import { networkName, trainedNetwork } from "./networks.ts";
import { startNetwork } from "./start-network.ts";
import { identityHash, type Store } from "./store.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** "pudnet-...-on-cifar-100-0123456789". */
export function evaluationName(recipe: EvaluationRecipe): string {
  const { dataset, ways } = recipe.protocol;
  const what = "network" in recipe ? networkName(recipe.network) : `${recipe.kind}-${recipe.target.arch}`;
  const where = dataset.replaceAll(/[^\w-]+/g, "-");
  return `${what}-on-${where}-${ways}-way-${identityHash(evaluationIdentity(recipe))}`;
}

/**
 * The groups of an evaluation that are on disk, at most as many as the recipe asks for.
 * @throws FormatError for a file that was damaged
 */
export async function knownGroups(store: Store, recipe: EvaluationRecipe): Promise<GroupResult[]> {
  const file = csvPath(store, recipe);
  if (!existsSync(file)) return [];
  return parseGroups(await readText(file), file).slice(0, recipe.protocol.groups);
}

function parseGroups(text: string, file: string): GroupResult[] {
  const damaged = (what: string): FormatError =>
    new FormatError(file, what, { hint: "delete the file, and its groups are evaluated again" });
  const [header = [], ...rows] = parseCsv(text, file);
  if (header[0] !== "group") throw damaged(`its first column is "${header[0] ?? ""}", expected "group"`);
  const columns = header.slice(1).map((column) => {
    const [, kind, name] = /^(accuracy|seconds): (.+)$/s.exec(column) ?? [];
    if (name === undefined) throw damaged(`column "${column}" is neither an accuracy nor seconds`);
    return { kind: kind as "accuracy" | "seconds", name };
  });
  if (new Set(header).size < header.length) throw damaged("two of its columns have the same name");
  return rows.map((row, i) => {
    if (row[0] !== String(i)) throw damaged(`row ${i + 1} is group "${row[0]}", expected ${i}`);
    if (row.length !== header.length) throw damaged(`group ${i} has ${row.length} cells, its header ${header.length}`);
    const figures = { accuracy: {} as Record<string, number>, seconds: {} as Record<string, number> };
    columns.forEach(({ kind, name }, c) => {
      const cell = row[c + 1]!;
      if (cell === "") return;
      if (!isNumber(cell)) throw damaged(`group ${i}: "${cell}" is no number`);
      if (kind === "accuracy" && !(Number(cell) >= 0 && Number(cell) <= 1))
        throw damaged(`group ${i}: accuracy ${cell}`);
      figures[kind][name] = Number(cell);
    });
    return figures;
  });
}

/** Evaluates the groups that are missing, training what must be trained first. @throws BusyError, or the signal's reason */
export async function completeEvaluation(store: Store, recipe: EvaluationRecipe): Promise<void> {
  const name = evaluationName(recipe);
  await store.claim(name, async () => {
    const done = await knownGroups(store, recipe);
    const { groups: wanted } = recipe.protocol;
    if (done.length >= wanted) return;
    const evaluator = await evaluatorOf(store, recipe);
    try {
      const keep = await keeperOf(store, recipe, done.length);
      try {
        await evaluateGroups(store, recipe, { evaluator, done, keep });
      } finally {
        await keep(done); // also what was done before a stop or a failure
      }
    } finally {
      await evaluator.release();
    }
  });
}

interface Progress {
  readonly evaluator: GroupEvaluator;
  /** Figures of the groups so far: what is evaluated is added. */
  readonly done: GroupResult[];
  readonly keep: (done: readonly GroupResult[]) => Promise<void>;
}

/** Evaluates the groups behind those that are done, keeping them now and then. @throws the signal's reason */
async function evaluateGroups(store: Store, recipe: EvaluationRecipe, progress: Progress): Promise<void> {
  const { evaluator, done, keep } = progress;
  const { print, signal } = store.options;
  const { groups: wanted } = recipe.protocol;
  const name = evaluationName(recipe);
  const first = done.length;
  const start = performance.now();
  let [written, printed] = [start, start];
  print(`${name}: group ${first} of ${wanted}`);
  while (done.length < wanted) {
    signal?.throwIfAborted();
    done.push(await evaluator.evaluate(done.length));
    const now = performance.now();
    if (now - written > 1000 * WRITE_SECONDS) {
      await keep(done);
      written = now;
    }
    if (now - printed > 30_000) {
      const perGroup = (now - start) / 1000 / (done.length - first);
      print(`${name}: group ${done.length} of ${wanted}, ${Math.round(perGroup * (wanted - done.length))} s left`);
      printed = now;
    }
    await new Promise((resolve) => setImmediate(resolve)); // lets signals in: a call to onnxruntime blocks
  }
}

/** Writes the rows once there are more than on disk, and beforehand who makes them. @throws UserError for other images or weights */
async function keeperOf(store: Store, recipe: EvaluationRecipe, fromGroup: number) {
  const file = csvPath(store, recipe);
  const record = file.replace(/\.csv$/, ".json");
  const madeFrom = await materialsOf(store, recipe);
  await checkRecord(record, madeFrom);
  let kept = fromGroup;
  return async (done: readonly GroupResult[]): Promise<void> => {
    if (done.length === kept) return;
    await makeFolder(store.path("evaluations"));
    if (kept === fromGroup) await noteSession(record, { recipe: evaluationIdentity(recipe), madeFrom, fromGroup });
    await writeFileAtomic(file, groupsCsv(done));
    kept = done.length;
  };
}

function csvPath(store: Store, recipe: EvaluationRecipe): string {
  return store.path("evaluations", `${evaluationName(recipe)}.csv`);
}

function groupsCsv(groups: readonly GroupResult[]): string {
  const accuracies = Object.keys(groups[0]!.accuracy);
  const timings = Object.keys(groups[0]!.seconds);
  const header = [
    "group",
    ...accuracies.map((name) => `accuracy: ${name}`),
    ...timings.map((name) => `seconds: ${name}`),
  ];
  const rows = groups.map(({ accuracy, seconds }, i) => [
    i,
    ...accuracies.map((name) => accuracy[name]),
    ...timings.map((name) => Number(seconds[name]?.toPrecision(4))),
  ]);
  return csvText([header, ...rows]);
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
  if (recipe.kind === "pudnet" || recipe.kind === "fixed" || recipe.kind === "musml") {
    const loaded = await trainedNetwork(store, recipe.network);
    if (loaded.method === "musml") return musmlEvaluator(loaded.target, groups);
    const heads = "heads" in recipe ? recipe.heads : (["few"] as const);
    if (loaded.method === "fixed") return embeddingEvaluator(loaded.fixed, groups, heads);
    invariant(recipe.kind === "pudnet", () => `a network of PudNet evaluated as ${recipe.kind}`);
    const { norm, wrongSketch } = recipe;
    const other = wrongSketch ? { wrongSketch: await groupsOf(store, wrongSketch) } : {};
    return pudnetEvaluator(loaded.model, groups, { heads, norm, ...other });
  }
  const { arch: name, width, stem } = recipe.target;
  const arch = architecture(name, protocol.side, { width, stem });
  const target = { arch, normalization: (await store.source(recipe.normalization)).normalization };
  if (recipe.kind === "random") return randomNetworkEvaluator(target, groups, recipe.heads);
  if (recipe.kind === "pixels") return rawPixelEvaluator(target, groups, recipe.heads);
  const { epochs, batch, optimizer, bodyRate, start } = recipe;
  const training = { epochs, batch, optimizer, seed: protocol.seed, ...(bodyRate === undefined ? {} : { bodyRate }) };
  const { signal } = store.options;
  const stoppable = { ...training, ...(signal ? { signal } : {}) };
  if (!start) return supervisedEvaluator(target, groups, stoppable);
  const { normalization, startOf } = await startNetwork(store, start);
  return supervisedEvaluator({ ...target, normalization }, groups, { ...stoppable, start: startOf });
}
