// Every error class of the project. A UserError is something the user can mend (message + hint, no stack trace);
// anything else that escapes is a bug of ours and keeps its trace.

import { distance } from "fastest-levenshtein";

export interface UserErrorOptions {
  /** One way out, printed on a line of its own. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Exit code of the command line: 2 bad use, 1 the work failed. */
  readonly exitCode?: 1 | 2;
}

/** Something the user can mend: what was found, where, what was expected, and (as `hint`) one way out. */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly hint: string | undefined;
  readonly exitCode: 1 | 2;

  constructor(message: string, { hint, cause, exitCode = 1 }: UserErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** A file that is not what its name or header says: which file, at which byte, what is wrong. */
export class FormatError extends UserError {
  override readonly name = "FormatError";
  constructor(file: string, what: string, options: UserErrorOptions = {}) {
    super(`${file}: ${what}`, options);
  }
}

/** Shapes that do not fit an operation; `within` adds the path in the network while the error travels up. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  readonly op: string;
  readonly detail: string;
  readonly path: string[] = [];

  constructor(op: string, detail: string) {
    super(`${op}: ${detail}`);
    this.op = op;
    this.detail = detail;
  }

  /** Adds the enclosing part of the network to the path, outermost last. */
  at(part: string): this {
    this.path.push(part);
    this.message = `${this.op}: ${this.detail} (at ${this.path.join(" <- ")})`;
    return this;
  }
}

/** Runs `build` as the named part of a network: a ShapeError thrown inside tells the path to it. */
export function within<T>(part: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof ShapeError) throw error.at(part);
    throw error;
  }
}

/** A condition that only a bug of ours can break. */
export function invariant(condition: unknown, message: () => string): asserts condition {
  if (!condition) throw new Error(`internal: ${message()}`);
}

/**
 * The option nearest to a mistyped word (edit distance of at most a third of its length), for "did you mean" hints.
 * @example closest("resnet18", ["convnet-3", "resnet-18"]) // "resnet-18"
 */
export function closest(word: string, options: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const option of options) {
    const edits = distance(word.toLowerCase(), option.toLowerCase());
    if (edits < fewest) [best, fewest] = [option, edits];
  }
  return best;
}
