// What stands beside an evaluation's CSV: the recipe that its hash stands for, the images it was made from, and which commits,
// commands and machines made its rows.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import type { ImageDataset } from "../../data/dataset.ts";
import { FormatError, UserError } from "../../errors.ts";
import { writeFileAtomic } from "../atomic-file.ts";
import { type Provenance, provenance } from "../provenance.ts";

interface EvaluationRecord extends Provenance {
  readonly recipe: unknown;
  /** Hash of the images and labels by data set and side; absent in some older records. */
  readonly data?: Readonly<Record<string, string>>;
  /** Who added rows later. */
  readonly continued?: readonly (Provenance & { readonly fromGroup: number })[];
}

/** Of data sets in memory: many evaluations are of one. */
const hashes = new WeakMap<ImageDataset, string>();

/** The first 64 bits of the SHA-256 of a data set's class names, labels, parts and images, in hexadecimal. */
function datasetHash(dataset: ImageDataset): string {
  const known = hashes.get(dataset);
  if (known !== undefined) return known;
  const { classes, labels, part, images } = dataset;
  const hash = createHash("sha256").update(JSON.stringify(classes));
  const bytes = (array: Uint8Array | Uint16Array): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (const array of [labels, ...(part ? [part] : []), images]) hash.update(bytes(array));
  const found = hash.digest("hex").slice(0, 16);
  hashes.set(dataset, found);
  return found;
}

/** @throws UserError where the rows on disk were made from other images than those at hand */
export async function checkData(file: string, datasets: readonly ImageDataset[]): Promise<void> {
  const { data = {} } = existsSync(file) ? await readRecord(file) : {};
  const changed = datasets.find((dataset) => (data[dataName(dataset)] ?? datasetHash(dataset)) !== datasetHash(dataset));
  if (!changed) return;
  throw new UserError(`"${file}" is of other images of ${dataName(changed)} than those that are at hand`, {
    hint: "rows of different images do not belong together: use the same files, or give --out another folder",
  });
}

interface Session {
  readonly recipe: unknown;
  readonly datasets: readonly ImageDataset[];
  readonly fromGroup: number;
}

/** Notes who makes the rows from `fromGroup` on. */
export async function noteSession(file: string, { recipe, datasets, fromGroup }: Session): Promise<void> {
  const own = await provenance();
  const known = existsSync(file) ? await readRecord(file) : undefined;
  const record: EvaluationRecord = known
    ? { ...known, continued: [...(known.continued ?? []), { fromGroup, ...own }] }
    : { recipe, data: Object.fromEntries(datasets.map((one) => [dataName(one), datasetHash(one)])), ...own };
  await writeFileAtomic(file, `${JSON.stringify(record, undefined, 1)}\n`);
}

const dataName = ({ name, side }: ImageDataset): string => `${name}@${side}`;

async function readRecord(file: string): Promise<EvaluationRecord> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as EvaluationRecord;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FormatError(file, `not JSON: ${error.message}`, { hint: "delete the file and the CSV beside it" });
  }
}
