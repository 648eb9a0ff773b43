// Options that several commands share, and checks of their values.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { closest, UserError } from "../errors.ts";
import { shellWord } from "../names.ts";
import { SHIPPED_NAMES } from "../node/checkpoints/shipped.ts";
import { HEAD_CHOICES } from "../heads/head-choices.ts";
import { type StrengthChoice, STRENGTHS } from "../train/change-strengths.ts";
import { DEVICES } from "../tensor/runtime.ts";

/**
 * The value of an option that must be given. commander's own check would come before that for unknown options, and hide
 * that the option was only mistyped.
 */
export function required<T>(value: T | undefined, option: string, command: string): T {
  if (value !== undefined) return value;
  throw new UserError(`${option} is missing`, { hint: `pudnet ${command} --help shows examples`, exitCode: 2 });
}

/** Refuses options of the command line that say nothing `beside` another; `hint` is the way out. */
export function refuseIdle(
  command: CommandUnknownOpts,
  beside: string,
  idle: readonly string[],
  hint: string | ((flag: string) => string),
): void {
  const found = command.options.find(
    (option) => idle.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (!found) return;
  const flag = found.long ?? found.flags;
  const way = typeof hint === "string" ? hint : hint(flag);
  throw new UserError(`${flag} says nothing with ${beside}`, { hint: way, exitCode: 2 });
}

/**
 * Refuses a place for results in the folder of pictures, by a link or not: it would be taken for a class the next time.
 * `out` is what `--out` says, or where results go without it.
 */
export function requireOutside(folder: string, out: string): void {
  if (liesWithin(folder, out)) {
    const pictures = withoutLinks(resolve(folder));
    const beside = join(dirname(pictures), "my-classifier");
    const here = relative(process.cwd(), beside);
    const shorter = here.length < beside.length ? here : beside;
    throw new UserError(`"${out}", where results are to be written, lies in the folder of pictures "${folder}"`, {
      hint: `choose a folder beside it, such as --out ${shellWord(shorter)}`,
      exitCode: 2,
    });
  }
}

/** Whether a path is a folder or lies in it, links resolved. */
export function liesWithin(folder: string, path: string): boolean {
  const inside = relative(withoutLinks(resolve(folder)), withoutLinks(resolve(path)));
  return inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`));
}

/** A path with the links in what there is of it resolved. */
function withoutLinks(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(withoutLinks(parent), basename(path));
}

/** A whole number of at least `least`, in decimal digits. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** A number above zero, in decimal digits, with an exponent if need be. */
export function positiveNumber(text: string): number {
  const value = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number above 0, such as 0.001.");
}

/** One of some words; a near miss is named. */
export function oneOf<const T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const near = closest(text, words);
    throw new InvalidArgumentError(
      `Expected one of: ${words.join(", ")}.${near ? `\nhint: did you mean ${near}?` : ""}`,
    );
  };
}

/** A number of labelled images a class, or all of them. */
export function shotsOption(text: string): number | "all" {
  return text === "all" ? "all" : wholeNumber(1)(text);
}

export const headOption = () =>
  new Option(
    "--head <kind>",
    "auto (which makes pictures left out more likely), closed-form (ridge regression) or centroids (default: auto)",
  ).argParser(oneOf(HEAD_CHOICES));

/** @param usual what is taken where it is not given */
export const strengthOption = (where = "", usual: StrengthChoice = "auto") =>
  new Option(
    "--strength <s>",
    `${where}of a checkpoint that predicts a change (none that comes with the package does), how much of it is made: auto (what pictures left out prefer), ${STRENGTHS.join(", ")} (default: ${usual})`,
  ).argParser((text): StrengthChoice => {
    const word = oneOf(["auto", ...STRENGTHS.map(String)])(text);
    return word === "auto" ? word : Number(word);
  });

export const modelOption = (byDefault: string = SHIPPED_NAMES[0]!) =>
  new Option(
    "--model <checkpoint>",
    `what to predict with: a file, or one that comes with the package: ${SHIPPED_NAMES.join(", ")} (default: ${byDefault})`,
  );

/** More than any machine has; systems refuse far more. */
const MOST_THREADS = 1024;

export const deviceOption = () =>
  new Option("--device <device>", `where to compute: ${DEVICES.join(", ")}`).default("cpu").argParser(oneOf(DEVICES));
export const threadsOption = () =>
  new Option(
    "--threads <n>",
    "threads of the CPU (default: all cores; WebAssembly: half of them, at most 4)",
  ).argParser(wholeNumber(1, MOST_THREADS));
