// What made a file, for those who get it.

import { basename, resolve } from "node:path";
import { shellWord } from "../names.ts";

export interface ExportOptions {
  readonly format: string;
  readonly int8?: true | undefined;
  readonly float16?: true | undefined;
  readonly calibrate?: string | undefined;
  readonly pictures?: string | undefined;
  readonly out?: string | undefined;
}

/**
 * The command that exports a classifier; where things lie here is none of others' business.
 * @example exportedBy("mine/pets", { format: "js", int8: true, calibrate: "mine/pictures" }) // "pudnet export pets --format js --int8 --calibrate pictures"
 */
export function exportedBy(dir: string, { format, int8, float16, ...places }: ExportOptions): string {
  const named = (["calibrate", "pictures", "out"] as const).flatMap((option) => {
    const path = places[option];
    return path === undefined ? [] : [`--${option} ${shortName(path)}`];
  });
  const numbers = [...(int8 ? ["--int8"] : []), ...(float16 ? ["--float16"] : [])];
  return [`pudnet export ${shortName(dir)} --format ${format}`, ...numbers, ...named].join(" ");
}

const shortName = (path: string): string => shellWord(basename(resolve(path)));
