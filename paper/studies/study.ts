// A study: an experiment whose result is no accuracy over groups. It keeps what it measured in its own folder, and makes
// its page from what is there.

import type { Budget } from "../recipes/budgets.ts";
import type { Store } from "../store/store.ts";

export interface Study {
  readonly title: string;
  /** Measures what is missing; interrupted, it goes on the next time. @throws the signal's reason when stopped */
  run(store: Store, budget: Budget): Promise<void>;
  /** Markdown with its main numbers, and the files of its folder under <out>: README.md, ... Undefined: nothing is measured yet. */
  page(
    store: Store,
    budget: Budget,
  ): Promise<{ readonly headline: string; readonly files: Readonly<Record<string, string>> } | undefined>;
}
