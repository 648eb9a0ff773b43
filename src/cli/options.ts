// Options that several commands share, and checks of their values.

import { relative, resolve, sep } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { closest, UserError } from "../errors.ts";
import { type Device, DEVICES, type SessionOptions } from "../tensor/runtime.ts";

/**
 * The value of an option that must be given. commander's own check would come before that for unknown options, and hide
 * that the option was only mistyped.
 */
export function required<T>(value: T | undefined, option: string, command: string): T {
  if (value !== undefined) return value;
  throw new UserError(`${option} is missing`, { hint: `pudnet ${command} --help shows examples`, exitCode: 2 });
}

/** Refuses an `--out` in the folder of pictures: it would be taken for a class the next time. */
export function requireOutside(folder: string, out: string): void {
  if (folder === "") {
    const hint = "a variable of the shell may be empty";
    throw new UserError("an empty name where the folder of pictures is expected", { hint, exitCode: 2 });
  }
  const inside = relative(resolve(folder), resolve(out));
  if (inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`))) {
    throw new UserError(`--out "${out}" lies in the folder of pictures "${folder}"`, {
      hint: "choose a folder beside it, such as --out my-classifier",
      exitCode: 2,
    });
  }
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
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

export const deviceOption = () =>
  new Option("--device <device>", `where to compute: ${DEVICES.join(", ")}`).default("cpu").argParser(oneOf(DEVICES));
export const threadsOption = () =>
  new Option("--threads <n>", "threads of the CPU (default: all cores)").argParser(wholeNumber(1));

/** What these options mean to onnxruntime. */
export function sessionOptions({ device, threads }: { device: Device; threads?: number | undefined }): SessionOptions {
  return { device, ...(threads === undefined ? {} : { threads }) };
}
