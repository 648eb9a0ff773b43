// What a row of the soak test's table is: work that may be disturbed at any moment, and what must hold then.

import type { Key } from "../../src/tensor/random.ts";

/** What all places share, made once: pictures, a small PudNet, a config, a stand-in for Fashion-MNIST. */
export interface Ground {
  /** Commands run here; names in them are relative to it. */
  readonly folder: string;
}

/** What must be the same as without disturbance, by name. */
export type Outcome = Readonly<Record<string, string>>;

/** Processes that serve the work, and are killed and replaced meanwhile. */
export interface Beside extends AsyncDisposable {
  /** What the work's command says to be served by them. */
  readonly args: readonly string[];
  /** Kills so far. */
  readonly kills: number;
}

export interface Scenario {
  readonly about: string;
  /** Its share of all disturbances, in relation to the others' weights. */
  readonly weight: number;
  /** Disturbances of one place before its work is left to come to its end. */
  readonly disturbancesEach: number;
  /** What lies at the place before the work begins. */
  readonly prepare?: (place: string, ground: Ground) => Promise<void>;
  /** The cache of decoded pictures; by default one of the ground that is filled before. */
  readonly cache?: (place: string) => string;
  /** The next command there: a resumption where something is begun. */
  readonly command: (place: string, ground: Ground) => Promise<string[]>;
  /** What serves the work when it is disturbed; undisturbed it is done without. The key decides when what is killed. */
  readonly beside?: (ground: Ground, source: Key) => Promise<Beside>;
  /** The results of work that came to its end, read as users read them. @throws where they are not whole */
  readonly outcome: (place: string, ground: Ground) => Promise<Outcome>;
  /** What is wrong with what lies there after a disturbance; `end` is the undisturbed outcome. */
  readonly inspect: (place: string, ground: Ground, end: Outcome) => Promise<string[]>;
  /** Whether a full disk may end in exit code 0 all the same, if it says so: by this text. */
  readonly goesOnWithout?: RegExp;
}
