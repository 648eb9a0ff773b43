// Sets of icons: a class is a concept, its drawings are what several sets of icons draw for it, in all their styles.

import { distinctDrawings } from "./distinct.ts";
import type { Drawing } from "./drawing.ts";
import { drawnClasses, type DrawingLimits, type Jitter } from "./drawn-class.ts";
import { type IconSet, iconSet } from "./iconify.ts";
import type { MadeClass } from "./made-set.ts";
import type { OpenPackage } from "./packages.ts";

/** Concepts with the names that icons of them have. */
export type Concepts = ReadonlyMap<string, readonly string[]>;

const JITTER: Jitter = { turn: 15, lean: 8, size: [0.5, 0.92] };
/** What the names of icons say of style and size, before and behind the name of what is drawn. */
const STYLE =
  /^(?:outline|round|sharp|twotone|baseline|solid)-|-(?:fill|filled|line|outline|outlined|bold|duotone|light|thin|linear|broken|twotone|sharp|solid|regular|rounded|alt|\d+)$/;

/** A class a concept, of those with drawings enough. */
export async function iconClasses(
  concepts: Concepts,
  packages: AsyncIterable<OpenPackage>,
  { mostOfOne, ...limits }: DrawingLimits & { readonly mostOfOne: number },
): Promise<MadeClass[]> {
  const found = new Map<string, Drawing[]>();
  for await (const opened of packages) {
    const byName = byConcept(iconSet(opened));
    for (const [concept, names] of concepts) {
      const drawings = names.flatMap((name) => byName.get(name) ?? []);
      const before = found.get(concept) ?? [];
      found.set(concept, [...before, ...(await distinctDrawings(drawings, mostOfOne))]);
    }
  }
  return drawnClasses(found, limits, JITTER);
}

/** Drawings by what they show: `home-outline` and `home-24-filled` are both of `home`. */
function byConcept(icons: IconSet): Map<string, Drawing[]> {
  const found = new Map<string, Drawing[]>();
  for (const [name, drawing] of icons) {
    const concept = withoutStyle(name);
    const before = found.get(concept);
    if (before) before.push(drawing);
    else found.set(concept, [drawing]);
  }
  return found;
}

/** What is left of "home-24-filled" is "home". */
function withoutStyle(name: string): string {
  const shorter = name.replace(STYLE, "");
  return shorter === name ? name : withoutStyle(shorter);
}
