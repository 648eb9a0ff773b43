// pudnet reproduce: the paper's tables and figures, cell by cell.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { closest, UserError } from "../errors.ts";
import { type Budget, type BudgetName, BUDGETS } from "../experiments/budgets.ts";
import type { Cell, Experiment } from "../experiments/cells.ts";
import { EXPERIMENTS } from "../experiments/experiments.ts";
import { cellResults } from "../node/reproduce/cell-results.ts";
import { measuredText } from "../node/reproduce/cell-text.ts";
import { evaluationName } from "../node/reproduce/evaluations.ts";
import { type Failure, runEvaluations } from "../node/reproduce/run-evaluations.ts";
import { STUDIES } from "../node/reproduce/studies.ts";
import { readText } from "../node/files/read-file.ts";
import type { Study } from "../node/reproduce/study.ts";
import { Workshop } from "../node/reproduce/workshop.ts";
import { writeAllPages } from "../node/reproduce/all-pages.ts";
import { formatPercent } from "../statistics.ts";
import { oneOf, refuseIdle, threadsOption, wholeNumber } from "./options.ts";
import { errorLines, print, printError } from "./output.ts";
import { STOPPED, stopOnSignals } from "./signals.ts";

const EXAMPLES = `
WHAT is an experiment (${Object.keys(EXPERIMENTS).join(", ")}), a study (${Object.keys(STUDIES).join(", ")}) or all.
Trained networks and results are kept under --out by the hash of what they are functions of: a rerun goes on where the last
one stopped, and a changed recipe makes only what depends on it anew. --jobs works on several results at once.

Examples:
  pudnet reproduce all --budget quick
  pudnet reproduce table-7 --cell "convnet-3/cifar-100-set/pudnet*" --budget cpu --jobs 2
  pudnet reproduce table-1 --list`;

export function reproduceCommand() {
  return new Command("reproduce")
    .argument("<what>", "an experiment, a study, or all")
    .option("--cell <pattern>", "only these cells; * stands for anything; repeat for more", collect, [] as string[])
    .option(
      "--budget <budget>",
      "quick (minutes), cpu (hours of two cores), full (the paper's numbers)",
      oneOf(BUDGET_NAMES),
      "cpu",
    )
    .option(
      "--out <folder>",
      "where results go (default: reproduce; reproduce/quick and reproduce/full for these budgets)",
    )
    .option("--root <folder>", "folder that holds the data sets", "data")
    .option(
      "--jobs <n>",
      "processes side by side, with one thread each unless --threads says more",
      wholeNumber(1, MOST_JOBS),
      1,
    )
    .option("--list", "print the cells and what is known of them; run nothing")
    .option("--pages", "write the pages from what is known; run nothing")
    .addOption(new Option("--worker", "run cells, but write no pages (what --jobs starts)").hideHelp())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(async (what, options, command) => {
      const hint = "it runs nothing: leave one of the two out";
      if (options.list) refuseIdle(command, "--list", ["pages", "jobs", "threads"], hint);
      if (options.pages) refuseIdle(command, "--pages", ["cell", "jobs", "threads"], hint);
      const stop = new AbortController();
      // a worker of --jobs gets the terminal's SIGINT and the SIGTERM that its parent passes on: that is one stop
      const release = stopOnSignals(stop, "stopping with a checkpoint", { killsOn: "the same signal again" });
      try {
        await reproduce(what, options, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted || error !== stop.signal.reason) throw error; // what failed while stopping must be seen
        print("stopped; the same command goes on from here");
        process.exitCode = STOPPED;
      } finally {
        release();
      }
    });
}

const MOST_JOBS = 256;
const BUDGET_NAMES = Object.keys(BUDGETS) as BudgetName[];

const collect = (value: string, all: string[]): string[] => [...all, value];

interface Options {
  readonly cell: readonly string[];
  readonly budget: BudgetName;
  readonly out?: string | undefined;
  readonly root: string;
  readonly jobs: number;
  readonly list?: true | undefined;
  readonly pages?: true | undefined;
  readonly worker?: true | undefined;
  readonly threads?: number | undefined;
}

async function reproduce(what: string, options: Options, signal: AbortSignal): Promise<void> {
  const { budget: name, jobs } = options;
  const out = options.out ?? (name === "cpu" ? "reproduce" : join("reproduce", name));
  // studies keep the threads of a process that is alone: one of them measures time
  const workshop = new Workshop({ out, root: options.root, threads: options.threads, signal, print: printTimed });
  const { experiments, studies } = chosen(what, name, options.cell);
  if (options.list) return list(workshop, experiments, what);
  let failed = false;
  if (!options.pages) {
    if (jobs > 1) failed = await runInChildren(what, options, signal);
    else failed = await run(workshop, experiments);
    signal.throwIfAborted();
    // and are left to the process that is alone at the end
    if (!options.worker) failed = (await runStudies(workshop, studies, BUDGETS[name])) || failed;
  }
  signal.throwIfAborted();
  if (!options.worker) {
    const conclusions = join(out, "conclusions.md");
    const text = existsSync(conclusions) ? await readText(conclusions) : undefined;
    const pages = await writeAllPages(workshop, BUDGETS[name], text);
    print(`${pages.length} files written; start with ${join(out, "README.md")}`);
  }
  if (failed) process.exitCode = 1;
}

/** Whether anything failed. */
async function run(workshop: Workshop, experiments: readonly Experiment[]): Promise<boolean> {
  // what we have no data for runs where somebody has
  const cells = experiments
    .flatMap((experiment) => experiment.cells)
    .filter(({ missing, evaluation }) => missing === undefined || workshop.hasData(evaluation));
  const failures: Failure[] = await runEvaluations(
    workshop,
    cells.map(({ evaluation }) => evaluation),
  );
  for (const { name, error } of failures) printFailure(name, error);
  return failures.length > 0;
}

/** Whether any failed; the others and the pages are made all the same. */
async function runStudies(workshop: Workshop, studies: readonly Study[], budget: Budget): Promise<boolean> {
  let failed = false;
  for (const study of studies) {
    try {
      await study.run(workshop, budget);
    } catch (error) {
      if (workshop.options.signal?.aborted) throw error;
      failed = true;
      printFailure(study.title, error);
    }
  }
  return failed;
}

/** The experiments asked for, with the cells asked for. */
function chosen(what: string, budget: BudgetName, patterns: readonly string[]) {
  const names = [...Object.keys(EXPERIMENTS), ...Object.keys(STUDIES)];
  if (what !== "all" && !names.includes(what)) {
    const near = closest(what, ["all", ...names]);
    throw new UserError(`no experiment "${what}"; there are ${names.join(", ")} and all`, {
      ...(near ? { hint: `did you mean ${near}?` } : {}),
      exitCode: 2,
    });
  }
  const made = Object.entries(EXPERIMENTS)
    .filter(([id]) => what === "all" || id === what)
    .map(([, make]) => make(BUDGETS[budget]));
  const wanted = (cell: Cell): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matches(cell.id, pattern));
  const experiments = made.map((experiment) => ({ ...experiment, cells: experiment.cells.filter(wanted) }));
  const studies = Object.entries(STUDIES).filter(([id]) => id === what || (what === "all" && patterns.length === 0));
  const ids = made.flatMap(({ cells }) => cells.map(({ id }) => id));
  const stray = patterns.find((pattern) => !ids.some((id) => matches(id, pattern)));
  if (stray !== undefined) {
    const near = closest(stray, ids);
    throw new UserError(`no cell of ${what} is called "${stray}"`, {
      hint: near ? `did you mean "${near}"? --list prints them all` : "--list prints them all",
      exitCode: 2,
    });
  }
  return { experiments, studies: studies.map(([, study]) => study) };
}

function matches(id: string, pattern: string): boolean {
  const literal = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(id);
}

async function list(workshop: Workshop, experiments: readonly Experiment[], what: string): Promise<void> {
  if (what in STUDIES) print(`${what}: ${STUDIES[what]!.title}; a study, which has no cells`);
  for (const experiment of experiments) {
    if (experiment.cells.length === 0) continue;
    print(`${experiment.id}: ${experiment.title}`);
    const results = await cellResults(workshop, experiment);
    for (const { cell, accuracy } of results) {
      const state = accuracy
        ? `${formatPercent(accuracy)} % (${accuracy.n} of ${cell.evaluation.protocol.groups} groups)`
        : measuredText({ cell });
      print(`  ${cell.id.padEnd(52)} ${state}   ${evaluationName(cell.evaluation)}`);
    }
  }
}

/** The same command as so many workers; whether any of them failed. */
async function runInChildren(what: string, options: Options, signal: AbortSignal): Promise<boolean> {
  const { cell, budget, out, root, jobs, threads = 1 } = options;
  const args = [
    process.argv[1]!,
    "reproduce",
    what,
    "--worker",
    "--budget",
    budget,
    "--root",
    root,
    "--threads",
    String(threads),
    ...(out === undefined ? [] : ["--out", out]),
    ...cell.flatMap((pattern) => ["--cell", pattern]),
  ];
  const codes = await Promise.all(
    Array.from({ length: jobs }, () => {
      const child = spawn(process.execPath, args, { stdio: "inherit" });
      const pass = (): void => void child.kill("SIGTERM");
      signal.addEventListener("abort", pass);
      return new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) => {
          signal.removeEventListener("abort", pass);
          resolve(code);
        });
      });
    }),
  );
  return codes.some((code) => code !== 0);
}

function printFailure(name: string, error: unknown): void {
  const [first = "", ...more] = errorLines(error);
  printError(`failed: ${name}: ${first}`, ...more);
}

function printTimed(line: string): void {
  print(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
