// Letters: a class is a code point of a script, its drawings are those of several fonts and weights.

import type { Drawing } from "./drawing.ts";
import { distinctDrawings } from "./distinct.ts";
import { drawnClasses, type DrawingLimits, type Jitter } from "./drawn-class.ts";
import { lettersOf } from "./fonts.ts";
import type { Script } from "./glyph-scripts.ts";
import type { MadeClass } from "./made-set.ts";
import type { OpenPackage } from "./packages.ts";

const JITTER: Jitter = { turn: 12, lean: 12, size: [0.42, 0.88] };
const SCOPE = "@fontsource/";

/** A class a letter (`greek-03a9`), of those that are drawn in ways enough. */
export async function glyphClasses(
  scripts: Readonly<Record<string, Script>>,
  packages: AsyncIterable<OpenPackage>,
  { mostOfOne, ...limits }: DrawingLimits & { readonly mostOfOne: number },
): Promise<MadeClass[]> {
  const found = new Map<string, Drawing[]>();
  for await (const opened of packages) {
    for (const [script, { letters, fonts }] of Object.entries(scripts)) {
      if (!words(fonts).includes(opened.name.slice(SCOPE.length))) continue;
      for (const [letter, drawings] of await lettersOf(opened, Array.from(letters))) {
        const ofClass = `${script}-${letter.codePointAt(0)!.toString(16).padStart(4, "0")}`;
        const distinct = await distinctDrawings(drawings, mostOfOne);
        found.set(ofClass, [...(found.get(ofClass) ?? []), ...distinct]);
      }
    }
  }
  return drawnClasses(found, limits, JITTER);
}

/** The packages of the fonts of scripts, each once. */
export function fontPackages(scripts: Readonly<Record<string, Script>>): string[] {
  return [...new Set(Object.values(scripts).flatMap(({ fonts }) => words(fonts)))].map((name) => SCOPE + name);
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
