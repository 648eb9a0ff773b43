// A TrueType font of a few letters made of straight lines: enough of one for a reader of outlines.

/** Corners of a letter in a square of 1000, upwards; no corners make a blank. */
export type Corners = readonly (readonly [x: number, y: number])[];

/** The bytes of a font with the letters. */
export function tinyFont(letters: Readonly<Record<string, Corners>>): Buffer {
  const codePoints = Object.keys(letters).map((letter) => letter.codePointAt(0)!);
  const glyphs = [Buffer.alloc(0), ...Object.values(letters).map(glyphOf)];
  const offsets = glyphs.map((_, i) => glyphs.slice(0, i).reduce((sum, glyph) => sum + glyph.length, 0));
  const total = glyphs.reduce((sum, glyph) => sum + glyph.length, 0);
  const widths = glyphs.flatMap(() => [1000, 0]);
  return fontOf({
    cmap: cmapOf(codePoints),
    glyf: Buffer.concat(glyphs),
    head: headOf(),
    hhea: shorts([1, 0, 1000, -200, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, glyphs.length]),
    hmtx: shorts(widths),
    loca: longs([...offsets, total]),
    maxp: shorts([1, 0, glyphs.length, 99, 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
  });
}

function glyphOf(corners: Corners): Buffer {
  if (corners.length === 0) return Buffer.alloc(0);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const header = shorts([1, Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), corners.length - 1, 0]);
  const flags = Buffer.alloc(corners.length, 1); // every point is on the outline, both coordinates are 16 bits
  const steps = (values: readonly number[]): number[] => values.map((value, i) => value - (values[i - 1] ?? 0));
  return padded(Buffer.concat([header, flags, shorts(steps(xs)), shorts(steps(ys))]));
}

/** Format 12: a group a letter. */
function cmapOf(codePoints: readonly number[]): Buffer {
  const groups = codePoints.map((codePoint, i) => [codePoint, codePoint, i + 1]).sort((a, b) => a[0]! - b[0]!);
  const table = longs([16 + 12 * groups.length, 0, groups.length, ...groups.flat()]);
  return Buffer.concat([shorts([0, 1, 3, 10]), longs([12]), shorts([12, 0]), table]);
}

function headOf(): Buffer {
  const dates = longs([0, 0, 0, 0]);
  return Buffer.concat([
    longs([0x10000, 0x10000, 0, 0x5f0f3cf5]),
    shorts([0, 1000]),
    dates,
    shorts([0, 0, 1000, 1000, 0, 8, 2, 1, 0]),
  ]);
}

function fontOf(tables: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries(tables);
  let at = 12 + 16 * entries.length;
  const directory = entries.map(([name, table]) => {
    const entry = Buffer.concat([Buffer.from(name), longs([0, at, table.length])]);
    at += padded(table).length;
    return entry;
  });
  const header = Buffer.concat([longs([0x10000]), shorts([entries.length, 0, 0, 0])]);
  return Buffer.concat([header, ...directory, ...entries.map(([, table]) => padded(table))]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, 2 * i);
  return bytes;
}

function longs(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
