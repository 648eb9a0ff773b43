// What the map comes to, in five sentences, limits first: each number is measured, and each direction follows from it by the rules of
// words.ts. One head speaks here, the one that `predict` prefers; the tables have both.

import { groupedBy } from "pudnet/files";
import { cellAt, difference, domainsOf, type Kind, type MapCell, type Mean, only, overBestStatic, seedsOf } from "./compare.ts"; // prettier-ignore
import { CHOOSING, CLAIM, CONFIRMING, type ContenderName, LONGER, PLACES, placeText, STATIC } from "./methods.ts"; // prettier-ignore
import {
  ENOUGH_KINDS,
  intervalsWithZero,
  isAtLeastLevel,
  listed,
  MARGIN,
  nameOf,
  outcome,
  phrase,
  signed,
} from "./words.ts";
import { storedWeights, wider } from "./stored-weights.ts";

const KNOWN: Kind = { head: "closed form", ground: "novel classes", labels: "10" };
const MORE_LABELS: Kind = { ...KNOWN, labels: "20" };
const NEW: Kind = { ...KNOWN, ground: "new kinds" };
const TEST: Kind = { ...KNOWN, ground: "test domains" };
/** What was written down before the runs (docs/general.md), in points: on novel classes by ten labels and by twenty, and on test domains. */
const AIM = 4;
const AIM_MORE_LABELS = 2;
const AIM_TEST = 1;

/** Five sentences; undefined where the claim's cell is not judged. */
export function verdict(cells: readonly MapCell[]): string[] | undefined {
  const cell = cellAt(cells, CLAIM);
  if (!cell || !overBestStatic(cell, "d", KNOWN)) return undefined;
  return [whatIsMeasured(cells, cell), knownKinds(cells, cell), whatTheSketchTells(cell), newKinds(cell), besideOthers(cells, cell)]; // prettier-ignore
}

function whatIsMeasured(cells: readonly MapCell[], cell: MapCell): string {
  const names = [...STATIC, "d", "n"] as const;
  const countOf = (name: ContenderName): number => seedsOf(cell, name).length;
  const most = Math.max(...names.map(countOf));
  const fewer = groupedBy(names.filter((name) => countOf(name) < most), (name) => String(countOf(name) || "none")); // prettier-ignore
  const but = Array.from(fewer, ([count, of]) => `${count} of ${listed(of.map(nameOf))}`);
  const isRun = PLACES.filter((place) => isJudged(cellAt(cells, place)));
  return (
    `Measured ${isRun.length === 1 ? "is" : "are"} ${isRun.length} of ${PLACES.length} cells (${isRun.map(placeText).join("; ")})${isRun.length === 1 ? "" : `, at ${placeText(cell)}`} by ${trainings(most)} of each network` +
    `${but.length === 0 ? "" : `, but ${listed(but)}`}${notYet(cells, cell, most)}.`
  );
}

const isJudged = (cell: MapCell | undefined): boolean => cell !== undefined && overBestStatic(cell, "d", KNOWN) !== undefined; // prettier-ignore

/** What the protocol asks for at the claim's cell, of what is not judged. */
function notYet(cells: readonly MapCell[], cell: MapCell, most: number): string {
  const asked: readonly (readonly [string, boolean])[] = [
    ["by further trainings", most >= CHOOSING + CONFIRMING],
    ["by ones of twice the length", isJudged(cellAt(cells, LONGER))],
    ["on 20 labels a class", overBestStatic(cell, "d", MORE_LABELS) !== undefined],
    ["on the test domains", overBestStatic(cell, "d", TEST) !== undefined],
    ["beside specialists of full length each", difference(cell, "d", "l", KNOWN) !== undefined],
    ["beside a wider static network that stores no more", wider(cells, cell) !== undefined],
  ];
  const lacking = asked.flatMap(([what, isThere]) => (isThere ? [] : [what]));
  return lacking.length === 0 ? "" : `; not yet ${listed(lacking)}`;
}

const trainings = (count: number): string => `${count} ${count === 1 ? "training" : "trainings"}`;

function knownKinds(cells: readonly MapCell[], cell: MapCell): string {
  const { against, gain } = overBestStatic(cell, "d", KNOWN)!;
  const elsewhere = PLACES.flatMap((place) => {
    const one = place === CLAIM || place === LONGER ? undefined : cellAt(cells, place);
    const other = one && overBestStatic(one, "d", KNOWN);
    return other ? [`at ${placeText(place)} they ${phrase(other.gain, nameOf(other.against))}`] : [];
  });
  return `${[
    `On new classes of kinds of pictures that they were trained on, weights changed by the sketch ${phrase(gain, `the best static network, ${nameOf(against)}`)}: the aim of +${AIM} is ${reached(gain, AIM)}${holdingZero(cell)}`,
    ...moreLabels(cell),
    ...twiceAsLong(cells, gain),
    ...(elsewhere.length === 0 ? [] : [listed(elsewhere)]),
  ].join("; ")}.`;
}

function moreLabels(cell: MapCell): string[] {
  const best = overBestStatic(cell, "d", MORE_LABELS);
  if (!best) return [];
  return [`with 20 labels a class they ${phrase(best.gain, nameOf(best.against))} (${trainings(best.gain.seeds.length)}): the aim of +${AIM_MORE_LABELS} is ${reached(best.gain, AIM_MORE_LABELS)}`]; // prettier-ignore
}

/** By the protocol a gain that halves when all are trained twice as long is one of speed. */
function twiceAsLong(cells: readonly MapCell[], gain: Mean): string[] {
  const longer = cellAt(cells, LONGER);
  const best = longer && overBestStatic(longer, "d", KNOWN);
  if (!best) return [];
  const halves = gain.mean > 0 && best.gain.mean <= gain.mean / 2;
  const so = halves ? "the gain halves, so it is one of faster training" : "the gain does not halve";
  return [`all trained twice as long they ${phrase(best.gain, nameOf(best.against))} (${trainings(best.gain.seeds.length)}): ${so}`]; // prettier-ignore
}

/** Over the best static network: by the mean, with all intervals above 0, and confirmed by trainings that nothing was chosen by. */
function reached(gain: Mean, aim: number): string {
  if (gain.mean < aim) return "missed";
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
  const { against } = overBestStatic(cell, "d", KNOWN)!;
  const all = STATIC.flatMap((name) => {
    const gain = name === against ? undefined : difference(cell, "d", name, KNOWN);
    const holding = gain && gain.mean > 0 ? intervalsWithZero(gain) : [];
    return holding.length === 0 ? [] : [`the interval over ${listed(holding)} holds 0 against ${nameOf(name)}`];
  });
  return all.length === 0 ? "" : ` (${listed(all)})`;
}

function whatTheSketchTells(cell: MapCell): string {
  const names = ["n", "d, other classes", "d, other domain"] as const;
  const gains = names.map((name) => difference(cell, "d", name, KNOWN));
  const [toName, toClasses, toOther] = gains.map((gain) => gain && outcome(gain));
  const isKindAlone = toClasses === "level" && toOther === "gain" && toName !== "gain";
  const parts = names.map((name, i) => (gains[i] ? phrase(gains[i], nameOf(name)) : notBeside(name)));
  return `There they ${listed(parts)}${isKindAlone ? ": the sketch tells the kind of pictures, and nothing beyond the kind is seen" : ""}.`;
}

const notBeside = (name: ContenderName): string => `are not set beside ${nameOf(name)}`;

function newKinds(cell: MapCell): string {
  const kind = [TEST, NEW].find((one) => overBestStatic(cell, "d", one));
  if (!kind) return "On kinds of pictures that nothing was trained on they are not judged.";
  const { against, gain } = overBestStatic(cell, "d", kind)!;
  const gated = overBestStatic(cell, "d, gated", kind);
  const price = difference(cell, "d, gated", "d", KNOWN);
  const withGate =
    gated && price
      ? `with the gate, which makes as much of the change as left-out pictures prefer, they ${phrase(gated.gain, "the best one")}${onTest(kind, gated.gain)}, and where the kind is known they ${phrase(price, "those without it")}`
      : "the gate is not judged";
  return `On ${whichKinds(cell, kind, gain)} they ${phrase(gain, "the best static network")}${onTest(kind, gain)} (${eachKind(cell, kind, against)}); ${withGate}.`;
}

function whichKinds(cell: MapCell, { ground }: Kind, { seeds }: Mean): string {
  const { length } = domainsOf(cell, ground);
  const kinds = `${length} ${length === 1 ? "kind" : "kinds"} of pictures that nothing was trained on`;
  return ground === "test domains" ? `${kinds} or chosen by (${trainings(seeds.length)})` : kinds;
}

function eachKind(cell: MapCell, kind: Kind, against: ContenderName): string {
  const kinds = domainsOf(cell, kind.ground).flatMap((domain) => {
    const gain = difference(only(cell, [domain]), "d", against, kind);
    return gain ? [`${signed(gain.mean)} on ${domain}`] : [];
  });
  return `${listed(kinds)}${kinds.length < ENOUGH_KINDS ? ": of other new kinds so few say nothing" : ""}`;
}

function onTest({ ground }: Kind, gain: Mean): string {
  if (ground !== "test domains") return "";
  return `, where +${AIM_TEST} was the aim, with no interval below -${MARGIN}: ${gain.mean >= AIM_TEST && isAtLeastLevel(gain) ? "reached" : "missed"}`;
}

/** What the protocol asks for beside the aim: at least level with the specialist that left-out images choose; and what costs less to store. */
function besideOthers(cells: readonly MapCell[], cell: MapCell): string {
  return `${[...besideSpecialists(cell), ...besideWider(cells, cell)].join("; ")}.`;
}

function besideSpecialists(cell: MapCell): string[] {
  const [equal, full, oracle] = (["s", "l", "s, oracle"] as const).map((name) => difference(cell, "d", name, KNOWN));
  if (!equal) return ["One static network for each kind of pictures, chosen by left-out pictures, is not set beside them yet: this says where looking at the pictures pays, not that nothing else would"]; // prettier-ignore
  const parts = [
    `${phrase(equal, nameOf("s"))} (at least level with specialists of equal length in all, within half a point, was the aim: ${levelWith(equal)})`,
    ...(full ? [`${phrase(full, "that of specialists of full length each")} (the same was the aim: ${levelWith(full)})`] : []), // prettier-ignore
    ...(oracle ? [phrase(oracle, nameOf("s, oracle"))] : []),
  ];
  return [`Beside one static network for each kind of pictures they ${listed(parts)}`];
}

function levelWith(gain: Mean): string {
  if (isAtLeastLevel(gain)) return confirmedBy(gain, "and not confirmed");
  return gain.seeds.length > 1 ? "missed" : "not told by one training";
}

function besideWider(cells: readonly MapCell[], cell: MapCell): string[] {
  const best = wider(cells, cell);
  if (!best) return [];
  const [own, others] = [storedWeights("d", cell.width), storedWeights("a", best.width)].map((count) => count.toLocaleString("en-GB")); // prettier-ignore
  return [`they store ${own} weights, and ${phrase(best.gain, `a static network of width ${best.width}, which stores ${others}`)}`]; // prettier-ignore
}
