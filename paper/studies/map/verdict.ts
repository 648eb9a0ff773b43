// What the map comes to, in five sentences, limits first: each number is measured, and each direction follows from it by the rules of
// this file. One head speaks here, the one that `predict` prefers; the tables have both.

import { rounded } from "pudnet/evaluation";
import { groupedBy } from "pudnet/files";
import { difference, domainsOf, type MapCell, type Mean, only, overBestStatic, seedsOf } from "./compare.ts";
import { CLAIM, type ContenderName, type Head, type Place, PLACES, placeText, STATIC } from "./methods.ts";

const HEAD: Head = "closed form";
/** Smaller differences are no difference, in points. */
const MARGIN = 0.5;
/** What was written down before the runs for novel classes and ten labels (docs/general.md), in points. */
const AIM = 4;
/** From how many kinds of pictures on others like them can be told of. */
const ENOUGH_KINDS = 4;
/** By the protocol, so many trainings choose, the first by their seeds, and so many behind them confirm. */
const CHOOSING = 2;
const CONFIRMING = 4;

export const READING =
  "Points are percentage points on ten labelled pictures a class, with a head in closed form; the tables have centred centroids beside it. Behind ± stands the half width of a 95 % interval over kinds of pictures (over groups where " +
  `there are fewer than ${ENOUGH_KINDS} kinds; the tables have both, and trainings). Weights *gain* or *lose* where the difference is at least half a point and larger than that interval and the one over groups, *are level* where ` +
  "difference and intervals lie within half a point, else they *cannot be told* apart: in these trainings and on these kinds. The best static network is the one that is gained least on, of those with as many trainings.";

export type Outcome = "gain" | "lose" | "level" | "open";

/** As READING says. @example outcome({ mean: 3, overGroups: 0.6, overDomains: 2, overTrainings: Number.NaN, domains: 8, seeds: [0] }) // "gain" */
export function outcome(gain: Mean): Outcome {
  const width = Math.max(gain.overGroups, widthOver(gain));
  const size = Math.abs(gain.mean);
  if (size + width < MARGIN) return "level";
  if (size < MARGIN || !(size > width)) return "open";
  return gain.mean > 0 ? "gain" : "lose";
}

/**
 * Whether no interval, that over trainings among them, goes further down than the margin: not known of one training.
 * @example isAtLeastLevel({ mean: 1, overGroups: 0.3, overDomains: 1.1, overTrainings: 1.2, domains: 8, seeds: [0, 1] }) // true
 */
export function isAtLeastLevel(gain: Mean): boolean {
  return gain.mean - Math.max(gain.overGroups, widthOver(gain), gain.overTrainings) > -MARGIN;
}

const widthOver = ({ domains, overDomains, overGroups }: Mean): number =>
  domains < ENOUGH_KINDS ? overGroups : overDomains;

/** Five sentences; undefined where the claim's cell is not judged. */
export function verdict(cells: readonly MapCell[]): string[] | undefined {
  const cell = cells.find((one) => isAt(one, CLAIM));
  if (!cell || !best(cell, "d", true)) return undefined;
  return [whatIsMeasured(cells, cell), knownKinds(cells, cell), whatTheSketchTells(cell), newKinds(cell), besideSpecialists(cell)]; // prettier-ignore
}

export const isAt = (one: Place, { width, domains }: Place): boolean => one.width === width && one.domains === domains;

/** Contenders as sentences call them. */
const NAMES: Readonly<Partial<Record<ContenderName, string>>> = {
  a: "the network trained by cross entropy",
  b: "the network trained by groups from random weights",
  e: "the network trained by groups from that of cross entropy",
  k: "the network with a learned constant in place of the sketch",
  d: "weights changed by the sketch",
  n: "weights changed by the kind's name",
  "d, other classes": "the sketch of other classes of the kind",
  "d, other domain": "the sketch of another kind",
  s: "the specialist that left-out pictures choose",
  "s, oracle": "the one that is best on the test pictures",
};
const nameOf = (name: ContenderName): string => NAMES[name] ?? name;

function whatIsMeasured(cells: readonly MapCell[], cell: MapCell): string {
  const names = [...STATIC, "d", "n"] as const;
  const countOf = (name: ContenderName): number => seedsOf(cell, name).length;
  const most = Math.max(...names.map(countOf));
  const fewer = groupedBy(names.filter((name) => countOf(name) < most), (name) => String(countOf(name) || "none")); // prettier-ignore
  const but = Array.from(fewer, ([count, of]) => `${count} of ${listed(of.map(nameOf))}`);
  const isRun = PLACES.filter((place) => cells.some((one) => isAt(one, place) && best(one, "d", true)));
  return (
    `Measured ${isRun.length === 1 ? "is" : "are"} ${isRun.length} of ${PLACES.length} cells (${listed(isRun.map(placeText))}),${isRun.length === 1 ? "" : ` at ${placeText(cell)}`} by ${trainings(most)} of each network` +
    `${but.length === 0 ? "" : `, but ${listed(but)}`}; not yet by ${most < CHOOSING + CONFIRMING ? "further trainings or by " : ""}ones of twice the length, on 20 labels a class, on the test domains, or beside a static network of as many stored bytes.`
  );
}

const trainings = (count: number): string => `${count} ${count === 1 ? "training" : "trainings"}`;

function knownKinds(cells: readonly MapCell[], cell: MapCell): string {
  const { against, gain } = best(cell, "d", true)!;
  const elsewhere = cells.flatMap((one) => {
    const other = one === cell ? undefined : best(one, "d", true);
    return other ? [`at ${placeText(one)} they ${phrase(other.gain, nameOf(other.against))}`] : [];
  });
  return (
    `On new classes of kinds of pictures that they were trained on, weights changed by the sketch ${phrase(gain, `the best static network, ${nameOf(against)}`)}: ` +
    `the aim of +${AIM} is ${reached(cell)}${holdingZero(cell)}${elsewhere.length === 0 ? "" : `; ${listed(elsewhere)}`}.`
  );
}

/** Over the best static network: by the mean, with all intervals above 0, and confirmed by trainings that nothing was chosen by. */
function reached(cell: MapCell): string {
  const { gain } = best(cell, "d", true)!;
  if (gain.mean < AIM) return "missed";
  const holding = intervalsWithZero(gain);
  if (holding.length > 0) return `reached by the mean, but the interval over ${listed(holding)} holds 0`;
  if (gain.seeds.length === 1) return "reached, by one training, and not confirmed";
  return confirmedBy(gain, "and not confirmed by others yet");
}

/** An aim that a mean reaches, by the trainings behind it: those that choose and those that confirm are pooled. */
function confirmedBy({ seeds }: Mean, not: string): string {
  const confirming = seeds.filter((seed) => seed >= CHOOSING).length;
  if (confirming === 0) return `reached by the trainings that choose, ${not}`;
  return confirming < CONFIRMING
    ? `reached, with ${confirming} of ${CONFIRMING} trainings that were to confirm it`
    : "reached, and confirmed";
}

/** Of the other static networks, which interval against them reaches down to 0. */
function holdingZero(cell: MapCell): string {
  const { against } = best(cell, "d", true)!;
  const all = STATIC.flatMap((name) => {
    const gain = name === against ? undefined : between(cell, "d", name, true);
    const holding = gain && gain.mean > 0 ? intervalsWithZero(gain) : [];
    return holding.length === 0 ? [] : [`the interval over ${listed(holding)} holds 0 against ${nameOf(name)}`];
  });
  return all.length === 0 ? "" : ` (${listed(all)})`;
}

const intervalsWithZero = (gain: Mean): string[] =>
  WIDTHS.filter(([of]) => gain.mean - gain[of] <= 0).map(([, name]) => name);

/** One that is not known, NaN, holds nothing. */
const WIDTHS = [["overGroups", "groups"], ["overDomains", "kinds"], ["overTrainings", "trainings"]] as const; // prettier-ignore

function whatTheSketchTells(cell: MapCell): string {
  const names = ["n", "d, other classes", "d, other domain"] as const;
  const gains = names.map((name) => between(cell, "d", name, true));
  const [toName, toClasses, toOther] = gains.map((gain) => gain && outcome(gain));
  const isKindAlone = toClasses === "level" && toOther === "gain" && toName !== "gain";
  const parts = names.map((name, i) => (gains[i] ? phrase(gains[i], nameOf(name)) : notBeside(name)));
  return `There they ${listed(parts)}${isKindAlone ? ": the sketch tells the kind of pictures, and nothing beyond the kind is seen" : ""}.`;
}

const notBeside = (name: ContenderName): string => `are not set beside ${nameOf(name)}`;

function newKinds(cell: MapCell): string {
  const all = best(cell, "d", false);
  if (!all) return "On kinds of pictures that nothing was trained on they are not judged.";
  const kinds = domainsOf(cell, false).flatMap((domain) => {
    const gain = difference(only(cell, [domain]), "d", all.against, { head: HEAD, isTrained: false });
    return gain ? [`${signed(gain.mean)} on ${domain}`] : [];
  });
  const [gated, price] = [best(cell, "d, gated", false), between(cell, "d, gated", "d", true)];
  const withGate =
    gated && price
      ? `with the gate, which makes as much of the change as left-out pictures prefer, they ${phrase(gated.gain, "the best one")}, and where the kind is known they ${phrase(price, "those without it")}`
      : "the gate is not judged";
  return `On ${kinds.length} ${kinds.length === 1 ? "kind" : "kinds"} of pictures that nothing was trained on they ${phrase(all.gain, "the best static network")} (${listed(kinds)}${kinds.length < ENOUGH_KINDS ? ": of other new kinds so few say nothing" : ""}); ${withGate}.`;
}

/** What the protocol asks for beside the aim: at least level with the specialist that left-out images choose. */
function besideSpecialists(cell: MapCell): string {
  const [chosen, oracle] = (["s", "s, oracle"] as const).map((name) => between(cell, "d", name, true));
  if (!chosen) return "One static network for each kind of pictures, chosen by left-out pictures, is not set beside them yet: this says where looking at the pictures pays, not that nothing else would."; // prettier-ignore
  const told = isAtLeastLevel(chosen)
    ? confirmedBy(chosen, "and not confirmed")
    : chosen.seeds.length > 1
      ? "missed"
      : "not told by one training";
  return (
    `Beside one static network for each kind of pictures they ${phrase(chosen, nameOf("s"))} (at least level with specialists of equal length in all, within half a point, was the aim: ${told}; of full length each they are not run)` +
    `${oracle ? ` and ${phrase(oracle, nameOf("s, oracle"))}` : ""}.`
  );
}

const listed = (parts: readonly string[]): string => new Intl.ListFormat("en-GB").format(parts);

const best = (cell: MapCell, name: ContenderName, isTrained: boolean) =>
  overBestStatic(cell, name, { head: HEAD, isTrained });

const between = (cell: MapCell, a: ContenderName, b: ContenderName, isTrained: boolean): Mean | undefined =>
  difference(cell, a, b, { head: HEAD, isTrained });

/** "**gain** 4.0 ± 3.2 points on e" */
function phrase(gain: Mean, against: string): string {
  const points = `${rounded(Math.abs(gain.mean), 1)} ± ${rounded(widthOver(gain), 1)} points`;
  const signedPoints = `(${signed(gain.mean)} ± ${rounded(widthOver(gain), 1)})`;
  const words: Readonly<Record<Outcome, string>> = {
    gain: `**gain** ${points} on ${against}`,
    lose: `**lose** ${points} to ${against}`,
    level: `**are level** with ${against} ${signedPoints}`,
    open: `**cannot be told** from ${against} ${signedPoints}`,
  };
  return words[outcome(gain)];
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${rounded(value, 1)}`;

/** With all its intervals; one that a single domain or training does not have is a dash. @example signedText({ mean: 0.3, overGroups: 0.4, overDomains: 0.5, overTrainings: 1.1, domains: 8, seeds: [0, 1] }) // "+0.3 ± 0.4 / 0.5 / 1.1" */
export function signedText(gain: Mean): string {
  const widths = WIDTHS.map(([of]) => (Number.isNaN(gain[of]) ? "–" : rounded(gain[of], 1)));
  return `${signed(gain.mean)} ± ${widths.join(" / ")}`;
}
