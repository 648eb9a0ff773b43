// The work that is disturbed: a row a kind of work, each with what must hold after a disturbance and at the end.

import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { readImageFolder } from "../../src/node/datasets/image-folder.ts";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { RunFolder } from "../../src/node/runs/run-folder.ts";
import { noRedis } from "../redis.ts";
import { run } from "./process.ts";
import { QueueBeside } from "./queue-beside.ts";
import { MANY_PICTURES, MODEL, OLD_PICTURES, PET_PICTURES, STAND_INS, TEST_SPLIT } from "./ground.ts";
import {
  classifierOutcome,
  classifierProblems,
  fileSha256,
  namesBelow,
  notAPrefix,
  refusal,
  sha256,
  withoutTimes,
} from "./reading.ts";
import type { Ground, Outcome, Scenario } from "./scenario.ts";

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  train: {
    about: "`pudnet train`, resumed until it is done",
    weight: 5,
    disturbancesEach: 8,
    command: async (place) => {
      const begun = await begunRun(join(place, "runs"));
      return begun === undefined
        ? ["train", "--config", "config.yaml", ...SHORTER, "--runs", join(place, "runs")]
        : ["train", "--resume", begun];
    },
    outcome: async (place) => runOutcome((await begunRun(join(place, "runs")))!),
    inspect: async (place, _, end) => runsProblems(join(place, "runs"), end),
  },
  ...(noRedis === undefined ? { "train-queue": trainByQueue() } : {}),
  predict: {
    about: "`pudnet predict` into a new folder",
    weight: 2,
    disturbancesEach: 5,
    command: async (place) => {
      const out = join(place, "out", "pets");
      return [...predict(PET_PICTURES, out), ...(existsSync(out) ? ["--force"] : [])]; // killed when all was done
    },
    outcome: (place) => classifierOutcome(join(place, "out", "pets")),
    inspect: (place, _, end) => classifierProblems(join(place, "out", "pets"), ["absent", "unfinished", end]),
  },
  "predict-force": {
    about: "`pudnet predict --force` over a classifier of other pictures",
    weight: 3,
    disturbancesEach: 5,
    prepare: layOldClassifier,
    command: async (place) => [...predict(PET_PICTURES, join(place, "pets")), "--force"],
    outcome: (place) => classifierOutcome(join(place, "pets")),
    inspect: replacedProblems,
  },
  finetune: {
    about: "`pudnet finetune --force` over a classifier of other pictures",
    weight: 2,
    disturbancesEach: 5,
    prepare: layOldClassifier,
    command: async (place) =>
      [
        ["finetune", PET_PICTURES, "--out", join(place, "pets"), "--model", MODEL],
        ["--epochs", "2", "--no-compare", "--threads", "1", "--force"],
      ].flat(),
    outcome: (place) => classifierOutcome(join(place, "pets")),
    inspect: replacedProblems,
  },
  cache: {
    about: "`pudnet predict` while it fills the cache of decoded pictures",
    weight: 3,
    disturbancesEach: 5,
    cache: (place) => join(place, "cache"),
    command: async (place) => [...predict(MANY_PICTURES, join(place, "pets")), "--force"],
    outcome: async (place, ground) => ({
      ...(await classifierOutcome(join(place, "pets"))),
      cached: sha256(await cachedPictures(place, ground)),
    }),
    inspect: async (place, ground, end) => {
      const isRight = sha256(await cachedPictures(place, ground)) === end["cached"];
      const problems = await classifierProblems(join(place, "pets"), [
        "absent",
        "unfinished",
        withoutKey(end, "cached"),
      ]);
      return isRight ? problems : ["the cache gives other pictures than the files", ...problems];
    },
    goesOnWithout: /decoded pictures are not cached: cannot write ".*": no space left on the disk/,
  },
  evaluate: {
    about: "`pudnet evaluate`, which goes on behind the last group that it wrote",
    weight: 3,
    disturbancesEach: 5,
    command: async (place) =>
      [
        ["evaluate", "--model", MODEL, "--data", "pictures", "--split", TEST_SPLIT, "--threads", "1"],
        ["--groups", "8", "--ways", "3", "--shots", "2", "--generation", "4", "--test", "2", "--baseline-groups", "4"],
        ["--out", join(place, "records")],
      ].flat(),
    outcome: async (place) => recordsOutcome(join(place, "records")),
    inspect: async (place, _, end) => recordsProblems(join(place, "records"), end),
  },
  report: {
    about: "`pudnet evaluate --classifier --report` over an older page",
    weight: 2,
    disturbancesEach: 5,
    prepare: async (place, ground) => cp(await oldPage(ground), join(place, "report.html")),
    command: async (place, ground) => report(await oldClassifier(ground), OLD_PICTURES, join(place, "report.html")),
    outcome: async (place) => ({ page: await readPage(join(place, "report.html")) }),
    inspect: async (place, ground, end) => {
      const found = await readPage(join(place, "report.html"));
      const whole = [await readPage(await oldPage(ground)), end["page"]];
      return whole.includes(found) ? [] : ["report.html is neither the old page nor the new one"];
    },
  },
  "data-make": {
    about: "`pudnet data make`: a set is whole or not there",
    weight: 2,
    disturbancesEach: 5,
    command: async (place) => ["data", "make", "shapes", "--size", "2", "--root", join(place, "data")],
    outcome: (place) => filesOutcome(join(place, "data")),
    inspect: async (place, _, end) => {
      const set = join(place, "data", "shapes");
      if (!existsSync(set)) return [];
      const found = await filesOutcome(join(place, "data"), "shapes");
      return Object.keys(end).every((name) => found[name] === end[name]) ? [] : [`${set} is there and not whole`];
    },
  },
  reproduce: {
    about: "`npm run reproduce` of two cells of Table I: training, evaluations, pages",
    weight: 1,
    disturbancesEach: 5,
    command: async (place) =>
      [
        ["reproduce", "table-1", "--budget", "quick", "--root", STAND_INS, "--threads", "1"],
        ["--out", join(place, "out"), ...CELLS.flatMap((cell) => ["--cell", cell])],
      ].flat(),
    outcome: (place) => reproducedOutcome(join(place, "out")),
    inspect: async (place, _, end) => reproducedProblems(join(place, "out"), end),
  },
};

/** Undisturbed it is done by processes of one machine: the numbers are the same. */
function trainByQueue(): Scenario {
  const several = ["--set", "groupsPerStep=2"];
  return {
    about: "`pudnet train --queue`, whose workers and Redis are killed too",
    weight: 5,
    disturbancesEach: 8,
    beside: (ground, source) => QueueBeside.start(ground, source),
    command: async (place) => {
      const begun = await begunRun(join(place, "runs"));
      return begun === undefined
        ? ["train", "--config", "config.yaml", ...SHORTER, ...several, "--runs", join(place, "runs")]
        : ["train", "--resume", begun];
    },
    outcome: async (place) => runOutcome((await begunRun(join(place, "runs")))!),
    inspect: async (place, _, end) => runsProblems(join(place, "runs"), end),
  };
}

const SHORTER = ["steps=60", "validation.every=20", "optimizer.warmUp=10"].flatMap((one) => ["--set", one]);
const CELLS = ["convnet-3/fashion-set/protonet", "convnet-3/fashion-set/random"];

function predict(pictures: string, out: string): string[] {
  return ["predict", pictures, "--out", out, "--model", MODEL, "--threads", "1"];
}

function report(classifier: string, pictures: string, page: string): string[] {
  return ["evaluate", "--classifier", classifier, "--data", pictures, "--threads", "1", "--report", page];
}

/** The checksums of all files in a folder, or in one below it, by their names from the folder. */
async function filesOutcome(folder: string, below = "."): Promise<Outcome> {
  const entries = await readdir(join(folder, below), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hashed = files.sort().map(async (path) => [relative(folder, path), await fileSha256(path)] as const);
  return Object.fromEntries(await Promise.all(hashed));
}

// Classifiers

async function layOldClassifier(place: string, ground: Ground): Promise<void> {
  await cp(await oldClassifier(ground), join(place, "pets"), { recursive: true });
}

/** Made once on a ground. */
async function oldClassifier({ folder }: Ground): Promise<string> {
  const made = join(folder, "old-classifier");
  if (!existsSync(made)) await make(predict(OLD_PICTURES, made), { folder });
  return made;
}

async function make(args: readonly string[], { folder }: Ground): Promise<void> {
  const { code, stderr } = await run(args, { cwd: folder });
  if (code !== 0) throw new Error(`pudnet ${args.join(" ")}, which makes what is replaced later, failed: ${stderr}`);
}

async function replacedProblems(place: string, ground: Ground, end: Outcome): Promise<string[]> {
  const old = await classifierOutcome(await oldClassifier(ground));
  return classifierProblems(join(place, "pets"), [old, end]);
}

/** What a reader of the pictures gets with the cache as it is; it reads a copy, since reading fills the cache. */
async function cachedPictures(place: string, { folder }: Ground): Promise<Uint8Array> {
  const cache = await mkdtemp(join(tmpdir(), "pudnet-soak-cache-"));
  try {
    if (existsSync(join(place, "cache"))) await cp(join(place, "cache"), cache, { recursive: true });
    return (await readImageFolder(join(folder, MANY_PICTURES), { side: 16, cache })).dataset.images;
  } finally {
    await rm(cache, { recursive: true });
  }
}

// Runs

/** The run that `--resume` goes on with: the last one that is whole. */
async function begunRun(runs: string): Promise<string | undefined> {
  const names = existsSync(runs) ? await readdir(runs) : [];
  const whole = names.filter((name) => existsSync(join(runs, name, "run.json")));
  return whole.length === 0 ? undefined : join(runs, whole.sort().at(-1)!);
}

const METRICS = ["metrics.csv", "metrics.jsonl"];
const CHECKPOINTS = ["last", "best"].map((kind) => join("checkpoints", `${kind}.safetensors`));

async function runOutcome(path: string): Promise<Outcome> {
  const metrics = METRICS.map(async (name) => [name, await readFile(join(path, name), "utf8")]);
  const kept = CHECKPOINTS.filter((name) => existsSync(join(path, name)));
  const checkpoints = kept.map(async (name) => {
    const { metadata, tensors } = await loadCheckpoint(join(path, name));
    return [name, `${JSON.stringify(metadata)} ${tensors.size} tensors, ${await fileSha256(join(path, name))}`];
  });
  const config = readFile(join(path, "config.yaml"), "utf8").then((text) => ["config.yaml", text]);
  return Object.fromEntries(await Promise.all([...metrics, ...checkpoints, config])) as Outcome;
}

async function runsProblems(runs: string, end: Outcome): Promise<string[]> {
  const names = existsSync(runs) ? await readdir(runs) : [];
  return (await Promise.all(names.map((name) => runProblems(join(runs, name), end)))).flat();
}

async function runProblems(path: string, end: Outcome): Promise<string[]> {
  if (!existsSync(join(path, "run.json"))) {
    const refused = await refusal(() => RunFolder.open(path));
    const says = "message" in refused ? refused.message : refused.problem;
    return /is not a (whole run|run folder)/.test(says) ? [] : [`"${path}" is unfinished, but opening it: ${says}`];
  }
  const problems: string[] = [];
  for (const name of METRICS) {
    // what follows the last line end is a row that was being written; a resumption drops it
    const whole = (await readFile(join(path, name), "utf8")).split("\n").slice(0, -1).join("\n");
    if (whole !== "") problems.push(...notAPrefix(whole, end[name]!, join(path, name)));
  }
  for (const name of CHECKPOINTS.filter((one) => existsSync(join(path, one)))) {
    await loadCheckpoint(join(path, name)).catch((error: Error) => problems.push(error.message));
  }
  return problems;
}

// Evaluations

async function readWithoutTimes(csv: string): Promise<string> {
  return withoutTimes(await readFile(csv, "utf8"), csv);
}

async function groupsProblems(csv: string, expected: string): Promise<string[]> {
  if (!existsSync(csv)) return [];
  try {
    return notAPrefix(await readWithoutTimes(csv), expected, csv);
  } catch (error) {
    return [(error as Error).message];
  }
}

async function recordNames(folder: string): Promise<string[]> {
  return (await namesBelow(folder)).filter((name) => name.endsWith(".csv"));
}

async function recordsOutcome(folder: string): Promise<Outcome> {
  const outcome: Record<string, string> = {};
  for (const name of await recordNames(folder)) outcome[name] = await readWithoutTimes(join(folder, name));
  return outcome;
}

async function recordsProblems(folder: string, end: Outcome): Promise<string[]> {
  const problems: string[] = [];
  for (const name of await recordNames(folder))
    problems.push(...(await groupsProblems(join(folder, name), end[name] ?? "")));
  return problems;
}

/** Of the same classifier on other pictures, made once on a ground. */
async function oldPage(ground: Ground): Promise<string> {
  const made = join(ground.folder, "old-report.html");
  if (!existsSync(made)) await make(report(await oldClassifier(ground), PET_PICTURES, made), ground);
  return made;
}

/** All but what says which command made it, where and when. */
async function readPage(path: string): Promise<string> {
  const html = await readFile(path, "utf8");
  return html.replace(/<dl class="facts">.*?<\/pre>/s, "").replace(/Made by PudNet, [\d-]+ [\d:]+/, "");
}

/** Evaluations, the trained network, and all pages but for the times in them. */
export async function reproducedOutcome(out: string): Promise<Outcome> {
  const outcome: Record<string, string> = { ...(await recordsOutcome(join(out, "store", "evaluations"))) };
  for (const name of await networksIn(out)) {
    for (const [what, value] of Object.entries(await runOutcome(join(out, "store", "networks", name)))) {
      if (what !== "config.yaml") outcome[`${name}/${what}`] = value;
    }
  }
  outcome["results.csv"] = await readWithoutTimes(join(out, "results.csv"));
  const pages = (await namesBelow(out)).filter((name) => !/^store(\/|$)|\.tmp-/.test(name));
  outcome["pages"] = pages.join("\n");
  return outcome;
}

async function networksIn(out: string): Promise<string[]> {
  const folder = join(out, "store", "networks");
  return existsSync(folder) ? (await readdir(folder)).filter((name) => !name.startsWith(".")) : [];
}

async function reproducedProblems(out: string, end: Outcome): Promise<string[]> {
  const problems = await recordsProblems(join(out, "store", "evaluations"), end);
  for (const name of await networksIn(out)) {
    const own = METRICS.map((file) => [file, end[`${name}/${file}`] ?? ""]);
    problems.push(...(await runProblems(join(out, "store", "networks", name), Object.fromEntries(own) as Outcome)));
  }
  return problems;
}

function withoutKey(outcome: Outcome, name: string): Outcome {
  return Object.fromEntries(Object.entries(outcome).filter(([key]) => key !== name));
}
