// One input of one reader, by number: made from the seed, tried, and made smaller where it is a finding.

import fc from "fast-check";
import { type Attempts, type Ending, type Files, Finding } from "./reader.ts";

/** What one input must keep to; tests leave time and memory out, as other processes may slow them. */
export interface Limits {
  readonly cpuSeconds?: number;
  readonly shrinkMs: number;
}

export type Outcome =
  | { readonly kind: Ending; readonly seconds: number }
  | { readonly kind: "finding"; readonly seconds: number; readonly what: string; readonly files: Files };

/**
 * Tries input `index` of `seed`. `onTry` is called before each attempt, also of smaller inputs after a finding.
 * @example await tryInput(attempts, { seed: 1, index: 17 }, { shrinkMs: 1000 })
 */
export async function tryInput(
  attempts: Attempts,
  { seed, index }: { readonly seed: number; readonly index: number },
  { cpuSeconds, shrinkMs }: Limits,
  onTry: () => void = () => {},
): Promise<Outcome> {
  let ending: Ending = "refused";
  let seconds = 0;
  let worst = 0;
  const property = fc.asyncProperty(attempts, async ({ files: make, read }) => {
    const files = await make();
    onTry();
    const start = process.cpuUsage();
    try {
      ending = await read(files);
    } finally {
      const { user, system } = process.cpuUsage(start);
      seconds = (user + system) / 1e6;
      worst = Math.max(worst, seconds);
    }
    if (cpuSeconds !== undefined && seconds > cpuSeconds)
      throw new Finding(`takes ${seconds.toFixed(1)} s of the processor`);
  });
  const result = await fc.check(property, {
    seed: inputSeed(seed, index),
    numRuns: 1,
    interruptAfterTimeLimit: shrinkMs,
  });
  if (!result.failed || result.counterexample === null) return { kind: ending, seconds };
  const what = describe(result.errorInstance);
  return { kind: "finding", seconds: worst, what, files: await result.counterexample[0].files() };
}

/** The files of an input that ended its process before it could be made smaller. */
export async function inputFiles(
  attempts: Attempts,
  { seed, index }: { readonly seed: number; readonly index: number },
): Promise<Files> {
  let files: Files = new Map();
  await fc.check(
    fc.asyncProperty(attempts, async (one) => void (files = await one.files())),
    { seed: inputSeed(seed, index), numRuns: 1 },
  );
  return files;
}

/** Different for each pair, within the 32 bits that fast-check takes. */
function inputSeed(seed: number, index: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b)) | 0;
}

/** The message and, of what is no Finding, where it came from. */
function describe(error: unknown): string {
  if (error instanceof Finding) return error.message;
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const from = /\n\s+at (.*)/.exec(error.stack?.slice(error.message.length) ?? "")?.[1] ?? "";
  return `${error.constructor.name}: ${error.message.slice(0, 200)} (${from.replace(/^.*[\\/](?=[^\\/]+[\\/][^\\/]+$)/, "")})`;
}
