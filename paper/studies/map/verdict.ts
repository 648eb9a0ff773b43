// What the map comes to, in five sentences, limits first: each number is measured, and each direction follows from it by the rules of
// words.ts. One head speaks here, the one that `predict` prefers; the tables have both.

import { groupedBy } from "pudnet/files";
import { cellAt, difference, domainsOf, type Kind, type MapCell, type Mean, only, onlySeeds, overBestStatic, seedsOf } from "./compare.ts"; // prettier-ignore
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
    ["beside a wider static network that stores no more", wider(cells, cell, KNOWN) !== undefined],
  ];
  const lacking = asked.flatMap(([what, isThere]) => (isThere ? [] : [what]));
  return lacking.length === 0 ? "" : `; not yet ${listed(lacking)}`;
}

function knownKinds(cells: readonly MapCell[], cell: MapCell): string {
  const { against, gain } = overBestStatic(cell, "d", KNOWN)!;
  const elsewhere = PLACES.flatMap((place) => {
    const one = place === CLAIM || place === LONGER ? undefined : cellAt(cells, place);
    const other = one && overBestStatic(one, "d", KNOWN);
    return other ? [`at ${placeText(place)} they ${phrase(other.gain, nameOf(other.against))}${ofTrainings(other.gain, gain)}`] : []; // prettier-ignore
  });
  return `${[
    `On new classes of kinds of pictures that they were trained on, weights changed by the sketch ${phrase(gain, `the best static network, ${nameOf(against)}`)}: the aim of +${AIM} is ${reached(cell, against, KNOWN, AIM)}${holdingZero(cell)}`,
    ...moreLabels(cell),
    ...twiceAsLong(cells, cell),
    ...(elsewhere.length === 0 ? [] : [listed(elsewhere)]),
  ].join("; ")}.`;
}

function moreLabels(cell: MapCell): string[] {
  const best = overBestStatic(cell, "d", MORE_LABELS);
  if (!best) return [];
  return [`with 20 labels a class they ${phrase(best.gain, nameOf(best.against))} (${trainings(best.gain.seeds.length)}): the aim of +${AIM_MORE_LABELS} is ${reached(cell, best.against, MORE_LABELS, AIM_MORE_LABELS)}`]; // prettier-ignore
}

/** By the protocol a gain that halves when all are trained twice as long is one of speed: of the trainings that there are of both lengths. */
function twiceAsLong(cells: readonly MapCell[], cell: MapCell): string[] {
  const longer = cellAt(cells, LONGER);
  const best = longer && overBestStatic(longer, "d", KNOWN);
  if (!best) return [];
  const before = overBestStatic(onlySeeds(cell, (seed) => best.gain.seeds.includes(seed)), "d", KNOWN)?.gain; // prettier-ignore
  const said = `all trained twice as long they ${phrase(best.gain, nameOf(best.against))} (${trainings(best.gain.seeds.length)})`;
  if (!before || before.mean <= 0) return [said];
  const halves = best.gain.mean <= before.mean / 2;
  const so = halves ? "so the gain, which halves, is one of faster training" : "so the gain does not halve";
  return [`${said}, in half the time ${signed(before.mean)}: ${so}`];
}

const trainings = (count: number): string => `${count} ${count === 1 ? "training" : "trainings"}`;

/** Of how many trainings a mean is, where that is not as many as another's. */
const ofTrainings = ({ seeds }: Mean, other: Mean): string =>
  seeds.length === other.seeds.length ? "" : ` in ${trainings(seeds.length)}`;

/** Whether d's gain on a network is as large as an aim: by the mean, with all intervals above 0, and again by trainings that nothing was chosen by. */
function reached(cell: MapCell, against: ContenderName, kind: Kind, aim: number): string {
  const gain = difference(cell, "d", against, kind)!;
  if (gain.mean < aim) return "missed";
  const holding = intervalsWithZero(gain);
  if (holding.length > 0) return `reached by the mean, but the interval over ${listed(holding)} holds 0`;
  if (gain.seeds.length === 1) return "reached, by one training, and not confirmed";
  return confirmed(cell, against, kind, ({ mean }) => mean >= aim);
}

/** Of what all trainings say together, whether those say so that were to confirm it. */
function confirmed(cell: MapCell, against: ContenderName, kind: Kind, holds: (gain: Mean) => boolean): string {
  const gain = difference(
    onlySeeds(cell, (seed) => seed >= CHOOSING),
    "d",
    against,
    kind,
  );
  if (!gain) return "reached by the trainings that choose, and not confirmed by others yet";
  if (!holds(gain)) return `reached by all trainings, and not by those that were to confirm it (${signed(gain.mean)} in ${trainings(gain.seeds.length)})`; // prettier-ignore
  return gain.seeds.length < CONFIRMING
    ? `reached, with ${gain.seeds.length} of ${CONFIRMING} trainings that were to confirm it`
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
  const kinds = [TEST, NEW].filter((one) => overBestStatic(cell, "d", one));
  if (kinds.length === 0) return "On kinds of pictures that nothing was trained on they are not judged.";
  const price = difference(cell, "d, gated", "d", KNOWN);
  const known = price ? `; where the kind is known the gate makes them ${phrase(price, "those without it")}` : "";
  return `${kinds.map((kind, i) => onKinds(cell, kind, i > 0)).join("; ")}${known}.`;
}

function onKinds(cell: MapCell, kind: Kind, isFurther: boolean): string {
  const { against, gain } = overBestStatic(cell, "d", kind)!;
  const gated = overBestStatic(cell, "d, gated", kind);
  const on = `${isFurther ? "on" : "On"} ${whichKinds(cell, kind, gain)}`;
  const withGate = gated
    ? `with the gate, which makes as much of the change as left-out pictures prefer, they ${phrase(gated.gain, "the best one")}${onTest(kind, gated.gain)}`
    : "the gate is not judged";
  return `${on} they ${phrase(gain, "the best static network")}${onTest(kind, gain)} (${eachKind(cell, kind, against)}), and ${withGate}`;
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
  const levelWith = (name: "s" | "l", gain: Mean): string => {
    if (isAtLeastLevel(gain)) return confirmed(cell, name, KNOWN, isAtLeastLevel);
    return gain.seeds.length > 1 ? "missed" : "not told by one training";
  };
  if (!equal) return ["One static network for each kind of pictures, chosen by left-out pictures, is not set beside them yet: this says where looking at the pictures pays, not that nothing else would"]; // prettier-ignore
  const parts = [
    `${phrase(equal, nameOf("s"))} (at least level with specialists of equal length in all, within half a point, was the aim: ${levelWith("s", equal)})`,
    ...(full ? [`${phrase(full, "that of specialists of full length each")} (the same was the aim: ${levelWith("l", full)})`] : []), // prettier-ignore
    ...(oracle ? [phrase(oracle, nameOf("s, oracle"))] : []),
  ];
  return [
    `Beside one static network for each kind of pictures, in ${trainings(equal.seeds.length)}, they ${listed(parts)}`,
  ];
}

function besideWider(cells: readonly MapCell[], cell: MapCell): string[] {
  const best = wider(cells, cell, KNOWN);
  if (!best) return [];
  const [own, others] = [storedWeights("d", cell.width), storedWeights("a", best.width)].map((count) => count.toLocaleString("en-GB")); // prettier-ignore
  return [`they store ${own} weights, and ${phrase(best.gain, `a static network of width ${best.width}, which stores ${others}`)} (${trainings(best.gain.seeds.length)})`]; // prettier-ignore
}
