// Seeded, splittable randomness. A key is a value: the same key always gives the same numbers, `fold` derives
// independent keys by name or index, so group i of a training run needs no memory of groups 0..i-1.
// Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded through the 128-bit state held by the key.

declare const keyBrand: unique symbol;
/** 128 bits from which random numbers and further keys are derived. */
export type Key = readonly [number, number, number, number] & { readonly [keyBrand]: true };

/** murmur3's 32-bit finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function keyOf(...words: readonly [number, number, number, number]): Key {
  return words as Key;
}

function absorb(state: Key, word: number): Key {
  const [a, b, c, d] = state;
  const e = mix(a ^ Math.imul(word, 0x9e3779b1));
  const f = mix(b + Math.imul(e, 0x85ebca77));
  const g = mix(c ^ Math.imul(f, 0xc2b2ae3d));
  const h = mix(d + Math.imul(g, 0x27d4eb2f));
  return keyOf(mix(e + h), f, g, h);
}

/** The root key of a seed. @example uniform(key(7), 2) // Float64Array of 2 numbers in [0, 1) */
export function key(seed: number): Key {
  const root = keyOf(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344); // digits of pi
  return absorb(absorb(root, seed >>> 0), Math.floor(seed / 2 ** 32) >>> 0);
}

/** An independent key for a named or numbered part. @example fold(key(7), "init") */
export function fold(parent: Key, part: string | number): Key {
  if (typeof part === "number") return absorb(absorb(parent, part >>> 0), 1);
  let child = absorb(parent, part.length);
  for (let i = 0; i < part.length; i++) child = absorb(child, part.charCodeAt(i));
  return child;
}

/** A stream of uniform numbers in [0, 1) with 32 bits each. */
export function stream(source: Key): () => number {
  let [a, b, c, d] = source;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

export function uniform(source: Key, count: number, low = 0, high = 1): Float64Array {
  const next = stream(source);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = low + (high - low) * next();
  return numbers;
}

/** Standard normal numbers (Box-Muller). */
export function normal(source: Key, count: number, deviation = 1): Float64Array {
  const next = stream(source);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    numbers[i] = deviation * radius * Math.cos(2 * Math.PI * next());
  }
  return numbers;
}

/** The first `count` entries of a random permutation of `items` (partial Fisher-Yates); all of them by default. */
export function sample<T>(source: Key, items: ArrayLike<T>, count = items.length): T[] {
  if (count > items.length) throw new RangeError(`cannot draw ${count} of ${items.length} without replacement`);
  const next = stream(source);
  const pool = Array.from(items);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(next() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count);
}
