// When a process is killed: at any time, when it is seen writing, or at one of its operations on the file system.

import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fold, type Key, uniform } from "../../src/tensor/random.ts";
import type { Exit, Running } from "../built-program.ts";
import { startDisturbed, type ProcessOptions } from "./process.ts";

export type Moment =
  /** `share` of the time that an undisturbed process takes. */
  | { readonly kind: "time"; readonly share: number }
  /** As soon as the nth temporary appears. */
  | { readonly kind: "temporary"; readonly nth: number }
  /** The process kills itself there: before the operation, or half-way through it. */
  | { readonly kind: "operation"; readonly nth: number };

/** What an undisturbed process does. */
export interface Course {
  readonly seconds: number;
  readonly operations: number;
}

/** So often each: wherever they fall, and as often again where it matters, since random ones rarely hit a write. */
const SHARES: readonly (readonly [Moment["kind"], number])[] = [
  ["time", 0.4],
  ["temporary", 0.2],
  ["operation", 0.4],
];
/** Temporaries that a command writes, at least: which of them is waited for. */
const TEMPORARIES = 6;

/** `kind`, where only one is wanted. */
export function drawMoment(source: Key, { operations }: Course, kind?: Moment["kind"]): Moment {
  const [chance, at] = uniform(fold(source, "moment"), 2) as unknown as readonly [number, number];
  const chosen = kind ?? kindAt(chance);
  if (chosen === "time") return { kind: "time", share: at };
  if (chosen === "temporary") return { kind: "temporary", nth: 1 + Math.floor(at * TEMPORARIES) };
  return { kind: "operation", nth: 1 + Math.floor(at * operations) };
}

function kindAt(chance: number): Moment["kind"] {
  let sum = 0;
  return (SHARES.find(([, share]) => chance < (sum += share)) ?? SHARES.at(-1)!)[0];
}

export function describeMoment(moment: Moment): string {
  if (moment.kind === "time") return `kill at ${(100 * moment.share).toFixed(1)} % of the undisturbed time`;
  if (moment.kind === "temporary") return `kill when temporary ${moment.nth} appears`;
  return `kill at operation ${moment.nth}`;
}

/** Runs a command until it is killed at that moment; it may come to its end before. */
export async function runUntil(
  moment: Moment,
  args: readonly string[],
  options: ProcessOptions & { readonly place: string; readonly seconds: number },
): Promise<Exit> {
  const { place, seconds } = options;
  if (moment.kind === "operation") return startDisturbed(args, { ...options, dieAt: moment.nth }).ended;
  const temporaries = new TemporaryWatch(place);
  try {
    const running = startDisturbed(args, options);
    await Promise.race([
      running.ended,
      moment.kind === "time" ? sleep(1000 * seconds * moment.share) : temporaries.seen(moment.nth),
    ]);
    return await kill(running);
  } finally {
    temporaries.close();
  }
}

function kill(running: Running): Promise<Exit> {
  running.stop("SIGKILL");
  return running.ended;
}

/** Sees temporaries as they appear below a folder. */
class TemporaryWatch {
  readonly #watcher: FSWatcher;
  readonly #names = new Set<string>();
  #onName: () => void = () => undefined;

  constructor(place: string) {
    mkdirSync(place, { recursive: true });
    this.#watcher = watch(place, { recursive: true }, (_, name) => {
      if (name === null || !name.includes(".tmp-")) return;
      this.#names.add(name);
      this.#onName();
    });
    this.#watcher.on("error", () => undefined); // a folder that went while it was looked at
  }

  /** Resolves once `count` were seen. */
  seen(count: number): Promise<void> {
    return new Promise((done) => {
      this.#onName = () => {
        if (this.#names.size >= count) done();
      };
      this.#onName();
    });
  }

  close(): void {
    this.#watcher.close();
  }
}
