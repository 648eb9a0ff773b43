// Accuracies of a cell of the map, and paired differences with intervals over groups, over domains and over trainings.

import { estimate, pairedTest } from "pudnet/evaluation";
import { groupedBy } from "pudnet/files";
import { CONTENDER_NAMES, CONTENDERS, type ContenderName, type Head, type Place, STATIC } from "./methods.ts";
import type { MapFile, MapRow } from "./rows.ts";

/** What of one training is known: accuracies by domain, in the order of groups. */
type Domains = ReadonlyMap<string, readonly MapRow[]>;

/** A cell with all its trainings. */
export interface MapCell extends Place {
  /** By contender, then by seed. */
  readonly judged: ReadonlyMap<ContenderName, ReadonlyMap<number, Domains>>;
}

/** Which groups, and which of their two accuracies. */
export interface Kind {
  readonly head: Head;
  /** Novel classes of domains that were trained on, or domains that were not. */
  readonly isTrained: boolean;
}

/** The cells that something is known of, in the order of the files. */
export function mapCells(files: readonly MapFile[]): MapCell[] {
  return Array.from(groupedBy(files, ({ width, domains }) => `${width}-${domains}`).values(), (ofCell) => {
    const { width, domains } = ofCell[0]!;
    const judged = CONTENDER_NAMES.map((name) => [name, trainingsOf(ofCell, name)] as const);
    return { width, domains, judged: new Map(judged.filter(([, trainings]) => trainings.size > 0)) };
  });
}

function trainingsOf(files: readonly MapFile[], name: ContenderName): Map<number, Domains> {
  const { method, sketch, strength } = CONTENDERS[name];
  const isOfIt = (row: MapRow): boolean => row.method === method && row.sketch === sketch && row.strength === strength;
  const trainings = files.map(({ seed, rows }) => [seed, groupedBy(rows.filter(isOfIt), ({ domain }) => domain)] as const); // prettier-ignore
  return new Map(trainings.filter(([, domains]) => domains.size > 0));
}

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

/** The accuracy of one training in %; undefined where it was not judged on such groups. */
export function accuracy(cell: MapCell, name: ContenderName, seed: number, kind: Kind): Mean | undefined {
  const domains = cell.judged.get(name)?.get(seed);
  return domains && meanOver([[seed, valuesBy(domains, kind, ({ [kind.head]: value }) => value)]]);
}

/**
 * `a` minus `b` in percentage points, group by group, over the trainings (by seed) and domains that both have. A group's difference is the mean
 * over trainings. Undefined where they have none in common.
 */
export function difference(cell: MapCell, a: ContenderName, b: ContenderName, kind: Kind): Mean | undefined {
  const [first, second] = [cell.judged.get(a), cell.judged.get(b)];
  const trainings = [...(first ?? [])].flatMap(([seed, domains]) => {
    const others = second?.get(seed);
    if (!others) return [];
    const shared = new Map([...domains].filter(([domain]) => others.has(domain)));
    const pair = ({ domain, [kind.head]: value }: MapRow, i: number): number => {
      const other = others.get(domain)![i];
      return other === undefined ? Number.NaN : value - other[kind.head];
    };
    return [[seed, valuesBy(shared, kind, pair)] as const];
  });
  return meanOver(trainings);
}

/** A cell as if it had no domains but these. */
export function only(cell: MapCell, kept: readonly string[]): MapCell {
  const ofDomains = (domains: Domains): Domains => new Map([...domains].filter(([name]) => kept.includes(name)));
  const judged = [...cell.judged].map(([name, trainings]) => {
    const left = [...trainings].map(([seed, domains]) => [seed, ofDomains(domains)] as const);
    return [name, new Map(left)] as const;
  });
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
  const trainings = cell.judged.get(name)?.size;
  const gains = STATIC.flatMap((against) => {
    const gain = difference(cell, name, against, kind);
    return gain && gain.seeds.length === trainings ? [{ against, gain }] : [];
  });
  return gains.toSorted((a, b) => a.gain.mean - b.gain.mean)[0];
}

function valuesBy(domains: Domains, kind: Kind, of: (row: MapRow, group: number) => number): Map<string, number[]> {
  const judged = [...domains].filter(([, rows]) => (rows[0]!["trained on"] === "yes") === kind.isTrained);
  const values = judged.map(([domain, rows]) => [domain, rows.map(of).filter((value) => !Number.isNaN(value))] as const); // prettier-ignore
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

/** Domains that the judged networks were or were not trained on, in the order of the files. */
export function domainsOf({ judged }: MapCell, isTrained: boolean): string[] {
  const all = [...judged.values()].flatMap((trainings) => [...trainings.values()]);
  const of = all.flatMap((domains) =>
    [...domains].filter(([, [first]]) => (first!["trained on"] === "yes") === isTrained),
  );
  return [...new Set(of.map(([domain]) => domain))];
}
