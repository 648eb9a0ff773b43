// What an input must keep to, and what the process that reads tells of each.

import type { Ending } from "./reader.ts";

/** Of the processor, all threads together: time on the clock would depend on what else the machine does. */
export const CPU_SECONDS = 2;
/** On the clock, for what waits without computing. */
export const CLOCK_SECONDS = 30;
/** Peak of the whole process, Node and libraries included. */
export const MEGABYTES = 500;

export type PackedFiles = readonly (readonly [path: string, base64: string])[];

export type Report =
  | { readonly kind: "try"; readonly index: number }
  | { readonly kind: Ending; readonly index: number; readonly seconds: number; readonly megabytes: number }
  | {
      readonly kind: "finding";
      readonly index: number;
      readonly seconds: number;
      readonly megabytes: number;
      readonly what: string;
      readonly files: PackedFiles;
    };
