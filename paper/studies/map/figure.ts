// Gain of conditioning over the best single static network: by cell of the map, then by domain where a cell has been run.

import { type DotRow, dotsFigure } from "pudnet/files";
import { difference, domainsOf, type MapCell, type Mean, only, overBestStatic } from "./compare.ts";
import { type ContenderName, HEADS, type Place, PLACES, placeText } from "./methods.ts";
import { isAt } from "./verdict.ts";

const SERIES = ["d", "d, gated"] as const satisfies readonly ContenderName[];

/** The SVG text. Cells that are not run keep their row, which says so. */
export function mapFigure(title: string, cells: readonly MapCell[]): string {
  const known = PLACES.flatMap((place) => cells.find((one) => isAt(one, place)) ?? []);
  const kinds = [true, false].map((isTrained) => ({
    name: isTrained ? "Novel classes of domains that were trained on" : "Domains that were not trained on",
    rows: PLACES.map((place) => placeRow(place, cells, isTrained)),
  }));
  const byDomain = known.map((cell) => ({ name: `By domain, ${placeText(cell)}`, rows: domainRows(cell) }));
  const groups = [...kinds, ...byDomain].filter(({ rows }) => rows.length > 0);
  return dotsFigure({ title, label: "points above the best single static network", columns: HEADS, series: SERIES, groups }); // prettier-ignore
}

function placeRow(place: Place, cells: readonly MapCell[], isTrained: boolean): DotRow {
  const cell = cells.find((one) => isAt(one, place));
  const row = cell && rowOf(placeText(place), cell, cell, isTrained);
  return row && Object.values(row.values).some((of) => Object.keys(of).length > 0)
    ? row
    : { name: `${placeText(place)}: not run`, values: {} };
}

function domainRows(cell: MapCell): DotRow[] {
  return [true, false].flatMap((isTrained) =>
    domainsOf(cell, isTrained).map((domain) =>
      rowOf(isTrained ? domain : `${domain} (new)`, cell, only(cell, [domain]), isTrained),
    ),
  );
}

/** Gains in `part` of a cell over the static network that is best in all of it. */
function rowOf(name: string, cell: MapCell, part: MapCell, isTrained: boolean): DotRow {
  const gains = HEADS.map((head) => {
    const of = SERIES.flatMap((one) => {
      const best = overBestStatic(cell, one, { head, isTrained });
      const gain = best && difference(part, one, best.against, { head, isTrained });
      return gain ? [[one, gain] as const] : [];
    });
    return [head, of] as const;
  });
  const by = (of: (gain: Mean) => number): DotRow["values"] =>
    Object.fromEntries(gains.map(([head, all]) => [head, Object.fromEntries(all.map(([one, gain]) => [one, of(gain)]))])); // prettier-ignore
  return { name, values: by(({ mean }) => mean), ci95: by(intervalOf) };
}

/** Over domains; of one domain over groups; none of two or three, which say nothing of others. */
function intervalOf({ domains, overGroups, overDomains }: Mean): number {
  if (domains === 1) return overGroups;
  return domains > 3 ? overDomains : Number.NaN;
}
