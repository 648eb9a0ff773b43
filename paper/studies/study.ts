// A study: an experiment whose result is no accuracy over groups. It keeps what it measured in its own folder, and makes
// its page from what is there.

import type { Budget } from "../recipes/budgets.ts";
import type { Store } from "../store/store.ts";

/** A page of numbers that are no cells: Figure 1, training curves. */
export interface StudyPage {
  /** Its folder under <out>, with a README.md. */
  readonly id: string;
  readonly title: string;
  /** Markdown with its main numbers. */
  readonly headline: string;
  /** README.md, figure.svg, ... by name; the .svg files are rasterised too. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Study {
  readonly title: string;
  /** Measures what is missing; interrupted, it goes on the next time. @throws the signal's reason when stopped */
  run(store: Store, budget: Budget): Promise<void>;
  /** Undefined: nothing is measured yet. */
  page(store: Store, budget: Budget): Promise<StudyPage | undefined>;
}
