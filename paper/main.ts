// npm run reproduce: the paper's tables and figures, cell by cell.

import { join } from "node:path";
import { Option } from "@commander-js/extra-typings";
import {
  deviceOption,
  errorLines,
  newProgram,
  oneOf,
  print,
  printError,
  refuseIdle,
  refuseSlips,
  runProgram,
  tellRuntime,
  threadsOption,
  wholeNumber,
} from "pudnet/command-line";
import type { Device } from "pudnet/engine";
import { chosen } from "./chosen.ts";
import { REPRODUCE } from "./command.ts";
import { printTimed, stoppable } from "./stoppable.ts";
import { workerCommand } from "./worker-command.ts";
import { MOST_JOBS, runWorkers, type WorkerOptions } from "./workers.ts";
import { type Budget, type BudgetName, BUDGETS } from "./recipes/budgets.ts";
import type { Cell } from "./tables/cell.ts";
import type { Table } from "./tables/table.ts";
import { TABLES } from "./tables/tables.ts";
import { measuredTable } from "./pages/cell-results.ts";
import { measuredText } from "./pages/cell-text.ts";
import { evaluationName } from "./store/evaluations.ts";
import { hasFile } from "./store/networks.ts";
import { type Failure, runEvaluations } from "./store/run.ts";
import { STUDIES } from "./studies/studies.ts";
import type { Study } from "./studies/study.ts";
import { openStore, requireOpened } from "./store/migrate.ts";
import { Store } from "./store/store.ts";
import { writeAllPages } from "./pages/write-pages.ts";

const EXAMPLES = `
WHAT is an experiment (${Object.keys(TABLES).join(", ")}), a study (${Object.keys(STUDIES).join(", ")}) or all.
Trained networks and results are kept under --out by the hash of what they are functions of: a rerun goes on where the last
one stopped, and a changed recipe makes only what depends on it anew. --jobs works on several results at once.

Examples:
  ${REPRODUCE} all --budget quick
  ${REPRODUCE} table-7 --cell "convnet-3/cifar-100-set/pudnet*" --budget cpu --jobs 2
  ${REPRODUCE} table-1 --list`;

const BUDGET_NAMES = Object.keys(BUDGETS) as BudgetName[];

const collect = (value: string, all: string[]): string[] => [...all, value];

const program = newProgram(REPRODUCE, () => `${REPRODUCE} --help`)
  .enablePositionalOptions()
  .description("Run the experiments of the paper, and write its tables and figures.")
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
  .option(
    "--queue <address>",
    "let workers on any machine do it: redis://[user:password@]host[:port][/db], or rediss://",
  )
  .option("--list", "print the cells and what is known of them; run nothing")
  .option("--pages", "write the pages from what is known; run nothing")
  .addOption(new Option("--worker", "run cells, but write no pages (what --jobs starts)").hideHelp())
  .addOption(threadsOption())
  .addOption(deviceOption())
  .addHelpText("after", EXAMPLES)
  .action(async (what, options, command) => {
    const hint = "it runs nothing: leave one of the two out";
    if (options.list) refuseIdle(command, "--list", ["pages", "jobs", "threads", "device", "queue"], hint);
    if (options.pages) refuseIdle(command, "--pages", ["cell", "jobs", "threads", "device", "queue"], hint);
    if (options.queue !== undefined) {
      refuseIdle(command, "--queue", ["jobs"], "give it to each worker instead");
      refuseIdle(command, "--queue", ["device"], "workers compute on their CPUs: leave one of the two out");
    }
    await stoppable((signal) => reproduce(what, options, signal));
  });

refuseSlips(workerCommand(program));
refuseSlips(program);
await runProgram(tellRuntime(program));

interface Options extends WorkerOptions {
  readonly device: Device;
  readonly budget: BudgetName;
  readonly list?: true | undefined;
  readonly pages?: true | undefined;
  readonly worker?: true | undefined;
  readonly queue?: string | undefined;
}

async function reproduce(what: string, options: Options, signal: AbortSignal): Promise<void> {
  const { budget: name, jobs } = options;
  const out = options.out ?? (name === "cpu" ? "reproduce" : join("reproduce", name));
  const { root, threads, device } = options;
  // studies keep the threads of a process that is alone: one of them measures time, of CPUs
  const store = new Store({ out, root, threads, device, signal, print: printTimed });
  const studyStore = device === "cpu" ? store : new Store({ ...store.options, device: "cpu" });
  const { tables, studies } = chosen(what, name, options.cell);
  if (options.list || options.pages) await requireOpened(store);
  else await openStore(store);
  if (options.list) return list(store, tables, what);
  let failed = false;
  if (!options.pages) {
    if (options.queue !== undefined) failed = await runQueued(store, tables, options.queue);
    else if (jobs > 1) failed = await runWorkers(what, options, signal);
    else failed = await run(store, tables);
    signal.throwIfAborted();
    // and are left to the process that is alone at the end
    if (!options.worker) failed = (await runStudies(studyStore, studies, BUDGETS[name])) || failed;
  }
  signal.throwIfAborted();
  if (!options.worker) {
    const pages = await writeAllPages(store, BUDGETS[name]);
    print(`${pages.length} files written; start with ${join(out, "README.md")}`);
  }
  if (failed) process.exitCode = 1;
}

/** Whether anything failed. */
async function run(store: Store, tables: readonly Table[]): Promise<boolean> {
  return told(await runEvaluations(store, runnable(store, tables)));
}

/** As `run`, by workers; whether anything failed. */
async function runQueued(store: Store, tables: readonly Table[], address: string): Promise<boolean> {
  const { signal, print: tell } = store.options;
  const [{ QueueConnection }, { submitEvaluations }] = await Promise.all([
    import("pudnet/queue"),
    import("./queue/submit.ts"),
  ]);
  const connection = await QueueConnection.open(address, { tell, signal });
  try {
    return told(await submitEvaluations(store, runnable(store, tables), connection));
  } finally {
    await connection.close();
  }
}

/** What we have no data for runs where somebody has; of what judges a file, where that is there. */
function runnable(store: Store, tables: readonly Table[]): Cell[] {
  return tables
    .flatMap((table) => table.cells)
    .filter(
      ({ missing, evaluation }) => missing === undefined || (store.hasData(evaluation) && hasFile(store, evaluation)),
    );
}

/** Whether there are any. */
function told(failures: readonly Failure[]): boolean {
  for (const { name, error } of failures) printFailure(name, error);
  return failures.length > 0;
}

/** Whether any failed; the others and the pages are made all the same. */
async function runStudies(store: Store, studies: readonly Study[], budget: Budget): Promise<boolean> {
  let failed = false;
  for (const study of studies) {
    try {
      await study.run(store, budget);
    } catch (error) {
      if (store.options.signal?.aborted) throw error;
      failed = true;
      printFailure(study.title, error);
    }
  }
  return failed;
}

async function list(store: Store, tables: readonly Table[], what: string): Promise<void> {
  if (what in STUDIES) print(`${what}: ${STUDIES[what]!.title}; a study, which has no cells`);
  for (const table of tables) {
    if (table.cells.length === 0) continue;
    print(`${table.id}: ${table.title}`);
    for (const cell of (await measuredTable(store, table)).cells) {
      const { accuracy } = cell.measured ?? {};
      const groups = accuracy ? ` % (${accuracy.n} of ${cell.evaluation.protocol.groups} groups)` : "";
      print(`  ${cell.id.padEnd(52)} ${measuredText(cell)}${groups}   ${evaluationName(cell.evaluation)}`);
    }
  }
}

function printFailure(name: string, error: unknown): void {
  const [first = "", ...more] = errorLines(error);
  printError(`failed: ${name}: ${first}`, ...more);
}
