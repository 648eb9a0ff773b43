// A study: an experiment whose result is no accuracy over groups. It keeps what it measured in its own folder, and makes
// its page from what is there.

import type { Budget } from "../recipes/budgets.ts";
import type { Store } from "../store/store.ts";

/** A number that prose may name, with the paper's. */
export interface StudyValue {
  readonly value: number;
  readonly paper?: number;
}

export interface StudyPage {
  /** Markdown with its main numbers. */
  readonly headline: string;
  /** The files of its folder under <out>: README.md, ... */
  readonly files: Readonly<Record<string, string>>;
  /** What prose may name as ID/NAME. */
  readonly values?: Readonly<Record<string, StudyValue>>;
}

export interface Study {
  readonly title: string;
  /** Measures what is missing; interrupted, it goes on the next time. @throws the signal's reason when stopped */
  run(store: Store, budget: Budget): Promise<void>;
  /** Undefined: nothing is measured yet. */
  page(store: Store, budget: Budget): Promise<StudyPage | undefined>;
}
