// Cells through a queue, by one worker and by two on this machine, beside one process without a queue.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { median } from "../../src/statistics.ts";
import { QueueConnection } from "../../src/node/queue/connection.ts";
import { PACKAGE_ROOT } from "../../src/node/package-root.ts";
import { jobName } from "../../paper/queue/cells.ts";
import { makeApart } from "../../paper/queue/make-parcel.ts";
import { parcelMaterials } from "../../paper/queue/materials.ts";
import { passes } from "../../paper/queue/passes.ts";
import { submitEvaluations } from "../../paper/queue/submit.ts";
import { prepare } from "../../paper/queue/work-folder.ts";
import { BUDGETS } from "../../paper/recipes/budgets.ts";
import { withinProtocol } from "../../paper/recipes/datasets.ts";
import { pudnetRecipe } from "../../paper/recipes/networks.ts";
import type { EvaluationRecipe } from "../../paper/recipes/recipe.ts";
import { Store } from "../../paper/store/store.ts";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import type { RedisServer } from "../../test/redis.ts";
import type { CellsFigures } from "./simulation.ts";

export interface CellsPlan {
  readonly parcels: number;
  /** Groups that each parcel's PudNet is trained on. */
  readonly steps: number;
  readonly repeats: number;
}

export interface CellsMeasurement {
  /** Seconds of all parcels, run by run: without a queue, and by so many workers. */
  readonly seconds: { without: number[]; one: number[]; two: number[] };
  /** Seconds of making a parcel where two workers do, over that where one does: what they take from each other on one machine. */
  readonly slowdown: number;
  /** Images through a network that each parcel is: `passes`. */
  readonly passesEach: number;
  readonly figures: CellsFigures;
}

export async function measureCells(
  redis: RedisServer,
  { parcels, steps, repeats }: CellsPlan,
  note: (line: string) => void,
): Promise<CellsMeasurement> {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-queue-"));
  try {
    const root = join(folder, "data");
    writeFashionStandIn(root, { train: 300, test: 140 });
    const recipes = Array.from({ length: parcels }, (_, seed) => recipe(seed, steps));
    const place = { folder, root, redis: redis.url };
    const seconds: CellsMeasurement["seconds"] = { without: [], one: [], two: [] };
    const [byOne, byTwo]: Run[][] = [[], []];
    for (let i = 0; i < repeats; i++) {
      seconds.without.push(await withoutQueue(place, recipes));
      note(`cells without a queue: ${seconds.without.at(-1)!.toFixed(1)} s`);
      for (const [workers, all, runs] of [
        [1, seconds.one, byOne!],
        [2, seconds.two, byTwo!],
      ] as const) {
        runs.push(await throughQueue(place, recipes, workers));
        all.push(runs.at(-1)!.seconds);
        note(`cells by ${workers}: ${all.at(-1)!.toFixed(1)} s`);
      }
    }
    const making = (runs: readonly Run[]): number => median(runs.flatMap((run) => run.making));
    const slowdown = making(byTwo!) / making(byOne!);
    return { seconds, slowdown, passesEach: passes(recipes.slice(0, 1)), figures: figuresOf(byOne!) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A PudNet of ConvNet-3 for Fashion-MNIST, and 10 groups judged by it: a small one of Table I. */
function recipe(seed: number, steps: number): EvaluationRecipe {
  const network = pudnetRecipe({ source: "fashion-set", arch: "convnet-3", budget: BUDGETS.cpu }, { steps, seed });
  return { kind: "pudnet", network, norm: "running", protocol: withinProtocol("fashion-set", 10) };
}

interface Place {
  readonly folder: string;
  readonly root: string;
  readonly redis: string;
}

const PROGRAM = join(PACKAGE_ROOT, "dist-paper", "main.js");
const asked = (recipes: readonly EvaluationRecipe[]) => recipes.map((evaluation) => ({ evaluation }));
const silent = (): void => undefined;

/** Seconds of all of them in one process, its start included. */
async function withoutQueue({ folder, root }: Place, recipes: readonly EvaluationRecipe[]): Promise<number> {
  const evaluations = recipes.map((one) => ({ recipe: one, measures: {} }));
  const materials = { ...(await parcelMaterials(new Store({ out: folder, root, print: silent }), evaluations)) };
  const job = { evaluations, materials, given: [] };
  const out = await mkdtemp(join(folder, "without-"));
  const at = await prepare(out, jobName(job), job, []);
  const begun = performance.now();
  const answer = await makeApart(at, { root, threads: 1, program: PROGRAM }, new AbortController().signal);
  if (answer.kind !== "made" || answer.failures.length > 0) throw new Error(JSON.stringify(answer));
  return (performance.now() - begun) / 1000;
}

/** What is known of one run through the queue. */
interface Run {
  readonly seconds: number;
  /** Of each parcel: what its process took, what the worker spent on it besides, and what taking it in took. */
  readonly making: readonly number[];
  readonly handling: readonly number[];
  readonly takingIn: readonly number[];
  /** That came back, of all parcels. */
  readonly bytes: number;
}

async function throughQueue(
  { folder, root, redis }: Place,
  recipes: readonly EvaluationRecipe[],
  count: number,
): Promise<Run> {
  const out = await mkdtemp(join(folder, "run-"));
  const workers = Array.from(
    { length: count },
    (_, i) => new CellsWorker([redis, join(out, String(i)), root, PROGRAM]),
  );
  const connection = await QueueConnection.open(redis, { tell: silent });
  const made = new Map<string, number>();
  const print = (line: string): void => void made.set(line, Date.now());
  try {
    await Promise.all(workers.map((worker) => worker.says("waiting for work")));
    const store = new Store({ out: join(out, "store"), root, threads: 1, print });
    const begun = performance.now();
    const failures = await submitEvaluations(store, asked(recipes), connection);
    if (failures.length > 0) throw failures[0]!.error;
    const seconds = (performance.now() - begun) / 1000;
    const bytes = await bytesBelow(join(out, "store", "store"));
    const parcels = workers.flatMap(({ parcels: all }) => all);
    const takingIn = parcels.map(({ name, done }) => (made.get(`${name}: made`)! - done) / 1000);
    const making = parcels.map((parcel) => parcel.making);
    return { seconds, making, handling: parcels.map(({ handling }) => handling), takingIn, bytes };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await connection.close();
  }
}

interface Said {
  readonly at: number;
  readonly line?: string;
  readonly seconds?: number;
}

/** A worker's process. */
class CellsWorker {
  readonly #process: ChildProcess;
  readonly #said: Said[] = [];
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    const script = join(import.meta.dirname, "cells-worker.js");
    this.#process = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#process.stdout! });
    lines.on("line", (line) => {
      if (line.startsWith("{")) this.#said.push(JSON.parse(line) as Said); // others are those of parcels' processes
    });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async says(text: string): Promise<void> {
    while (!this.#said.some(({ line }) => line?.startsWith(text))) {
      if ((await this.#lines.next()).done) throw new Error("a worker ended");
    }
  }

  /** In their order. `handling`: until the next one is taken, or it is done. */
  get parcels() {
    const taken = this.#said.filter(({ line }) => line?.endsWith(": taken"));
    return taken.map(({ at, line }, i) => {
      const name = line!.slice(0, -": taken".length);
      const done = this.#said.find((one) => one.line === `${name}: done`)!.at;
      const making = this.#said.find((one) => one.seconds !== undefined && one.at >= at)!.seconds!;
      return { name, done, making, handling: ((taken[i + 1]?.at ?? done) - at) / 1000 - making };
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}

function figuresOf(runs: readonly Run[]): CellsFigures {
  const count = runs[0]!.making.length;
  const bytes = Math.round(median(runs.map((run) => run.bytes)) / count);
  const parcels = Array.from({ length: count }, (_, i) => ({
    seconds: rounded(median(runs.map(({ making }) => making[i]!))),
    bytes,
  }));
  const [handling, takingIn] = [runs.flatMap((run) => run.handling), runs.flatMap((run) => run.takingIn)];
  return { parcels, handling: rounded(median(handling)), takingIn: rounded(median(takingIn)) };
}

const rounded = (seconds: number): number => Number(seconds.toPrecision(4));

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
