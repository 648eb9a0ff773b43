// Every error class of the project. A UserError is something the user can mend (message + hint, no stack trace);
// anything else that escapes is a bug of ours and keeps its trace.

import { distance } from "fastest-levenshtein";
import { printable } from "./names.ts";

export interface UserErrorOptions {
  /** One way out, printed on a line of its own. */
  readonly hint?: string;
  /** Lines below the message, such as one for each of several faults. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
  /** Exit code of the command line: 2 bad use, 1 the work failed. */
  readonly exitCode?: 1 | 2;
}

/**
 * Something the user can mend: what was found, where, what was expected, and (as `hint`) one way out. Message, details and
 * hint are one line each, whatever names are in them (`printable`).
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly hint: string | undefined;
  readonly exitCode: 1 | 2;

  constructor(message: string, { hint, details = [], cause, exitCode = 1 }: UserErrorOptions = {}) {
    super(
      [message, ...details.map((line) => `  ${line}`)].map(printable).map(shortened).join("\n"),
      cause === undefined ? undefined : { cause },
    );
    this.hint = hint === undefined ? undefined : shortened(printable(hint));
    this.exitCode = exitCode;
  }
}

/** Refuses a bad argument, option or config. @throws UserError with exit code 2 */
export function badUse(message: string, hint: string): never {
  throw new UserError(message, { hint, exitCode: 2 });
}

/** Longer lines nobody reads; names and values in files and options may be of any length. */
const LONGEST_LINE = 1000;

/** A text's beginning and end, and how much is left out between them. */
function shortened(text: string): string {
  if (text.length <= LONGEST_LINE) return text;
  const [kept, left] = [LONGEST_LINE / 2, text.length - LONGEST_LINE];
  return `${text.slice(0, kept)} ... (${left} characters more) ... ${text.slice(-kept)}`;
}

/** A file that is not what its name or header says: which file, at which byte, what is wrong. */
export class FormatError extends UserError {
  override readonly name = "FormatError";
  constructor(file: string, what: string, options: UserErrorOptions = {}) {
    super(`${file}: ${what}`, options);
  }
}

/** What a schema found wrong, as zod tells it; `input` where it was asked for with `reportInput`. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
}

const SHOWN_ISSUES = 10;

/**
 * Faults of data that a schema refuses, a line each for `details`: where, what was expected and what was found.
 * @example issueLines([{ path: ["data", "side"], message: "expected number", input: "x" }]) // ['data.side: expected number, found "x"']
 */
export function issueLines(issues: readonly Issue[]): string[] {
  const lines = issues.map(({ path, message, input }) => {
    const place = path.map((part, i) =>
      typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`,
    );
    const at = place.length > 0 ? `${place.join("")}: ` : "";
    const expected = message.replace(/^Invalid \w+: /, "");
    const found = shown(input);
    return at + (found === undefined ? expected : `${expected.replace(/, received \w+$/, "")}, found ${found}`);
  });
  const rest = lines.length - SHOWN_ISSUES;
  return rest > 0 ? [...lines.slice(0, SHOWN_ISSUES), `and ${rest} more`] : lines;
}

/** What fits into a line. */
function shown(value: unknown): string | undefined {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return typeof value === "number" || typeof value === "boolean" || value === null ? String(value) : undefined;
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
 * Throws UserError (bad use) unless a word that somebody gave is one of a table's; the nearest one is named.
 * @example requireKnown("reader", "csv", ["csv", "idx"]); // passes
 */
export function requireKnown(what: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  const near = closest(word, known);
  const hint = near ? `did you mean ${near}?` : `use one of: ${known.join(", ")}`;
  throw new UserError(`no ${what} "${word}"`, { hint, exitCode: 2 });
}

/**
 * The option nearest to a mistyped word (edit distance of at most a third of its length), for "did you mean" hints. Of equally
 * near ones, that of which the word only left something out.
 * @example closest("resnet18", ["resnet-8", "resnet-18"]) // "resnet-18"
 */
export function closest(word: string, options: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const option of options) {
    const [typed, known] = [word.toLowerCase(), option.toLowerCase()];
    const leavesOut = option.length > word.length && holdsInOrder(known, typed);
    const edits = distance(typed, known) - (leavesOut ? 0.5 : 0);
    if (edits < fewest) [best, fewest] = [option, edits];
  }
  return best;
}

/** Whether all letters of a word stand in a text, in their order. */
function holdsInOrder(text: string, word: string): boolean {
  let at = 0;
  for (const letter of word) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
