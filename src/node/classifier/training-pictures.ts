// Which pictures a classifier was made from, kept with it as short hashes of their contents: so that an evaluation can tell
// of those that it meets again.

import { FormatError } from "../../errors.ts";
import type { LoadedDataset } from "../datasets/image-folder.ts";

/** Of 10,000 pictures beside 1,000,000, one is taken for another with a probability of 4 in 100,000. */
const BYTES = 6;

/**
 * What classifier.json keeps of the pictures themselves: what was white in deep ones, and which they were.
 * @example pictureFacts(await readImageFolder("pets", { side: 32 })); // facts for saveClassifier
 */
export function pictureFacts({ ranges, hashes }: Pick<LoadedDataset, "ranges" | "hashes">): Record<string, unknown> {
  return {
    ...(ranges ? { sampleRanges: ranges } : {}),
    ...(hashes ? { trainingPictures: packHashes(hashes) } : {}),
  };
}

/** The first 6 bytes of each SHA-256, sorted, one after the other, in base64: 8 characters a picture. */
export function packHashes(hashes: readonly string[]): string {
  const short = new Set(hashes.map((sha256) => sha256.slice(0, 2 * BYTES)));
  return Buffer.from([...short].sort().join(""), "hex").toString("base64");
}

/**
 * Whether a picture, by the SHA-256 of its file, is one that the classifier was made from; undefined where its description
 * does not say (version 0.1, and classifiers saved by the library without it).
 * @throws FormatError where what it says is not what was written
 */
export function trainingPictures({
  trainingPictures: packed,
}: Readonly<Record<string, unknown>>): ((sha256: string) => boolean) | undefined {
  if (packed === undefined) return undefined;
  const bytes = typeof packed === "string" ? Buffer.from(packed, "base64") : Buffer.alloc(0);
  if (bytes.length % BYTES !== 0 || bytes.toString("base64") !== packed) {
    throw new FormatError("classifier.json", "trainingPictures are not hashes of pictures in base64", {
      hint: "the file was changed: copy the classifier again, or make it again",
    });
  }
  const hex = bytes.toString("hex");
  const known = new Set<string>();
  for (let at = 0; at < hex.length; at += 2 * BYTES) known.add(hex.slice(at, at + 2 * BYTES));
  return (sha256) => known.has(sha256.slice(0, 2 * BYTES));
}
