// Pictures of textures: a part of a class's field, turned, scaled, in colours of its own, lit from a side.

import { type Key, stream } from "../../tensor/random.ts";
import { byteOf, colourOn, inkAndGround, type Rgb } from "./colours.ts";
import { mix } from "./fields.ts";
import { TEXTURE_CLASSES, type TextureClass } from "./texture-classes.ts";

/** Points a pixel in each direction, against jagged edges. */
const FINER = 2;
const [LEAST_SCALE, MOST_SCALE] = [0.85, 1.2];

/** The names of the texture classes, in the table's order. */
export function textureNames(): string[] {
  return [...TEXTURE_CLASSES.keys()];
}

/**
 * A picture of the named class as rows of red, green, blue bytes [side, side, 3]; the same key gives the same picture.
 * For example: `texturePicture("dots-4", key(1), 64)`.
 */
export function texturePicture(name: string, picture: Key, side: number): Uint8Array {
  const texture = TEXTURE_CLASSES.get(name);
  if (!texture) throw new RangeError(`no texture ${name}`);
  const next = stream(picture);
  const toneAt = placed(texture, next);
  const colourAt = coloured(next);
  const lit = lightFrom(next);
  const grain = 0.05 * next();
  const bytes = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const light = lit(x / side, y / side) + grain * (next() - 0.5);
      const colour = colourAt(meanTone(toneAt, x, y, side));
      for (let i = 0; i < 3; i++) bytes[(y * side + x) * 3 + i] = byteOf(colour[i]! * light);
    }
  }
  return bytes;
}

/** The field over the unit square, turned about its middle and moved. */
function placed({ periods, field }: TextureClass, next: () => number): (x: number, y: number) => number {
  const shown = field(Math.floor(next() * 2 ** 31));
  const turn = 2 * Math.PI * next();
  const scale = periods * mix(LEAST_SCALE, MOST_SCALE, next());
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const [dx, dy] = [next() - 0.5, next() - 0.5];
  return (x, y) => shown(cos * (x - 0.5) - sin * (y - 0.5) + dx, sin * (x - 0.5) + cos * (y - 0.5) + dy);
}

function meanTone(toneAt: (x: number, y: number) => number, x: number, y: number, side: number): number {
  let sum = 0;
  for (let i = 0; i < FINER; i++) {
    for (let j = 0; j < FINER; j++) sum += toneAt((x + (i + 0.5) / FINER) / side, (y + (j + 0.5) / FINER) / side);
  }
  return sum / FINER ** 2;
}

/** From tones to colours: between ground and ink, at times by way of a third colour. */
function coloured(next: () => number): (tone: number) => Rgb {
  const { ink, ground } = inkAndGround(next, 0.3);
  const between = colourOn(ink, next, { contrast: 0.1 });
  const bend = 0.5 * Math.max(0, 2 * next() - 1);
  return (tone) => {
    const share = bend * 4 * tone * (1 - tone);
    const part = (i: 0 | 1 | 2): number => mix(mix(ground[i], ink[i], tone), between[i], share);
    return [part(0), part(1), part(2)];
  };
}

function lightFrom(next: () => number): (x: number, y: number) => number {
  const [angle, strength] = [2 * Math.PI * next(), 0.4 * next()];
  return (x, y) => 1 + strength * ((x - 0.5) * Math.cos(angle) + (y - 0.5) * Math.sin(angle));
}
