// What the map comes to, in five sentences: each number is measured, and each direction follows from it by the rules of this file.

import { difference, type MapCell, type Mean, oneDecimal, overBestStatic, seedsOf } from "./compare.ts";
import { groupedBy } from "pudnet/files";
import { CLAIM, type ContenderName, HEADS, type Place, PLACES, placeText, STATIC } from "./methods.ts";

/** Smaller differences are no difference, in points. */
const MARGIN = 0.5;
/** What was written down before the runs for novel classes and ten labels (docs/general.md), in points. */
const AIM = 4;

export const INTERVALS =
  "Points are percentage points on ten labelled pictures a class; of two numbers the first is by centred centroids, the second by the closed form. Behind ± stand half widths of 95 % intervals: over groups / over " +
  "domains / over trainings, where there are two. A method *gains* or *loses*, in these trainings and on these domains, where the difference is at least half a point and the interval over groups leaves out 0, *is level* where " +
  "difference and interval lie within half a point, else it *cannot be told*. The best static network is whichever of a, b, e and k is gained least on, of those with as many trainings.";

export type Outcome = "gains" | "loses" | "level" | "open";

/** As INTERVALS says. @example outcome({ mean: 3, overGroups: 0.6, overDomains: 2, overTrainings: Number.NaN, domains: 8, seeds: [0] }) // "gains" */
export function outcome({ mean, overGroups }: Mean): Outcome {
  if (Math.abs(mean) + overGroups < MARGIN) return "level";
  if (Math.abs(mean) < MARGIN || !(Math.abs(mean) > overGroups)) return "open";
  return mean > 0 ? "gains" : "loses";
}

/** Five sentences; undefined where the claim's cell is not judged. */
export function verdict(cells: readonly MapCell[]): string[] | undefined {
  const cell = cells.find((one) => isAt(one, CLAIM));
  if (!cell || !bestOf(cell, "d", true)) return undefined;
  return [knownKinds(cell), whatTheSketchTells(cell), newKinds(cell), theGate(cell), whatIsOwed(cells, cell)];
}

export const isAt = (one: Place, { width, domains }: Place): boolean => one.width === width && one.domains === domains;

function knownKinds(cell: MapCell): string {
  const gains = bestOf(cell, "d", true)!;
  const aim = reached(gains);
  return (
    `On new classes of kinds of pictures that it was trained on, a network whose weights the sketch changes (d; ${placeText(cell)}) ${phrase(gains)}, the best static ` +
    `${gains[0]!.against === gains[1]!.against ? "network" : "networks"}: what was aimed at on ten labels, at least +${AIM} with all intervals above 0, is ${aim}${aim === "missed" ? "" : holdingZero(cell)}.`
  );
}

/** Which intervals of the gains on static networks, the best or not, reach down to 0. */
function holdingZero(cell: MapCell): string {
  const all = STATIC.flatMap((name) =>
    HEADS.flatMap((head) => {
      const gain = difference(cell, "d", name, { head, isTrained: true });
      const widths = WIDTHS.filter(([of]) => gain && gain.mean - gain[of] <= 0).map(([, width]) => width);
      return widths.length === 0 ? [] : [`over ${listed(widths)} against ${name} by ${head}`];
    }),
  );
  return all.length === 0 ? "" : `; of the intervals against the other static networks, not those ${listed(all)}`;
}

function whatTheSketchTells(cell: MapCell): string {
  const [toName, toClasses, toDomain] = (["n", "d, other classes", "d, other domain"] as const).map((name) => between(cell, "d", name, true)); // prettier-ignore
  const areAll = (wanted: Outcome, pair?: Pair): boolean => pair?.every(({ gain }) => outcome(gain) === wanted) ?? false; // prettier-ignore
  const isKindAlone = areAll("level", toName) && areAll("level", toClasses) && areAll("gains", toDomain);
  return (
    `There d ${phrase(toName, "n, which is told the domain's name")}, ${phrase(toClasses, "the sketch of other classes of the domain")} and ` +
    `${phrase(toDomain, "the sketch of another domain")}${isKindAlone ? ": the sketch tells the kind of pictures as well as its name does, and nothing beyond the kind is seen" : ""}.`
  );
}

function newKinds(cell: MapCell): string {
  const [all, gated] = (["d", "d, gated"] as const).map((name) => phrase(bestOf(cell, name, false)));
  const count = bestOf(cell, "d", false)?.[0]?.gain.domains ?? 0;
  return `On ${count} ${count === 1 ? "kind" : "kinds"} of pictures that nothing was trained on d ${all}, and with the gate it ${gated}; the test domains, for which an aim is written down, are not judged.`; // prettier-ignore
}

function theGate(cell: MapCell): string {
  const [known, unseen] = [true, false].map((isTrained) => phrase(between(cell, "d, gated", "d", isTrained), "all of the change")); // prettier-ignore
  return `The gate, which makes none, half or all of the change as left-out pictures prefer, ${known} where the kind is known and ${unseen} where it is new; with it d ${phrase(bestOf(cell, "d, gated", true))} on new classes of known kinds.`; // prettier-ignore
}

function whatIsOwed(cells: readonly MapCell[], cell: MapCell): string {
  const isRun = (place: Place): boolean => cells.some((one) => isAt(one, place) && seedsOf(one, "d").length > 0);
  const others = cells.filter((one) => one !== cell && isRun(one)).map((one) => `; at ${placeText(one)} d ${phrase(bestOf(one, "d", true))}`); // prettier-ignore
  const names = ["a", "b", "d", "e", "k", "n"] as const;
  const pair = between(cell, "d", "s", true);
  const specialists = pair ? `; ${besideSpecialists(cell, pair)}` : "";
  const lacking = [...(pair ? [] : ["as many specialists as domains"]), "a static network of as many stored bytes", "20 labels a class", "further trainings", "trainings of twice the length"]; // prettier-ignore
  const bySeeds = groupedBy(names, (name) => String(seedsOf(cell, name).length));
  const trainings = [...bySeeds]
    .toSorted(([a], [b]) => Number(b) - Number(a))
    .map(
      ([count, of]) => `${count === "0" ? "no" : count} ${count === "1" ? "training" : "trainings"} of ${listed(of)}`,
    );
  return (
    `That is ${PLACES.filter(isRun).length} of ${PLACES.length} cells${others.join("")}, by ${listed(trainings)}, and is not yet set beside ${listed(lacking)}${specialists}: it says where looking at the pictures pays, ` +
    "not that nothing else would."
  );
}

const listed = (parts: readonly string[]): string => new Intl.ListFormat("en-GB").format(parts);

/**
 * "reached"; "reached, by one training of each"; "missed" where a mean falls short; else which intervals do.
 */
function reached(gains: Pair): string {
  if (gains.some(({ gain }) => gain.mean < AIM)) return "missed";
  const short = WIDTHS.filter(([of]) => gains.some(({ gain }) => gain.mean - gain[of] <= 0)).map(([, name]) => name);
  if (short.length > 0) return `reached by the means, but not by the intervals over ${listed(short)}`;
  return gains.some(({ gain }) => gain.seeds.length === 1) ? "reached, by one training of each" : "reached";
}

/** One that is not known, NaN, falls short of nothing. */
const WIDTHS = [["overGroups", "groups"], ["overDomains", "domains"], ["overTrainings", "trainings"]] as const; // prettier-ignore

/** One for each head. */
type Pair = readonly { readonly against: ContenderName; readonly gain: Mean }[];

function bestOf(cell: MapCell, name: ContenderName, isTrained: boolean): Pair | undefined {
  const pair = HEADS.flatMap((head) => overBestStatic(cell, name, { head, isTrained }) ?? []);
  return pair.length < HEADS.length ? undefined : pair;
}

function between(cell: MapCell, a: ContenderName, b: ContenderName, isTrained: boolean): Pair | undefined {
  const gains = HEADS.flatMap((head) => difference(cell, a, b, { head, isTrained }) ?? []);
  return gains.length < HEADS.length ? undefined : gains.map((gain) => ({ against: b, gain }));
}

/** "**gains** 5.7 ± 0.5 (± 3.0) and 4.0 ± 0.5 (± 3.2) points on e": once where both have the same outcome and opponent. */
function phrase(pair: Pair | undefined, name?: string): string {
  if (!pair) return `is not compared with ${name ?? "a static network"}`;
  const alike = groupedBy(pair, ({ against, gain }) => `${outcome(gain)} ${against}`);
  return listed(
    Array.from(alike.values(), (of) => {
      const gains = of.map(({ gain }) => gain);
      const heads = alike.size > 1 ? ` by ${HEADS[pair.indexOf(of[0]!)]}` : "";
      return `${WORDS[outcome(gains[0]!)](name ?? of[0]!.against, gains)}${heads}`;
    }),
  );
}

const WORDS: Readonly<Record<Outcome, (against: string, gains: readonly Mean[]) => string>> = {
  gains: (against, gains) => `**gains** ${listed(gains.map((gain) => pointsText(gain)))} points on ${against}`,
  loses: (against, gains) => `**loses** ${listed(gains.map((gain) => pointsText(gain)))} points to ${against}`,
  level: (against, gains) => `**is level** with ${against} (${listed(gains.map(signedText))})`,
  open: (against, gains) => `**cannot be told** from ${against} (${listed(gains.map(signedText))})`,
};

function pointsText(gain: Mean): string {
  return withIntervals(oneDecimal(Math.abs(gain.mean)), gain);
}

/** What the protocol asks for beside the aim: at least level with the specialist that left-out images choose. */
function besideSpecialists(cell: MapCell, pair: Pair): string {
  const isReached = pair.every(({ gain }) => ["gains", "level"].includes(outcome(gain)));
  const oracle = phrase(between(cell, "d", "s, oracle", true), "the one that an oracle chooses");
  return `d ${phrase(pair, "the specialist that left-out pictures choose")}, at least level with which it should be (${isReached ? "reached" : "missed"}), and ${oracle}`;
}

/** "+0.3 ± 0.4 / 0.5 / 1.1" */
export function signedText(gain: Mean): string {
  return withIntervals(`${gain.mean > 0 ? "+" : ""}${oneDecimal(gain.mean)}`, gain);
}

function withIntervals(text: string, gain: Mean): string {
  const widths = WIDTHS.map(([of]) => gain[of]).filter((width) => !Number.isNaN(width));
  return `${text} ± ${widths.map(oneDecimal).join(" / ")}`;
}
