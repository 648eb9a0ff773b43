// Prose whose numbers are placeholders: "{{table-7/convnet-3/cifar-100-set/pudnet .1 ±}}" becomes "73.5 ± 0.7".

import { FormatError, UserError } from "pudnet/engine";
import { rounded } from "pudnet/evaluation";

/** A number in the unit that it is printed in: %, percentage points, times, ms. */
export interface Quantity {
  readonly value: number;
  /** Half width of its 95 % interval. */
  readonly ci95?: number | undefined;
  /** That over other test classes. */
  readonly overClasses?: number | undefined;
  /** How many groups it is of, where more of them are asked for than were judged. */
  readonly groups?: { readonly n: number; readonly of: number } | undefined;
}

/** What placeholders name. Each throws a UserError for a name that nothing has, and for what is not known. */
export interface Numbers {
  readonly measured: (name: string) => Quantity;
  /** `a` minus `b`, over the groups that both were judged on. */
  readonly difference: (a: string, b: string) => Quantity;
  /** What the paper prints there. */
  readonly printed: (name: string) => Quantity;
}

const PLACEHOLDER = /\{\{(.*?)\}\}/g;
/**
 * NAME or A - B, where B may leave out the path that it shares with A; then how it is printed: digits (2 if not said), with its
 * interval, with a plus sign, the interval over classes instead, the paper's number instead; `part`, without which a number that is of a part
 * of its groups is refused, says of how many it is.
 */
const PARTS = /^(\S+)(?: - (\S+))?((?: (?:\.[012]|±|\+|classes|paper|part))*)$/;

/**
 * The text with each placeholder filled.
 * @throws FormatError with file, line and placeholder, for one that cannot be filled
 */
export function filled(text: string, file: string, numbers: Numbers): string {
  return text
    .split("\n")
    .map((line, i) => {
      const full = line.replaceAll(PLACEHOLDER, (placeholder, inner: string) => {
        try {
          return numberText(inner, numbers);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          const hint = error.hint === undefined ? {} : { hint: error.hint };
          throw new FormatError(file, `line ${i + 1}: ${placeholder}: ${error.message}`, { ...hint, cause: error });
        }
      });
      if (/\{\{|\}\}/.test(full)) throw new FormatError(file, `line ${i + 1}: one half of a placeholder's braces`);
      return full;
    })
    .join("\n");
}

function numberText(inner: string, numbers: Numbers): string {
  const [, a, other, format] = PARTS.exec(inner) ?? [];
  if (a === undefined) {
    const hint =
      "write NAME or A - B, then any of .1 ± + classes paper part: {{table-7/convnet-3/cifar-100-set/pudnet .1 ±}}";
    throw new UserError("not a placeholder", { hint });
  }
  const b = other === undefined || other.includes("/") ? other : `${a.slice(0, a.lastIndexOf("/") + 1)}${other}`;
  const words = format!.split(" ");
  const { value, ci95, overClasses, groups } = quantityOf(numbers, words.includes("paper"), a, b);
  const digits = Number(words.find((word) => word.startsWith("."))?.slice(1) ?? 2);
  const text = (number: number | undefined): string => {
    if (number === undefined || Number.isNaN(number)) throw new UserError("it has no such interval");
    return rounded(number, digits);
  };
  if (groups && !words.includes("part")) {
    throw new UserError(`${groups.n} of ${groups.of} groups are judged`, {
      hint: "write part behind it, which says so",
    });
  }
  if (words.includes("classes")) return text(overClasses);
  const sign = words.includes("+") && value > 0 ? "+" : "";
  const interval = words.includes("±") ? ` ± ${text(ci95)}` : "";
  return `${sign}${text(value)}${interval}${groups ? ` (${groups.n} groups)` : ""}`;
}

function quantityOf(numbers: Numbers, isPaper: boolean, a: string, b: string | undefined): Quantity {
  if (!isPaper) return b === undefined ? numbers.measured(a) : numbers.difference(a, b);
  const ours = numbers.printed(a);
  return b === undefined ? ours : { value: ours.value - numbers.printed(b).value };
}
