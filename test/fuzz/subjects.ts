// Two ways to try a reader: valid files with edits, and made-up content that is written and read again.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type fc from "fast-check";
import { UserError as PackagedError } from "pudnet/engine"; // what paper/ sees, once compiled: another class
import { UserError } from "../../src/errors.ts";
import { applyEdits, edited } from "./edits.ts";
import { type Attempt, demand, type Ending, type Files, type Attempts } from "./reader.ts";

/** Longer messages are no messages: nobody reads a page of them, and the reason is out of sight. */
const LONGEST_MESSAGE = 15_000;

export interface Mutated<A> {
  /** Valid inputs. */
  readonly samples: readonly Files[];
  /** What the reader makes of files; undefined where it refuses them without an error. */
  readonly read: (files: Files) => Promise<A | undefined> | A | undefined;
  /** Conditions on an accepted answer. */
  readonly check?: (answer: A, files: Files) => void;
  /** What an answer means, where an answer also holds what has no meaning. */
  readonly meaning?: (answer: A) => unknown;
  /** Makes edited files consistent again, so that a checksum is not all that is tried. */
  readonly seal?: (files: Files) => Files | Promise<Files>;
}

/** Edits of valid files; with `same`, whatever is accepted must mean what the sample means. */
export async function mutated<A>(subject: Mutated<A>, accepted: "same" | "sound"): Promise<Attempts> {
  const { samples, read, check, seal = (files) => files, meaning = (answer) => answer } = subject;
  const meanings: unknown[] = [];
  for (const files of samples) {
    const answer = await read(files);
    demand(answer !== undefined, "an undamaged sample is refused");
    check?.(answer, files);
    meanings.push(meaning(answer));
  }
  return edited(samples.length).map(({ sample, edits }) => {
    const files = () => seal(applyEdits(samples[sample]!, edits));
    return attempt(files, async (changed) => {
      const answer = await read(changed);
      if (answer === undefined) return "refused";
      if (accepted === "same") {
        demand(isDeepStrictEqual(meaning(answer), meanings[sample]), "damaged, but accepted with another meaning");
      }
      check?.(answer, changed);
      return "accepted";
    });
  });
}

/** An attempt that may end as a reader should refuse: with a short error for people. */
export function attempt(files: Attempt["files"], read: (files: Files) => Promise<Ending>): Attempt {
  return {
    files,
    read: async (changed) => {
      try {
        return await read(changed);
      } catch (error) {
        if (!(error instanceof UserError || error instanceof PackagedError)) throw error;
        const { length } = `${error.message}${error.hint ?? ""}`;
        demand(length <= LONGEST_MESSAGE, `an error message of ${length} characters: ${error.message.slice(0, 80)}...`);
        return "refused";
      }
    },
  };
}

export interface RoundTrip<T> {
  readonly content: fc.Arbitrary<T>;
  readonly write: (content: T) => Files | Promise<Files>;
  readonly read: (files: Files) => unknown;
  /** What must come back; by default the content. */
  readonly expected?: (content: T) => unknown;
}

/** Content that is written and read again: nothing may be refused or change. */
export function roundTrip<T>({ content, write, read, expected = (value) => value }: RoundTrip<T>): Attempts {
  return content.map((value) => ({
    files: () => write(value),
    read: async (files): Promise<Ending> => {
      const found = await read(files);
      demand(isDeepStrictEqual(found, expected(value)), "what was written is read as something else");
      return "accepted";
    },
  }));
}

/** Writes the files of an input below `folder`, which holds nothing else then. */
export function writeFiles(folder: string, files: Files): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);
export const textOf = (files: Files, path: string): string => new TextDecoder().decode(files.get(path));
