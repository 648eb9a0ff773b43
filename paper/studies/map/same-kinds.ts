// The same kinds of pictures in cells of one width, so that nothing changes but what else was trained on: CIFAR-100 among 1, 4 and 8
// domains, the first four among 4 and 8. Groups are the same, and so is the number of them that a network was trained on in all.

import { groupedBy, markdownTable } from "pudnet/files";
import { domainsOf, type MapCell, only, overBestStatic } from "./compare.ts";
import { HEADS, placeText } from "./methods.ts";
import { signedText } from "./words.ts";

/** A cell as it judges the kinds of a cell of fewer. */
interface Nested {
  readonly kinds: readonly string[];
  readonly cell: MapCell;
}

/** Of cells that share their width, the kinds of each but the largest in it and in all larger ones. */
function nestedCells(cells: readonly MapCell[]): Nested[] {
  const byWidth = [...groupedBy(cells, ({ width, steps }) => [width, steps].join()).values()];
  return byWidth.flatMap((of) => {
    const rising = of.toSorted((a, b) => a.domains - b.domains);
    return rising.slice(0, -1).flatMap((small, i) => {
      const kinds = domainsOf(small, "novel classes");
      return rising.slice(i).map((cell) => ({ kinds, cell: only(cell, kinds) }));
    });
  });
}

/** What the sketch's change gains there, in percentage points, on the single static network that is best on these kinds; undefined where no two cells can be set side by side. */
export function sameKindsTable(cells: readonly MapCell[]): string | undefined {
  const rows = nestedCells(cells).flatMap(({ kinds, cell }) => {
    const gains = HEADS.map((head) => overBestStatic(cell, "d", { head, ground: "novel classes", labels: "10" }));
    if (gains.some((one) => one === undefined)) return [];
    const texts = gains.map((one) => `${signedText(one!.gain)} on ${one!.against}`);
    return [[kinds.join(", "), placeText(cell), gains[0]!.gain.seeds.join(", "), ...texts]];
  });
  if (rows.length < 2) return undefined;
  return markdownTable(
    [
      { name: "kinds" },
      { name: "cell" },
      { name: "seeds", align: "right" },
      ...HEADS.map((head) => ({ name: `d, ${head}`, align: "right" as const })),
    ],
    rows,
  );
}
