// All that the program says: lines on stdout and stderr, one object as JSON, a live line on a terminal. A line stays one
// line, whatever names are in it. Output that nobody takes any more stops the work in good order, or else the program.

import { UserError } from "../errors.ts";
import { printable } from "../names.ts";

/** A shell's code for a program that wrote to a reader that was gone (SIGPIPE). */
const NO_READER = 141;

/** Prints lines on stdout, one an argument. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(textOf(lines));
}

/** Prints lines on stderr, one an argument. */
export function printError(...lines: readonly string[]): void {
  process.stderr.write(textOf(lines));
}

/** Prints one object as JSON on one line; names come back as they are. */
export function printJson(value: object): void {
  print(JSON.stringify(value)); // what `printable` escapes can only stand in strings, and JSON reads its escapes
}

/** Replaces the live line of a terminal; without a text it goes away. Elsewhere nothing is printed. */
export function live(text = ""): void {
  if (isTerminal()) process.stderr.write(`\r${printable(text).slice(0, process.stderr.columns - 1)}\x1b[K`);
}

/** Whether people see a live line. */
export function isTerminal(): boolean {
  return process.stderr.isTTY;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** An error as its kind deserves: what the user can mend in words, with the way out; a bug (or with `trace`, any) with its trace. */
export function errorLines(error: unknown, { trace = false } = {}): string[] {
  if (error instanceof UserError && !trace) {
    return [...error.message.split("\n"), ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])];
  }
  return ((error instanceof Error ? error.stack : undefined) ?? String(error)).split("\n");
}

/** Prints what ended the program; gives its exit code. */
export function printFailure(error: unknown, { trace = false } = {}): 1 | 2 {
  const [first = "", ...more] = errorLines(error, { trace });
  const isTold = error instanceof UserError && !trace;
  printError(isTold ? `error: ${first}` : first, ...more);
  return error instanceof UserError ? error.exitCode : 1;
}

let loss: { readonly exitCode: number } | undefined;
let stopWork: (() => void) | undefined;

/** `stop` is called instead of ending the program once output is lost; returns the way back. */
export function stopWithoutOutput(stop: () => void): () => void {
  stopWork = stop;
  return () => (stopWork = undefined);
}

/** From here on, lost output is told (as far as anyone is there to tell) and gives the exit code. */
export function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => lose(error, "standard output"));
  process.stderr.on("error", (error: NodeJS.ErrnoException) => lose(error, "standard error"));
  process.on("exit", () => {
    if (loss) process.exitCode = loss.exitCode;
  });
}

function lose({ code, message }: NodeJS.ErrnoException, name: "standard output" | "standard error"): void {
  if (loss) return;
  const hasReader = code !== "EPIPE";
  loss = { exitCode: hasReader ? 1 : NO_READER };
  if (name === "standard error") return; // what it tells is not what was asked for: the work goes on
  if (hasReader) {
    const reason = code === "ENOSPC" ? "no space left on the disk" : message;
    printError(`error: cannot write to ${name}: ${reason}`, "hint: free some space, or send the output elsewhere");
  }
  if (stopWork) stopWork();
  else process.exit();
}
