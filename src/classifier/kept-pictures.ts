// What is kept of the pictures that a classifier was made from, beside it: their features, so that it can grow without them, and
// what they are, so that it can say which are like another one.

import { z } from "zod";
import { FormatError, issueLines } from "../errors.ts";
import { readCheckpoint, writeCheckpoint } from "../formats/checkpoint.ts";
import { parseJson } from "../formats/json.ts";
import { sha256 } from "../formats/sha256.ts";
import { featureSize } from "../models/architectures.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import type { Classifier } from "./classifier.ts";

export interface KeptPicture {
  /** Where it was when the classifier was made. */
  readonly path: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Its class's place. */
  readonly label: number;
}

export interface KeptPictures {
  readonly pictures: readonly KeptPicture[];
  /** [n, d] under the classifier's network. */
  readonly features: Float32Array;
}

const KIND = "pictures of a classifier";
const SCHEMA = z.array(
  z.object({ path: z.string(), sha256: z.string().regex(/^[\da-f]{64}$/), label: z.int().min(0) }),
);
const DAMAGED = "copy the classifier's folder again, or make the classifier again; it classifies without this file";

/**
 * The bytes of `pictures.safetensors`. Features have 32 bits: with 16, scores of heads made of them were up to 1.4e-4 from those of all
 * pictures fitted together.
 * @param weights the bytes that the features belong to
 */
export async function writeKeptPictures(
  { pictures, features }: KeptPictures,
  weights: Uint8Array,
): Promise<Uint8Array> {
  const list = new TextEncoder().encode(JSON.stringify(pictures));
  const tensors = new Map<string, HostTensor>([
    ["features", hostTensor([pictures.length, features.length / pictures.length], features)],
    ["pictures", { shape: [list.length], data: list }],
  ]);
  return writeCheckpoint({ tensors, metadata: { kind: KIND, weights: await sha256(weights) } });
}

/**
 * Reads them and checks that they belong to the classifier.
 * @param weights SHA-256 of its `weights.safetensors`
 * @param file names it in errors
 * @throws FormatError for a damaged one, and one of another classifier
 */
export async function readKeptPictures(
  bytes: Uint8Array,
  { arch, classes }: Pick<Classifier, "arch" | "classes">,
  weights: string,
  file: string,
): Promise<KeptPictures> {
  const { tensors, metadata } = await readCheckpoint(bytes, file);
  const [features, list] = [tensors.get("features"), tensors.get("pictures")];
  const refuse = (what: string, details: readonly string[] = []): never => {
    throw new FormatError(file, what, { details, hint: DAMAGED });
  };
  if (metadata["kind"] !== KIND || !(features?.data instanceof Float32Array) || !(list?.data instanceof Uint8Array))
    return refuse("not the pictures of a classifier");
  if (metadata["weights"] !== weights) return refuse("of another classifier than the one beside it");
  const parsed = SCHEMA.safeParse(parseJson(list.data, file, DAMAGED), { reportInput: true });
  if (!parsed.success) return refuse("a list of pictures that is none", issueLines(parsed.error.issues));
  const pictures = parsed.data;
  const isFitting =
    features.shape.join() === [pictures.length, featureSize(arch)].join() &&
    features.data.every(Number.isFinite) &&
    pictures.every(({ label }) => label < classes.length);
  return isFitting ? { pictures, features: features.data } : refuse("features that do not fit the classifier");
}
