// A drawing: the inside of an SVG from a package, which is untrusted. It may hold shapes, gradients and clips, nothing that names
// another file, runs or is set in a font.

/** What is drawn, and the part of the plane that it fills. */
export interface Drawing {
  /** SVG elements; `currentColor` is the ink. */
  readonly body: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const ELEMENTS = new Set(
  (
    "g path circle ellipse rect line polyline polygon defs clipPath mask linearGradient radialGradient stop use symbol " +
    "filter feBlend feColorMatrix feComposite feFlood feGaussianBlur feOffset feMorphology"
  ).split(" "),
);
/** More than a drawing of a few dozen shapes takes; larger ones are slow and lose their detail at the size of a picture. */
const MOST_CHARACTERS = 60_000;

/**
 * Whether the body of a drawing is harmless and can be drawn.
 * @example isDrawable('<path d="M0 0h9v9z"/>') // true
 * @example isDrawable('<image href="/etc/passwd"/>') // false
 */
export function isDrawable(body: string): boolean {
  if (body.length > MOST_CHARACTERS || /<[!?]|&(?!amp;|lt;|gt;|quot;|apos;|#)/.test(body)) return false;
  const names = [...body.matchAll(/<\/?\s*([^\s/>]*)/g)].map((found) => found[1]!);
  if (names.length === 0 || !names.every((name) => ELEMENTS.has(name))) return false;
  const links = [...body.matchAll(/href\s*=\s*["']?\s*([^\s"'>]*)/gi)].map((found) => found[1]!);
  const places = [...body.matchAll(/url\(\s*["']?\s*([^\s"')]*)/gi)].map((found) => found[1]!);
  return [...links, ...places].every((place) => place.startsWith("#"));
}

export interface Placing {
  readonly ink: string;
  readonly ground: string;
  /** The larger side of the drawing, of the picture's. */
  readonly size: number;
  /** The middle of the drawing, in the picture's [0, 1] x [0, 1]. */
  readonly x: number;
  readonly y: number;
  /** In degrees. */
  readonly turn?: number;
  readonly lean?: number;
  /** Further attributes of the drawing's group. */
  readonly attributes?: string;
}

/** The drawing on a ground of one colour, as SVG elements in the square [0, 1] x [0, 1]. */
export function placedDrawing(drawing: Drawing, placing: Placing): string {
  const { left, top, width, height } = drawing;
  const scale = placing.size / Math.max(width, height);
  const transform =
    `translate(${f(placing.x)} ${f(placing.y)}) rotate(${f(placing.turn ?? 0)}) skewX(${f(placing.lean ?? 0)}) ` +
    `scale(${scale.toPrecision(8)}) translate(${f(-left - width / 2)} ${f(-top - height / 2)})`;
  return (
    `<rect width="1" height="1" fill="${placing.ground}"/>` +
    `<g transform="${transform}" color="${placing.ink}" ${placing.attributes ?? ""}>${drawing.body}</g>`
  );
}

/** Few digits: the same text wherever it is written. */
function f(value: number): string {
  return value.toFixed(4);
}
