// What a reader under test is: where its inputs come from, and what it makes of one.

import type fc from "fast-check";

/** An input: files by their paths. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What came of one input that ended as it must. */
export type Ending = "accepted" | "refused";

/** One input, ready to be read. */
export interface Attempt {
  /** What is read, and what people may want to look at. */
  readonly files: () => Files | Promise<Files>;
  /** Reads the files. @throws Finding for a wrong answer; whatever the reader throws besides is one as well */
  readonly read: (files: Files) => Promise<Ending>;
}

/** The inputs of one reader. */
export type Attempts = fc.Arbitrary<Attempt>;

/** A row of the table of readers. */
export interface Reader {
  /** What it reads, for the table of results. */
  readonly reads: string;
  /**
   * What must hold of an accepted input. `same`: it means what the undamaged one means, so nothing damaged is accepted.
   * `sound`: the answer fits together (sizes, ranges), since a foreign format has no checksum of ours.
   */
  readonly accepted: "same" | "sound";
  /** Makes the reader ready; `folder` is an empty one that it may use. */
  readonly prepare: (folder: string) => Promise<Attempts>;
}

/** A wrong answer: something damaged was accepted, or an answer does not fit together. */
export class Finding extends Error {
  override readonly name = "Finding";
}

/** @throws Finding where a condition on an answer does not hold */
export function demand(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Finding(what);
}
