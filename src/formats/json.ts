// JSON from files: UTF-8 with or without a byte order mark, and not nested so deeply that whoever walks it runs out of stack.

import { FormatError } from "../errors.ts";

/** Files of ours nest less than ten deep. */
const DEEPEST = 100;

/**
 * The value that a JSON file holds, as text or as bytes.
 * @param fileName names the file in errors
 * @throws FormatError for what is no JSON, no UTF-8, or nested more than 100 deep
 * @example parseJson('{"steps": 5}', "run.json") // { steps: 5 }
 */
export function parseJson(source: string | Uint8Array, fileName: string, hint?: string): unknown {
  const options = hint === undefined ? {} : { hint };
  let text: string;
  let json: unknown;
  try {
    // the decoder leaves a byte order mark out
    text =
      typeof source === "string"
        ? source.replace(/^\uFEFF/, "")
        : new TextDecoder("utf-8", { fatal: true }).decode(source);
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(fileName, `not JSON: ${(cause as Error).message}`, { ...options, cause });
  }
  if (depthOf(text) > DEEPEST) throw new FormatError(fileName, `nested more than ${DEEPEST} deep`, options);
  return json;
}

/** How deep valid JSON is nested, without recursion. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/** Where the string that opens at `at` is closed. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

/** JSON with sorted keys and without what is undefined: the same text for the same recipe. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
