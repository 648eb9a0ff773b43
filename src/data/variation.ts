// Pictures as they might have been taken as well: another cut, another light, seen in a mirror. A function of a key, for training networks
// that are to serve any pictures; `augment.ts` has the literature's flips and shifts.

import { type Key, stream } from "../tensor/random.ts";

/** What may vary. */
export interface Variation {
  /** Whether a mirror image is as natural as the picture: not where there is writing. */
  readonly mirror: boolean;
  /** The smallest window that a picture is cut to, as a share of its side; windows up to `1 / 0.9` sides reach beyond it. */
  readonly smallest: number;
  /** By how much brightness, contrast and each colour's share may be off, as a share. */
  readonly light: number;
  /** Share of the pictures that lose their colours. */
  readonly grey: number;
}

const LARGEST = 1 / 0.9;
/** Windows are up to so much wider than high, or higher than wide. */
const STRETCH = 1.15;
/** A window may reach beyond the picture by this share of its side; there the picture's edge goes on. */
const BEYOND = 1 / 8;
/** Rec. 601 luma. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * One image [3, side, side] as it might have been.
 * @param into where the result goes, as long as the image
 * @example
 * const [image, varied] = [new Uint8Array(3 * 32 * 32).fill(90), new Uint8Array(3 * 32 * 32)];
 * varyImage(image, 32, { mirror: true, smallest: 0.6, light: 0, grey: 0 }, key(0), varied);
 * varied[0] // 90
 */
export function varyImage(image: Uint8Array, side: number, variation: Variation, source: Key, into: Uint8Array): void {
  const next = stream(source);
  const window = drawWindow(side, variation, next);
  const tone = drawTone(variation, next);
  const isMirrored = variation.mirror && next() < 0.5;
  const plane = side * side;
  for (let y = 0; y < side; y++) {
    const down = window.y.step[y]! * side;
    const wy = window.y.share[y]!;
    for (let x = 0; x < side; x++) {
      const h = isMirrored ? side - 1 - x : x;
      const at = window.y.first[y]! * side + window.x.first[h]!;
      const right = window.x.step[h]!;
      const wx = window.x.share[h]!;
      const r = between(image, at, right, down, wx, wy);
      const g = between(image, at + plane, right, down, wx, wy);
      const b = between(image, at + 2 * plane, right, down, wx, wy);
      const grey = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
      const to = y * side + x;
      into[to] = level(tone, 0, r, grey);
      into[to + plane] = level(tone, 1, g, grey);
      into[to + 2 * plane] = level(tone, 2, b, grey);
    }
  }
}

/** The value `wx` of the way to the right and `wy` of the way down from a pixel. */
function between(image: Uint8Array, at: number, right: number, down: number, wx: number, wy: number): number {
  const top = image[at]! + wx * (image[at + right]! - image[at]!);
  const bottom = image[at + down]! + wx * (image[at + down + right]! - image[at + down]!);
  return top + wy * (bottom - top);
}

/** Where each output row or column is read: between `first` and `first + step`, `share` of the way. */
interface Taps {
  readonly first: Int32Array;
  readonly step: Uint8Array;
  readonly share: Float64Array;
}

/** A window of random size, proportions and place. */
function drawWindow(side: number, { smallest }: Variation, next: () => number): { x: Taps; y: Taps } {
  const size = side * (smallest + (LARGEST - smallest) * next());
  const stretch = STRETCH ** (2 * next() - 1);
  const axis = (length: number): Taps => {
    const beyond = side * BEYOND;
    const from = -beyond + (side - length + 2 * beyond) * next();
    return taps(side, from, length / side);
  };
  return { x: axis(size * stretch), y: axis(size / stretch) };
}

function taps(side: number, from: number, scale: number): Taps {
  const [first, step, share] = [new Int32Array(side), new Uint8Array(side), new Float64Array(side)];
  for (let i = 0; i < side; i++) {
    const place = Math.min(Math.max(from + (i + 0.5) * scale - 0.5, 0), side - 1);
    first[i] = Math.floor(place);
    step[i] = first[i]! < side - 1 ? 1 : 0;
    share[i] = place - first[i]!;
  }
  return { first, step, share };
}

/** A picture's light: each colour's gain and shift, and how much colour is left. */
interface Tone {
  readonly gain: readonly [number, number, number];
  readonly shift: number;
  readonly colour: number;
}

function drawTone({ light, grey }: Variation, next: () => number): Tone {
  const about = (spread: number): number => 1 + spread * (2 * next() - 1);
  const contrast = about(light);
  const gain = [contrast * about(light / 4), contrast * about(light / 4), contrast * about(light / 4)] as const;
  // contrast turns about the middle, brightness moves all
  const shift = 127.5 * (1 - contrast) + 255 * (light / 2) * (2 * next() - 1);
  return { gain, shift, colour: next() < grey ? 0 : Math.max(0, about(light)) };
}

function level({ gain, shift, colour }: Tone, channel: 0 | 1 | 2, value: number, grey: number): number {
  const toned = gain[channel] * (grey + colour * (value - grey)) + shift;
  return Math.min(255, Math.max(0, Math.round(toned)));
}
