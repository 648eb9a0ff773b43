// Accuracies of a cell of the map, and paired differences with intervals over groups, over domains and over trainings.

import { estimate, pairedTest } from "pudnet/evaluation";
import { groupedBy } from "pudnet/files";
import { CONTENDER_NAMES, CONTENDERS, type ContenderName, type Ground, type Head, isAt, type Labels, type Place, STATIC, TEST_DOMAINS } from "./methods.ts"; // prettier-ignore
import type { MapFile, MapRow } from "./rows.ts";

/** What of one training is known: accuracies by domain, of each count of labels in the order of groups. */
type Domains = ReadonlyMap<string, readonly MapRow[]>;

/** A cell with all its trainings. */
export interface MapCell extends Place {
  /** By contender, then by seed. */
  readonly judged: ReadonlyMap<ContenderName, ReadonlyMap<number, Domains>>;
}

/** Which groups, and which of their two accuracies. */
export interface Kind {
  readonly head: Head;
  readonly ground: Ground;
  readonly labels: Labels;
}

function groundOf({ domain, "trained on": isTrained }: MapRow): Ground {
  if (isTrained === "yes") return "novel classes";
  return TEST_DOMAINS.includes(domain) ? "test domains" : "new kinds";
}

/** The cells that something is known of, in the order of the files. */
export function mapCells(files: readonly MapFile[]): MapCell[] {
  return Array.from(
    groupedBy(files, ({ width, domains, steps }) => [width, domains, steps].join()).values(),
    (ofCell) => {
      const { width, domains, steps } = ofCell[0]!;
      const judged = CONTENDER_NAMES.map((name) => [name, trainingsOf(ofCell, name)] as const);
      return { width, domains, steps, judged: new Map(judged.filter(([, trainings]) => trainings.size > 0)) };
    },
  );
}

function trainingsOf(files: readonly MapFile[], name: ContenderName): Map<number, Domains> {
  const { method, sketch, strength } = CONTENDERS[name];
  const isOfIt = (row: MapRow): boolean => row.method === method && row.sketch === sketch && row.strength === strength;
  const trainings = files.map(({ seed, rows }) => [seed, groupedBy(rows.filter(isOfIt), ({ domain }) => domain)] as const); // prettier-ignore
  return new Map(trainings.filter(([, domains]) => domains.size > 0));
}

export const cellAt = (cells: readonly MapCell[], place: Place): MapCell | undefined =>
  cells.find((one) => isAt(one, place));

export function seedsOf({ judged }: MapCell, name: ContenderName): number[] {
  return [...(judged.get(name)?.keys() ?? [])];
}

/** A mean over groups of all its domains, in points or %. */
export interface Mean {
  readonly mean: number;
  /** Half widths of 95 % intervals of Student's t: over groups, over domains, over trainings. NaN for a single one. */
  readonly overGroups: number;
  readonly overDomains: number;
  readonly overTrainings: number;
  readonly domains: number;
  readonly seeds: readonly number[];
}

/** The accuracy in %, over all trainings; undefined where none was judged on such groups. */
export function accuracy(cell: MapCell, name: ContenderName, kind: Kind): Mean | undefined {
  const trainings = [...(cell.judged.get(name) ?? [])];
  return meanOver(
    trainings.map(([seed, domains]) => [seed, valuesBy(domains, kind, ({ [kind.head]: value }) => value)]),
  );
}

/**
 * `a` minus `b` in percentage points, group by group, over the trainings (by seed) and domains that both have. A group's difference is the mean
 * over trainings. Undefined where they have none in common.
 * @param other the cell of `b`, where it is another one
 */
export function difference(
  cell: MapCell,
  a: ContenderName,
  b: ContenderName,
  kind: Kind,
  other: MapCell = cell,
): Mean | undefined {
  const [first, second] = [cell.judged.get(a), other.judged.get(b)];
  const trainings = [...(first ?? [])].flatMap(([seed, domains]) => {
    const others = second?.get(seed);
    if (!others) return [];
    const values = valuesBy(others, kind, ({ [kind.head]: value }) => value);
    const pair = ({ domain, [kind.head]: value }: MapRow, i: number): number => value - (values.get(domain)?.[i] ?? Number.NaN); // prettier-ignore
    return [[seed, valuesBy(domains, kind, pair)] as const];
  });
  return meanOver(trainings);
}

/** A cell as if it had no trainings but those of some seeds. */
export function onlySeeds(cell: MapCell, isKept: (seed: number) => boolean): MapCell {
  return withTrainings(cell, (trainings) => trainings.filter(([seed]) => isKept(seed)));
}

/** A cell as if it had no domains but these. */
export function only(cell: MapCell, kept: readonly string[]): MapCell {
  const ofDomains = (domains: Domains): Domains => new Map([...domains].filter(([name]) => kept.includes(name)));
  return withTrainings(cell, (trainings) => trainings.map(([seed, domains]) => [seed, ofDomains(domains)]));
}

type Training = readonly [seed: number, domains: Domains];

function withTrainings(cell: MapCell, change: (trainings: readonly Training[]) => readonly Training[]): MapCell {
  const judged = Array.from(cell.judged, ([name, trainings]) => [name, new Map(change([...trainings]))] as const);
  return { ...cell, judged: new Map(judged) };
}

/**
 * The single static network that a contender gains least on, of those that have all of its trainings: over others the mean would be of other
 * trainings of its own.
 */
export function overBestStatic(
  cell: MapCell,
  name: ContenderName,
  kind: Kind,
): { readonly against: ContenderName; readonly gain: Mean } | undefined {
  const trainings = accuracy(cell, name, kind)?.seeds.length;
  const gains = STATIC.flatMap((against) => {
    const gain = difference(cell, name, against, kind);
    return gain && gain.seeds.length === trainings ? [{ against, gain }] : [];
  });
  return gains.toSorted((a, b) => a.gain.mean - b.gain.mean)[0];
}

function valuesBy(domains: Domains, kind: Kind, of: (row: MapRow, group: number) => number): Map<string, number[]> {
  const values = Array.from(domains, ([domain, rows]) => {
    const judged = rows.filter((row) => row.labels === kind.labels && groundOf(row) === kind.ground);
    return [domain, judged.map(of).filter((value) => !Number.isNaN(value))] as const;
  });
  return new Map(values.filter(([, ofDomain]) => ofDomain.length > 0));
}

/** @param trainings by seed, values by domain, from 0 to 1 */
function meanOver(trainings: readonly (readonly [number, ReadonlyMap<string, readonly number[]>])[]): Mean | undefined {
  const known = trainings.filter(([, domains]) => domains.size > 0);
  const byDomain = [...new Set(known.flatMap(([, domains]) => [...domains.keys()]))].map((domain) =>
    overTrainings(known.flatMap(([, domains]) => [domains.get(domain) ?? []])),
  );
  if (byDomain.length === 0) return undefined;
  const { mean, ci95: overDomains } = estimate(byDomain.map((values) => estimate(values).mean));
  const ofSeeds = known.map(([, domains]) => estimate(Array.from(domains.values(), (values) => estimate(values).mean)).mean); // prettier-ignore
  return {
    mean: 100 * mean,
    overGroups: 100 * pairedTest(byDomain.flat()).ci95,
    overDomains: 100 * overDomains,
    overTrainings: 100 * estimate(ofSeeds).ci95,
    domains: byDomain.length,
    seeds: known.map(([seed]) => seed),
  };
}

/** Group by group the mean of the trainings that have it. */
function overTrainings(trainings: readonly (readonly number[])[]): number[] {
  const most = Math.max(...trainings.map(({ length }) => length));
  return Array.from({ length: most }, (_, group) => {
    const values = trainings.flatMap((one) => (one[group] === undefined ? [] : [one[group]]));
    return estimate(values).mean;
  });
}

/** Domains of such a ground that networks of the cell are judged on, in the order of the files. */
export function domainsOf({ judged }: MapCell, ground: Ground): string[] {
  const all = [...judged.values()].flatMap((trainings) => [...trainings.values()]);
  const of = all.flatMap((domains) => [...domains].filter(([, [first]]) => groundOf(first!) === ground));
  return [...new Set(of.map(([domain]) => domain))];
}
