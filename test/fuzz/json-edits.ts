// Edits of JSON text that stays JSON (or nearly): values of other types, extreme numbers, keys lost, doubled or foreign.

import { PLACEHOLDER, RAW_VALUES } from "./raw-values.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Place {
  readonly holder: Json[] | { [key: string]: Json };
  readonly key: string | number;
}

const KEYS = ["__proto__", "constructor", "toString", "", "length", "a.b", "\u0000", "x".repeat(300)];

/** How a value or key at one place of the document changes; `raw` marks where raw text goes. */
const WAYS: readonly ((place: Place, choice: number, others: readonly Place[]) => string | undefined)[] = [
  (place, choice) => replaced(place, RAW_VALUES[choice % RAW_VALUES.length]!),
  (place, choice) => replaced(place, RAW_VALUES[choice % RAW_VALUES.length]!),
  (place) => removed(place),
  (place, choice) => renamed(place, KEYS[choice % KEYS.length]!),
  (place, choice) => copied(place, KEYS[choice % KEYS.length]!),
  (place, choice, others) => put(place, get(others[choice % others.length]!)),
  (place, choice) => doubled(place, RAW_VALUES[choice % RAW_VALUES.length]!),
  (place, choice) => nudged(place, choice),
];

/** The text with one value or key changed; undefined where it is no JSON with values inside. */
export function editJson(text: string, edit: { readonly at: number; readonly size: number; readonly value: number }) {
  try {
    return changedJson(text, edit);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined; // earlier edits broke it or nested it
    throw error;
  }
}

function changedJson(text: string, { at, size, value }: Parameters<typeof editJson>[1]): string | undefined {
  const json = JSON.parse(text) as Json;
  const places = placesIn(json);
  if (places.length === 0) return undefined;
  const raw = WAYS[size % WAYS.length]!(places[at % places.length]!, value, places);
  const indent = /^[{[]\n( +)/.exec(text)?.[1];
  const written = JSON.stringify(json, undefined, indent);
  return raw === undefined ? written : written.replace(`"${PLACEHOLDER}"`, () => raw);
}

/** Every value below the root, breadth first and without recursion: earlier edits nest deeply. */
function placesIn(root: Json): Place[] {
  const places: Place[] = [];
  const open: Json[] = [root];
  for (let next = open.pop(); next !== undefined && places.length < 5000; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    for (const key of Object.keys(next)) {
      places.push({ holder: next, key });
      open.push((next as Record<string, Json>)[key]!);
    }
  }
  return places;
}

const get = ({ holder, key }: Place): Json => (holder as Record<string, Json>)[key]!;

function put({ holder, key }: Place, value: Json): undefined {
  (holder as Record<string, Json>)[key] = JSON.parse(JSON.stringify(value)) as Json; // a copy: no cycles
}

function replaced(place: Place, raw: string): string {
  put(place, PLACEHOLDER);
  return raw;
}

function removed({ holder, key }: Place): undefined {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function renamed(place: Place, to: string): undefined {
  const { holder } = place;
  if (Array.isArray(holder)) return removed(place);
  const value = get(place);
  removed(place);
  Object.defineProperty(holder, to, { value, enumerable: true, configurable: true, writable: true });
}

function copied(place: Place, to: string): undefined {
  const { holder } = place;
  const value = get(place);
  if (Array.isArray(holder)) holder.push(value);
  else Object.defineProperty(holder, to, { value, enumerable: true, configurable: true, writable: true });
}

/** The same key twice, the second time with another value. */
function doubled(place: Place, raw: string): string | undefined {
  const { holder, key } = place;
  if (Array.isArray(holder)) return replaced(place, raw);
  const first = JSON.stringify(get(place));
  put(place, PLACEHOLDER);
  return `${first},${JSON.stringify(key)}:${raw}`;
}

/** A value of the same type, nearly the same: what checks of types and ranges never notice. */
function nudged(place: Place, choice: number): undefined {
  const value = get(place);
  if (typeof value === "number") return put(place, value + [1, -1, 1e-9, 0.5, -2 * value][choice % 5]!);
  if (typeof value === "boolean") return put(place, !value);
  if (typeof value === "string") return put(place, nudgedText(value, choice));
  if (Array.isArray(value)) return put(place, value.toReversed());
  removed(place);
}

function nudgedText(text: string, choice: number): string {
  const at = choice % (text.length + 1);
  return text.slice(0, at) + String.fromCharCode(97 + (choice % 26)) + text.slice(at + 1);
}
