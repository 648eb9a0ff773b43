// How much of a predicted change is made, and why, in a line.

import type { ChangeReport, StrengthError } from "../heads/change-strength.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";

const WORDS: Readonly<Record<number, string>> = { 0: "none", 0.5: "half", 1: "whole" };
const word = (strength: number): string => WORDS[strength] ?? String(strength);

/**
 * @param asked what `--strength` says, if it is given
 * @example strengthLine({ strength: 0.5 }, 0.5) // "strength of the change: 0.5, as asked for"
 */
export function strengthLine({ strength, leftOut }: ChangeReport, asked: StrengthChoice = "auto"): string {
  const title = `strength of the change: ${strength}`;
  if (asked !== "auto") return `${title}, as asked for`;
  const what = strength === 0 ? " (the base network as it is)" : "";
  if (!leftOut) return `${title}${what}: one picture a class, none could be left out`;
  const own = leftOut.errors.find((one) => one.strength === strength)!;
  const others = leftOut.errors.filter((one) => one !== own);
  const beside = others.map((one) => `${word(one.strength)} ${one.error.toFixed(3)}`).join(", ");
  return `${title}${what}: left-out error ${own.error.toFixed(3)}; ${beside}: ${whyOf(own, others)}`;
}

/** What `settings` say of it; nothing where no change is predicted. */
export function strengthSetting(
  { change }: { readonly change?: ChangeReport },
  asked: StrengthChoice = "auto",
): { readonly strength?: StrengthChoice } {
  return change ? { strength: asked } : {};
}

function whyOf(own: StrengthError, others: readonly StrengthError[]): string {
  const margin = ({ standardError = 0 }: StrengthError): string => standardError.toPrecision(2);
  const larger = others.filter(({ strength }) => strength > own.strength);
  const no = `no gain beyond one standard error (${larger.map(margin).join(", ")})`;
  if (own.over === undefined) return no;
  const gain = `better than ${word(own.over)} by more than one standard error (${margin(own)})`;
  return larger.length === 0 ? gain : `${gain}, ${larger.map(({ strength }) => word(strength)).join(", ")} ${no}`;
}
