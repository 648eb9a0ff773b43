// Evaluations by the hash of their recipe: a CSV with a row a group, and beside it a JSON that says what the hash stands for.
// An interrupted one goes on behind its last row; more groups are added behind those that are there.

import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { FormatError } from "../../errors.ts";
import { type EvaluationRecipe, evaluationIdentity } from "../../experiments/recipes.ts";
import { csvText, parseCsv } from "../../formats/csv.ts";
import { architecture } from "../../models/architectures.ts";
import { fold, key } from "../../tensor/random.ts";
import { embeddingEvaluator } from "../../train/evaluators/embedding.ts";
import type { GroupEvaluator, GroupFigures, Groups } from "../../train/evaluators/evaluator.ts";
import { musmlEvaluator } from "../../train/evaluators/musml.ts";
import { pudnetEvaluator } from "../../train/evaluators/pudnet.ts";
import { randomNetworkEvaluator, rawPixelEvaluator } from "../../train/evaluators/random-network.ts";
import { scratchEvaluator } from "../../train/evaluators/scratch.ts";
import { writeFileAtomic } from "../atomic-file.ts";
import { provenance } from "../provenance.ts";
import { networkName, trainedNetwork } from "./networks.ts";
import { startNetwork } from "./start-network.ts";
import { recipeHash, type Workshop } from "./workshop.ts";

/** Rows are written at least this often. */
const WRITE_SECONDS = 5;

/** "pudnet-...-on-cifar-100-0123456789". */
export function evaluationName(recipe: EvaluationRecipe): string {
  const { dataset, ways } = recipe.protocol;
  const what = "network" in recipe ? networkName(recipe.network) : `${recipe.kind}-${recipe.target.arch}`;
  const where = dataset.replaceAll(/[^\w-]+/g, "-");
  return `${what}-on-${where}-${ways}-way-${recipeHash(evaluationIdentity(recipe))}`;
}

/** The groups of an evaluation that are on disk, at most as many as the recipe asks for. */
export async function knownGroups(workshop: Workshop, recipe: EvaluationRecipe): Promise<GroupFigures[]> {
  const file = csvPath(workshop, recipe);
  if (!existsSync(file)) return [];
  const [header = [], ...rows] = parseCsv(await readFile(file, "utf8"), file);
  const groups = rows.map((row, i) => {
    if (Number(row[0]) !== i)
      throw new FormatError(file, `row ${i + 1} is group ${row[0]}`, { hint: "delete the file" });
    const figures = { accuracy: {} as Record<string, number>, seconds: {} as Record<string, number> };
    header.slice(1).forEach((column, c) => {
      const [kind, name] = column.split(/: (.*)/s) as ["accuracy" | "seconds", string];
      const cell = row[c + 1];
      if (cell !== undefined && cell !== "") figures[kind][name] = Number(cell);
    });
    return figures;
  });
  return groups.slice(0, recipe.protocol.groups);
}

/** Evaluates the groups that are missing, training what must be trained first. @throws BusyError, or the signal's reason */
export async function completeEvaluation(workshop: Workshop, recipe: EvaluationRecipe): Promise<void> {
  const name = evaluationName(recipe);
  await workshop.claim(name, async () => {
    const done = await knownGroups(workshop, recipe);
    const { groups: wanted } = recipe.protocol;
    if (done.length >= wanted) return;
    const evaluator = await evaluatorOf(workshop, recipe);
    const { print, signal } = workshop.options;
    const first = done.length;
    const start = performance.now();
    let [written, printed] = [start, start];
    try {
      print(`${name}: group ${first} of ${wanted}`);
      while (done.length < wanted) {
        signal?.throwIfAborted();
        done.push(await evaluator.evaluate(done.length));
        const now = performance.now();
        if (now - written > 1000 * WRITE_SECONDS || done.length === wanted) {
          await writeGroups(workshop, recipe, done);
          written = performance.now();
        }
        if (now - printed > 30_000) {
          const perGroup = (now - start) / 1000 / (done.length - first);
          print(`${name}: group ${done.length} of ${wanted}, ${Math.round(perGroup * (wanted - done.length))} s left`);
          printed = now;
        }
        await new Promise((resolve) => setImmediate(resolve)); // lets signals in: a call to onnxruntime blocks
      }
    } finally {
      await evaluator.release();
    }
  });
}

function csvPath(workshop: Workshop, recipe: EvaluationRecipe): string {
  return workshop.path("evaluations", `${evaluationName(recipe)}.csv`);
}

async function writeGroups(
  workshop: Workshop,
  recipe: EvaluationRecipe,
  groups: readonly GroupFigures[],
): Promise<void> {
  const file = csvPath(workshop, recipe);
  await mkdir(workshop.path("evaluations"), { recursive: true });
  const about = file.replace(/\.csv$/, ".json");
  if (!existsSync(about)) {
    const text = JSON.stringify({ recipe: evaluationIdentity(recipe), ...(await provenance()) }, undefined, 1);
    await writeFileAtomic(about, `${text}\n`);
  }
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
  await writeFileAtomic(file, csvText([header, ...rows]));
}

async function evaluatorOf(workshop: Workshop, recipe: EvaluationRecipe): Promise<GroupEvaluator> {
  const { protocol } = recipe;
  const data = await workshop.pool(protocol);
  const groups: Groups = {
    ...workshop.compileOptions,
    data: { ...data, part: data.dataset.part },
    shape: protocol,
    key: fold(key(protocol.seed), "evaluation"),
  };
  if (recipe.kind === "pudnet" || recipe.kind === "fixed" || recipe.kind === "musml") {
    const loaded = await trainedNetwork(workshop, recipe.network);
    if (loaded.method === "musml") return musmlEvaluator(loaded.target, groups);
    const heads = "heads" in recipe ? recipe.heads : (["few"] as const);
    if (loaded.method === "fixed") return embeddingEvaluator(loaded.fixed, groups, heads);
    const norm = recipe.kind === "pudnet" ? recipe.norm : "running";
    return pudnetEvaluator(loaded.model, groups, { heads, norm });
  }
  const { arch: name, width, stem } = recipe.target;
  const arch = architecture(name, protocol.side, { width, stem });
  const target = { arch, normalization: await workshop.normalization(recipe.normalization, protocol) };
  if (recipe.kind === "random") return randomNetworkEvaluator(target, groups, recipe.heads);
  if (recipe.kind === "pixels") return rawPixelEvaluator(target, groups, recipe.heads);
  const { epochs, batch, optimizer, bodyRate, start } = recipe;
  const training = { epochs, batch, optimizer, seed: protocol.seed, ...(bodyRate === undefined ? {} : { bodyRate }) };
  if (!start) return scratchEvaluator(target, groups, training);
  const { normalization, startOf } = await startNetwork(workshop, start);
  return scratchEvaluator({ ...target, normalization }, groups, { ...training, start: startOf });
}
