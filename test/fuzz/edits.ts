// Edits of files, as plain data that fast-check makes and shrinks. One table: a name, and what it does to the bytes. Those of
// bytes work on everything; those of structure know JSON, lines of text, headers and checksums, and leave the rest whole.

import fc from "fast-check";
import type { Files } from "./reader.ts";
import { BYTE_EDITS } from "./byte-edits.ts";
import { BOMB, BOMB_SIZE, STRUCTURE_EDITS } from "./structure-edits.ts";

export interface Edit {
  readonly how: string;
  /** Which file, modulo their number. */
  readonly file: number;
  /** Where in it, modulo its length (or the number of its values, lines, ...). */
  readonly at: number;
  /** How much, and with what; each edit makes its own sense of them. */
  readonly size: number;
  readonly value: number;
}

/** What an edit does to the bytes of a file; undefined where it does not apply to such a file. */
export type EditBytes = (bytes: Uint8Array, edit: Edit, path: string) => Uint8Array | undefined;

const ALL: Readonly<Record<string, EditBytes>> = { ...BYTE_EDITS, ...STRUCTURE_EDITS };
const STRUCTURAL = Object.keys(STRUCTURE_EDITS);

/** Structure is edited as often as bytes, whatever the number of rows. */
const edit: fc.Arbitrary<Edit> = fc.record({
  how: fc.oneof(fc.constantFrom(...Object.keys(BYTE_EDITS)), fc.constantFrom(...STRUCTURAL)),
  file: fc.nat(1000),
  at: fc.nat(),
  size: fc.nat(64),
  value: fc.nat(),
});

/** One to four edits of one of `samples` inputs. */
export interface Edited {
  readonly sample: number;
  readonly edits: readonly Edit[];
}

export function edited(samples: number): fc.Arbitrary<Edited> {
  return fc.record({ sample: fc.nat(samples - 1), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) });
}

/** The files after the edits, one after the other; an edit that does not apply to its file flips a bit of it instead. */
export function applyEdits(files: Files, edits: readonly Edit[]): Files {
  const result = new Map(files);
  // a bomb goes off alone: edits of it would take more memory than it does
  const bomb = edits.find(({ how, size }) => how === BOMB && size === BOMB_SIZE);
  const paths = [...result.keys()];
  for (const one of bomb ? [bomb] : edits) {
    const path = paths[one.file % paths.length]!;
    const bytes = result.get(path)!;
    result.set(path, ALL[one.how]!(bytes, one, path) ?? BYTE_EDITS["flip a bit"]!(bytes, one, path)!);
  }
  return result;
}
