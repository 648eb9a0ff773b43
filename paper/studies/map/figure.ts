// Gain of conditioning over the best single static network: by cell of the map, then by domain where a cell has been run.

import { type DotRow, dotsFigure } from "pudnet/files";
import { cellAt, difference, domainsOf, type MapCell, type Mean, only, overBestStatic } from "./compare.ts";
import { type ContenderName, type Ground, GROUNDS, HEADS, LONGER, type Place, PLACES, placeText } from "./methods.ts";

const SERIES = ["d", "d, gated"] as const satisfies readonly ContenderName[];

const TITLES: Readonly<Record<Ground, string>> = {
  "novel classes": "Novel classes of domains that were trained on",
  "new kinds": "Domains that were not trained on",
  "test domains": "Test domains, which nothing was trained on or chosen by",
};

/** The SVG text, of ten labels a class. Cells that are not run keep their row, which says so. */
export function mapFigure(title: string, cells: readonly MapCell[]): string {
  const known = PLACES.flatMap((place) => cellAt(cells, place) ?? []);
  const judged = GROUNDS.filter((ground) => known.some((cell) => domainsOf(cell, ground).length > 0));
  const grounds = judged.map((ground) => ({ name: TITLES[ground], rows: PLACES.flatMap((place) => placeRow(place, cells, ground)) })); // prettier-ignore
  const byDomain = known.map((cell) => ({ name: `By domain, ${placeText(cell)}`, rows: domainRows(cell) }));
  const groups = [...grounds, ...byDomain].filter(({ rows }) => rows.length > 0);
  return dotsFigure({ title, label: "points above the best single static network", columns: HEADS, series: SERIES, groups }); // prettier-ignore
}

/** Test domains are asked for at the claim's cell alone: others have no row there. */
function placeRow(place: Place, cells: readonly MapCell[], ground: Ground): DotRow[] {
  const cell = cellAt(cells, place);
  const name = place === LONGER ? "… twice as long" : placeText(place); // stands below the cell that it is as
  const row = cell && rowOf(name, cell, cell, ground);
  if (row && Object.values(row.values).some((of) => Object.keys(of).length > 0)) return [row];
  return ground === "test domains" ? [] : [{ name: `${name}: not run`, values: {} }];
}

function domainRows(cell: MapCell): DotRow[] {
  return GROUNDS.flatMap((ground) =>
    domainsOf(cell, ground).map((domain) =>
      rowOf(ground === "novel classes" ? domain : `${domain} (new)`, cell, only(cell, [domain]), ground),
    ),
  );
}

/** Gains in `part` of a cell over the static network that is best in all of it. */
function rowOf(name: string, cell: MapCell, part: MapCell, ground: Ground): DotRow {
  const gains = HEADS.map((head) => {
    const of = SERIES.flatMap((one) => {
      const kind = { head, ground, labels: "10" } as const;
      const best = overBestStatic(cell, one, kind);
      const gain = best && difference(part, one, best.against, kind);
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
