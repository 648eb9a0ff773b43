// What black and white are among samples deeper than 8 bits. Files say how wide a sample is, not how much of it is used: a
// camera of 12 bits stores 0 to 4095 in 16. The range is found over a whole dataset, so that no picture is scaled by itself,
// and kept with the classifier, so that pictures to be classified are scaled as those it was made from.
import { z } from "zod";
import { FormatError, issueLines } from "../../errors.ts";
import { listed } from "../../names.ts";

/** Value of white, by kind of sample; absent for kinds that did not occur. Black is 0. */
const sampleRangesSchema = z.object({
  ushort: z.literal([255, 1023, 4095, 16_383, 65_535]).optional(),
  float: z.literal([1, 255]).optional(),
});

export type SampleRanges = z.infer<typeof sampleRangesSchema>;

/** The ranges that a classifier's description keeps; none for one made from pictures of 8 bits. */
export function sampleRangesOf({ sampleRanges = {} }: Readonly<Record<string, unknown>>): SampleRanges {
  const parsed = sampleRangesSchema.safeParse(sampleRanges);
  if (parsed.success) return parsed.data;
  throw new FormatError("classifier.json", "the ranges of its samples are not what was written", {
    details: issueLines(parsed.error.issues),
    hint: "the file was changed: copy the classifier again, or make it again",
  });
}

/** The samples of one picture, colours only. */
export interface Samples {
  readonly kind: keyof SampleRanges;
  readonly smallest: number;
  readonly largest: number;
  /** Something of it can be seen through. */
  readonly isTransparent?: boolean;
}

const WHITES_16 = [255, 1023, 4095, 16_383, 65_535] as const;
/** As a share of white: what is beyond by less is clipped, and off by less than half of one of 256 levels. */
const TOLERANCE = 0.5 / 255;
/** Floats that end between those of 0 to 1 and any picture of 0 to 255 that is not all but black: high dynamic range. */
const HDR = 16;

/** The ranges of a dataset's deep pictures: the fewest bits that hold the largest sample of all; the floats' usual range. */
export function rangesOf(all: readonly Samples[]): SampleRanges {
  const ushort = all.filter(({ kind }) => kind === "ushort").map(({ largest }) => largest);
  const floats = all.filter(({ kind }) => kind === "float").map((samples) => floatRange(samples));
  const count = (range: 1 | 255): number => floats.filter((white) => white === range).length;
  const white = WHITES_16.find((most) => ushort.every((largest) => largest <= most))!;
  return {
    ...(ushort.length === 0 ? {} : { ushort: white }),
    ...(count(1) + count(255) === 0 ? {} : { float: count(1) > count(255) ? 1 : 255 }),
  };
}

/** The white that these float samples end at, by themselves; undefined for black, negative ones and high dynamic range. */
function floatRange(samples: Samples): 1 | 255 | undefined {
  if (samples.largest <= 0) return undefined;
  if (fits(samples, 1)) return 1;
  return fits(samples, 255) && samples.largest >= HDR ? 255 : undefined;
}

function fits({ smallest, largest }: Samples, white: number): boolean {
  return smallest >= -white * TOLERANCE && largest <= white * (1 + TOLERANCE);
}

/**
 * What is white in a picture, given the ranges of the dataset or classifier it belongs to; or why nobody can tell.
 * @example whiteOf({ kind: "ushort", smallest: 3, largest: 4090 }, { ushort: 4095 }) // 4095
 */
export function whiteOf(samples: Samples, { ushort, float }: SampleRanges): number | string {
  const { kind, smallest, largest } = samples;
  if (kind === "ushort") {
    if (ushort === undefined) {
      if (largest > 16_383) return 65_535;
      return `16-bit samples that end at ${largest}: nobody can tell from this picture alone whether white is there or at 65535; convert it to 8 bits`;
    }
    if (ushort < 65_535 && samples.isTransparent)
      return `transparency in a picture that uses fewer than its 16 bits: convert it to 8 bits`;
    return largest <= ushort
      ? ushort
      : `16-bit samples of up to ${largest}, where those of the other pictures end at ${ushort}`;
  }
  const own = floatRange(samples);
  const white = float ?? own ?? 1;
  if (fits(samples, white) && (largest <= 0 || own === undefined || own === white)) return white;
  const found = `float samples from ${shown(smallest)} to ${shown(largest)}`;
  if (float !== undefined && own !== undefined)
    return `${found}, where those of the other pictures go from 0 to ${float}`;
  return `${found}, expected 0 to 1 or 0 to 255; convert it to 8 or 16 bits`;
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** What was assumed about deep pictures, for people. */
export function rangeNotes(
  pictures: readonly { readonly path: string; readonly samples: Samples }[],
  { ushort, float }: SampleRanges,
): string[] {
  const notes: string[] = [];
  const deep = pictures.filter(({ samples }) => samples.kind === "ushort");
  const darker = deep.filter(({ samples }) => samples.largest <= 4095);
  if (ushort !== undefined && ushort < 65_535)
    notes.push(
      `the ${deep.length} pictures of 16 bits use ${Math.log2(ushort + 1)} of them: white is taken to be ${ushort}`,
    );
  else if (darker.length > 0)
    notes.push(
      `${darker.length} of ${deep.length} pictures of 16 bits use 12 bits or fewer, and are as dark as if white were 65535: ${listed(
        darker.map(({ path }) => `"${path}"`),
        5,
      )}`,
    );
  const floats = pictures.filter(({ samples }) => samples.kind === "float");
  if (float !== undefined)
    notes.push(`of the ${floats.length} pictures of float samples, white is taken to be ${float}`);
  return notes;
}
