// Pictures of shapes: a class's outline in colours of its own, turned, mirrored and stretched, at times partly covered.

import { type Key, stream } from "../../tensor/random.ts";
import { anyColour, colourOn, hexOf, inkAndGround } from "./colours.ts";
import { mix } from "./fields.ts";
import { SHAPE_CLASSES } from "./shape-classes.ts";

/** Shares of pictures with an outline alone, with other small things about, with a bar across a corner. */
const [OUTLINED, CLUTTERED, COVERED] = [0.25, 0.4, 0.35];

/** The names of the shape classes, in the table's order. */
export function shapeNames(): string[] {
  return Object.keys(SHAPE_CLASSES);
}

/**
 * A picture of the named class as SVG elements in the square [0, 1] x [0, 1]; the same key gives the same picture.
 * For example: `shapePicture("ring", key(1))`.
 */
export function shapePicture(name: string, picture: Key): string {
  const shape = SHAPE_CLASSES[name];
  if (!shape) throw new RangeError(`no shape ${name}`);
  const next = stream(picture);
  const { ink, ground } = inkAndGround(next, 0.3);
  const back = hexOf(ground);
  const size = mix(0.26, 0.46, next());
  const room = 0.52 - size;
  const [x, y] = [0.5 + room * (2 * next() - 1), 0.5 + room * (2 * next() - 1)];
  const [turn, stretch, lean] = [360 * next(), mix(0.8, 1, next()), mix(-12, 12, next())];
  const isOutlined = next() < OUTLINED && shape.parts.length === 1;
  const place = `translate(${f(x)} ${f(y)}) rotate(${f(turn)}) skewX(${f(lean)}) scale(${f(size)} ${f((next() < 0.5 ? -1 : 1) * size * stretch)})`;
  const parts = shape.parts.map((path) =>
    isOutlined
      ? `<path d="${path}" fill="none" stroke-width="0.16" stroke="${hexOf(ink)}"/>`
      : filled(path, hexOf(ink)),
  );
  // Holes go over the first part, the other parts over the holes.
  const [first = "", ...others] = parts;
  const holes = (shape.holes ?? []).map((path) => filled(path, back));
  const clutter = next() < CLUTTERED ? bits(next, hexOf(colourOn(ground, next, { contrast: 0.12 }))) : "";
  const cover = next() < COVERED ? bar(next, hexOf(anyColour(next))) : "";
  const body = `<g transform="${place}">${first}${holes.join("")}${others.join("")}</g>`;
  return `<rect width="1" height="1" fill="${back}"/>${clutter}${body}${cover}`;
}

function filled(path: string, colour: string): string {
  return `<path d="${path}" fill="${colour}"/>`;
}

/** Small discs here and there, behind the shape. */
function bits(next: () => number, colour: string): string {
  const count = 2 + Math.floor(5 * next());
  return Array.from({ length: count }, () => {
    const [x, y, radius] = [next(), next(), mix(0.015, 0.045, next())];
    return `<circle cx="${f(x)}" cy="${f(y)}" r="${f(radius)}" fill="${colour}"/>`;
  }).join("");
}

/** A bar across the picture that misses its middle. */
function bar(next: () => number, colour: string): string {
  const [turn, away] = [360 * next(), mix(0.24, 0.4, next())];
  return `<rect transform="translate(0.5 0.5) rotate(${f(turn)})" x="-1" y="${f(away)}" width="2" height="0.1" fill="${colour}"/>`;
}

/** Few digits: the same text wherever it is written. */
function f(value: number): string {
  return value.toFixed(4);
}
