// Emoji: a class is a code point, its drawings are those of several vendors.

import type { Drawing } from "./drawing.ts";
import { drawnClasses, type DrawingLimits, type Jitter } from "./drawn-class.ts";
import { iconSet } from "./iconify.ts";
import type { MadeClass } from "./made-set.ts";
import type { OpenPackage } from "./packages.ts";

const JITTER: Jitter = { turn: 20, lean: 10, size: [0.55, 0.95] };

/** A class a code point (`1f600-grinning-face`), of those with drawings enough; `emoji` gives their names. */
export async function emojiClasses(
  emoji: ReadonlyMap<string, string>,
  packages: AsyncIterable<OpenPackage>,
  limits: DrawingLimits,
): Promise<MadeClass[]> {
  const found = new Map<string, Drawing[]>();
  for await (const opened of packages) {
    const icons = iconSet(opened);
    for (const [codePoint, name] of emoji) {
      const drawing = icons.get(name) ?? icons.get(name.replaceAll("-", "")); // as one vendor writes it
      const ofClass = `${codePoint}-${name}`;
      if (drawing) found.set(ofClass, [...(found.get(ofClass) ?? []), drawing]);
    }
  }
  return drawnClasses(found, limits, JITTER);
}
