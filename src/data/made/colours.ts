// Colours of made pictures: an ink that can be seen on its ground.

/** Red, green and blue in [0, 1]. */
export type Rgb = readonly [red: number, green: number, blue: number];

export interface InkAndGround {
  readonly ink: Rgb;
  readonly ground: Rgb;
}

/** So much of the pairs are grey, so much lie on white or black; the rest is of any colour. */
const [GREY, PLAIN] = [0.25, 0.25];

/**
 * Two colours whose luminances differ by at least `contrast` (of 1), drawn with `next`, uniform numbers in [0, 1).
 * For example: `inkAndGround(stream(key(1)), 0.35)`.
 */
export function inkAndGround(next: () => number, contrast: number): InkAndGround {
  const kind = next();
  const colour = kind < GREY ? grey : anyColour;
  const ground = kind >= GREY && kind < GREY + PLAIN ? plain(next) : colour(next);
  return { ground, ink: colourOn(ground, next, { contrast, colour }) };
}

/** A colour whose luminance differs from that of `ground` by at least `contrast` (up to a half: there is always one). */
export function colourOn(
  ground: Rgb,
  next: () => number,
  { contrast, colour = anyColour }: { readonly contrast: number; readonly colour?: (next: () => number) => Rgb },
): Rgb {
  for (;;) {
    const ink = colour(next);
    if (Math.abs(luminance(ink) - luminance(ground)) >= contrast) return ink;
  }
}

export function anyColour(next: () => number): Rgb {
  return [next(), next(), next()];
}

/** As SVG writes it. @example hexOf([1, 0.5, 0]) // "#ff8000" */
export function hexOf(colour: Rgb): string {
  return `#${colour.map((part) => byteOf(part).toString(16).padStart(2, "0")).join("")}`;
}

/** A part of a colour as the byte of a picture; what lies outside [0, 1] is cut off. */
export function byteOf(part: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, part)));
}

/** How light a colour looks, in [0, 1] (Rec. 709's weights, on the values as they are). */
function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function grey(next: () => number): Rgb {
  const value = next();
  return [value, value, value];
}

function plain(next: () => number): Rgb {
  return next() < 0.7 ? [1, 1, 1] : [0, 0, 0];
}
