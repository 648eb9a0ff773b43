// How differences of the map are said: gained, lost, level, or not to be told; and what networks are called.

import { rounded } from "pudnet/evaluation";
import type { Mean } from "./compare.ts";
import type { ContenderName } from "./methods.ts";

/** Smaller differences are no difference, in points. */
export const MARGIN = 0.5;
/** From how many kinds of pictures on others like them can be told of. */
export const ENOUGH_KINDS = 4;

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

/** "**gain** 4.0 ± 3.2 points on e" */
export function phrase(gain: Mean, against: string): string {
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

export const signed = (value: number): string => `${value > 0 ? "+" : ""}${rounded(value, 1)}`;

/** With all its intervals; one that a single domain or training does not have is a dash. @example signedText({ mean: 0.3, overGroups: 0.4, overDomains: 0.5, overTrainings: 1.1, domains: 8, seeds: [0, 1] }) // "+0.3 ± 0.4 / 0.5 / 1.1" */
export function signedText(gain: Mean): string {
  const widths = WIDTHS.map(([of]) => (Number.isNaN(gain[of]) ? "–" : rounded(gain[of], 1)));
  return `${signed(gain.mean)} ± ${widths.join(" / ")}`;
}

export const intervalsWithZero = (gain: Mean): string[] =>
  WIDTHS.filter(([of]) => gain.mean - gain[of] <= 0).map(([, name]) => name);

/** One that is not known, NaN, holds nothing. */
const WIDTHS = [["overGroups", "groups"], ["overDomains", "kinds"], ["overTrainings", "trainings"]] as const; // prettier-ignore

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
export const nameOf = (name: ContenderName): string => NAMES[name] ?? name;

export const listed = (parts: readonly string[]): string => new Intl.ListFormat("en-GB").format(parts);
