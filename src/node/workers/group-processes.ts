// Processes that compute the groups of a step side by side, one thread each. One that dies is replaced, and what it had under
// way is computed again: which process computes what changes no number.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { UserError } from "../../errors.ts";
import type { GroupShape } from "../../data/groups.ts";
import type { Host } from "../../tensor/tree.ts";
import type { LocalResult, MetaPoint } from "../../train/group-computer.ts";
import type { GroupGradient, MetaBatch, MetaProblem, MetaState } from "../../train/meta-step.ts";
import type { GroupWorkers } from "../../train/parallel-groups.ts";
import {
  type Answer,
  asResult,
  batchFile,
  madeOnce,
  resultFile,
  type Rooms,
  roomsFor,
  startFile,
  type Work,
} from "./messages.ts";
import { makeSharedFolder, readTree, removeSharedFolder, writeTree } from "./shared-files.ts";

/** So many processes may die over one piece of work before it is given up. */
const MOST_DEATHS = 3;

/** A process and what it has under way. */
interface Worker {
  readonly process: ChildProcess;
  work?: Request | undefined;
}

/** A piece of work and whoever waits for it. */
interface Request {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
  deaths: number;
}

/** Call `release` when done. */
export class GroupProcesses implements GroupWorkers {
  readonly #problem: MetaProblem;
  /** Of the results, by slot. */
  readonly #gradientRoom: (slot: number) => Host<GroupGradient>;
  #endsRoom: ((slot: number) => ReturnType<Rooms["ends"]>) | undefined;
  readonly #rooms: Rooms;
  readonly #folder: Promise<string>;
  readonly #workers = new Set<Worker>();
  readonly #waiting: Request[] = [];
  readonly #count: number;
  #isReleased = false;

  /** At most `count` processes, started when there is work for them. */
  constructor(problem: MetaProblem, count: number) {
    this.#problem = problem;
    this.#rooms = roomsFor(problem);
    this.#gradientRoom = madeOnce(() => this.#rooms.gradient());
    this.#folder = makeSharedFolder();
    this.#count = count;
  }

  async gradients(
    point: Host<MetaPoint>,
    batches: readonly Host<MetaBatch>[],
    group: GroupShape,
  ): Promise<Host<GroupGradient>[]> {
    const slots = batches.map((batch) => [batch]);
    const folder = await this.#compute({ kind: "gradient", group }, point, slots);
    return batches.map((_, slot) => readTree(resultFile(folder, slot), this.#gradientRoom(slot)));
  }

  async localSteps(
    state: Host<MetaState>,
    streams: readonly (readonly Host<MetaBatch>[])[],
    group: GroupShape,
  ): Promise<LocalResult[]> {
    const folder = await this.#compute({ kind: "local steps", group }, state, streams);
    const room = (this.#endsRoom ??= madeOnce(() => this.#rooms.ends(streams[0]!.length)));
    return streams.map((_, slot) => asResult(readTree(resultFile(folder, slot), room(slot))));
  }

  /** Resolves to the folder of the results once all slots are done. */
  async #compute(
    what: Pick<Work, "kind" | "group">,
    start: object,
    slots: readonly (readonly Host<MetaBatch>[])[],
  ): Promise<string> {
    const folder = await this.#folder;
    writeTree(startFile(folder), start);
    slots.forEach((batches, slot) => batches.forEach((batch, i) => writeTree(batchFile(folder, slot, i), batch)));
    const done = slots.map(
      (batches, slot) =>
        new Promise<void>((resolve, reject) => {
          this.#waiting.push({ work: { ...what, slot, batches: batches.length }, resolve, reject, deaths: 0 });
        }),
    );
    this.#handOut(folder);
    await Promise.all(done);
    return folder;
  }

  #handOut(folder: string): void {
    while (this.#waiting.length > 0) {
      const idle = Array.from(this.#workers).find(({ work }) => work === undefined) ?? this.#start(folder);
      if (!idle) return;
      idle.work = this.#waiting.shift()!;
      idle.process.send(idle.work.work);
    }
  }

  /** Undefined where there are as many as there may be. */
  #start(folder: string): Worker | undefined {
    if (this.#workers.size >= this.#count) return undefined;
    const entry = fileURLToPath(new URL("./group-worker.js", import.meta.url));
    const worker: Worker = {
      process: fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] }),
    };
    this.#workers.add(worker);
    worker.process.on("message", ({ failed }: Answer) => {
      const { work } = worker;
      worker.work = undefined;
      if (failed === undefined) work?.resolve();
      else work?.reject(new UserError(`a worker could not compute its group: ${failed}`));
      this.#handOut(folder);
    });
    worker.process.on("error", () => undefined); // what follows is its end
    worker.process.on("exit", (code, signal) => this.#bury(worker, signal ?? `exit code ${code}`, folder));
    worker.process.send({ kind: "start", problem: this.#problem, folder });
    return worker;
  }

  #bury(worker: Worker, reason: string, folder: string): void {
    this.#workers.delete(worker);
    const { work } = worker;
    if (this.#isReleased || work === undefined) return;
    work.deaths++;
    if (work.deaths < MOST_DEATHS) this.#waiting.unshift(work);
    else {
      const hint = "memory may be short: try fewer --workers; what is done so far stays, and --resume goes on from it";
      work.reject(new UserError(`${MOST_DEATHS} workers ended over the same group (${reason})`, { hint }));
    }
    this.#handOut(folder);
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    const ends = Array.from(this.#workers, ({ process: child }) => {
      const end = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL"); // it holds nothing that would be lost
      return end;
    });
    await Promise.all(ends);
    await removeSharedFolder(await this.#folder);
  }
}
