// Fonts as the packages @fontsource/* hold them: a file a weight and a part of the character set. Their letters as drawings: outlines,
// so that no font of the system has a part in it.

import type { Font } from "fontkitten";
import { z } from "zod";
import { FormatError } from "../../../errors.ts";
import { loadOptional } from "../../optional-packages.ts";
import type { Drawing } from "./drawing.ts";
import { jsonOf, type OpenPackage } from "./packages.ts";

const metadataSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/),
  weights: z.array(z.int().min(1).max(1000)).max(20),
});
/** The characters of each part: "U+1780-17FF,U+200C". */
const partsSchema = z.record(z.string().regex(/^[\w[\]-]+$/), z.string());
/** More than any outline of a letter here has. */
const MOST_COMMANDS = 2000;

/**
 * The letters that a package's fonts have, in every weight, upright: drawings by letter.
 * @throws FormatError for files that are missing or damaged, UserError where fontkitten is not installed
 */
export async function lettersOf(opened: OpenPackage, letters: readonly string[]): Promise<Map<string, Drawing[]>> {
  const { id, weights } = jsonOf(opened, "metadata.json", metadataSchema);
  const parts = Object.entries(jsonOf(opened, "unicode.json", partsSchema));
  const { create } = await loadOptional("making letters", ["fontkitten"], () => import("fontkitten"));
  const drawings = new Map<string, Drawing[]>();
  for (const [part, ranges] of parts) {
    const inPart = letters.filter((letter) => isWithin(letter.codePointAt(0)!, ranges));
    if (inPart.length === 0) continue;
    // The parts of large character sets have numbers in brackets, but not in the names of their files.
    const files = weights.map((weight) => `files/${id}-${part.replace(/[[\]]/g, "")}-${weight}-normal.woff2`);
    for (const file of files) {
      const bytes = opened.file(file);
      if (!bytes) continue; // some weights are there for some parts only
      for (const [letter, drawing] of outlines(opened, file, { font: openFont(create, bytes), letters: inPart })) {
        drawings.set(letter, [...(drawings.get(letter) ?? []), drawing]);
      }
    }
  }
  return drawings;
}

/** The letters' outlines; those that the font lacks or leaves blank are left out, and so are two letters that look the same. */
function outlines(
  opened: OpenPackage,
  file: string,
  { font, letters }: { readonly font: Font | undefined; readonly letters: readonly string[] },
): [string, Drawing][] {
  if (!font) throw new FormatError(`${opened.name}/${file}`, "not a font that can be read");
  const drawn = letters.flatMap((letter): [string, Drawing][] => {
    const drawing = outline(font, letter.codePointAt(0)!);
    return drawing ? [[letter, drawing]] : [];
  });
  return drawn.filter(([, { body }]) => drawn.filter((other) => other[1].body === body).length === 1);
}

function outline(font: Font, codePoint: number): Drawing | undefined {
  if (!font.hasGlyphForCodePoint(codePoint)) return undefined;
  const { path } = font.glyphForCodePoint(codePoint);
  const { minX, minY, maxX, maxY } = path.bbox;
  const [width, height] = [maxX - minX, maxY - minY];
  if (path.commands.length > MOST_COMMANDS || !(width > 0 && height > 0 && Number.isFinite(width + height)))
    return undefined;
  // Fonts count upwards, pictures downwards.
  const body = `<g transform="scale(1 -1)"><path fill="currentColor" d="${path.toSVG()}"/></g>`;
  return { body, left: minX, top: -maxY, width, height };
}

/** @example isWithin(0x1781, "U+1780-17FF,U+200C") // true */
export function isWithin(codePoint: number, ranges: string): boolean {
  return ranges.split(",").some((range) => {
    const [, first = "", last = first] = /^U\+([0-9a-f]+)(?:-([0-9a-f]+))?$/i.exec(range.trim()) ?? [];
    return codePoint >= Number.parseInt(first, 16) && codePoint <= Number.parseInt(last, 16);
  });
}

function openFont(create: typeof import("fontkitten").create, bytes: Uint8Array): Font | undefined {
  try {
    const font = create(Buffer.from(bytes));
    return font.isCollection ? undefined : font;
  } catch {
    return undefined; // told with the file's name
  }
}
