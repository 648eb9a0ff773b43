// Checkpoints: safetensors files that carry a checksum of their content, so that a resumed run never goes on from a
// damaged one. PyTorch and every other reader of safetensors opens them.

import { FormatError } from "../errors.ts";
import {
  bytesOf,
  readSafetensors,
  roundToFloat16,
  type Safetensors,
  type WriteOptions,
  writeSafetensors,
} from "./safetensors.ts";
import { sha256 } from "./sha256.ts";
import { requireVersion } from "./version.ts";

const FORMAT = "pudnet-checkpoint";
const VERSION = 1;
const RESERVED = ["format", "version", "sha256"] as const;

/** Tensors by name, and what else is worth keeping as text (step, seed, config). */
export interface Checkpoint {
  readonly tensors: Safetensors["tensors"];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a checkpoint: the same content gives the same bytes. With 16 bits the checksum is that of the rounded numbers. */
export async function writeCheckpoint(
  { tensors: given, metadata }: Checkpoint,
  options: WriteOptions = {},
): Promise<Uint8Array> {
  const tensors = options.float16 ? roundToFloat16(given) : given;
  const own = { format: FORMAT, version: String(VERSION), sha256: await contentHash({ tensors, metadata }) };
  return writeSafetensors(tensors, { ...metadata, ...own }, options);
}

/**
 * Reads a checkpoint and checks it; `metadata` is what was saved, without the fields of the format itself.
 * @param file names it in errors
 * @throws FormatError for a truncated, foreign, newer or corrupted one
 */
export async function readCheckpoint(bytes: Uint8Array, file: string): Promise<Checkpoint> {
  const { tensors, metadata: found } = readSafetensors(bytes, file);
  if (found["format"] !== FORMAT) {
    throw new FormatError(file, `safetensors, but not a checkpoint of pudnet (format: ${quoted(found["format"])})`, {
      hint: "give a checkpoint that `pudnet train` wrote, such as runs/NAME-1/checkpoints/best.safetensors",
    });
  }
  requireVersion(file, "checkpoint", found["version"], VERSION);
  const metadata = Object.fromEntries(
    Object.entries(found).filter(([name]) => !RESERVED.includes(name as (typeof RESERVED)[number])),
  );
  if ((await contentHash({ tensors, metadata })) !== found["sha256"]) {
    throw new FormatError(file, "corrupted: its content does not match its checksum", {
      hint: "copy or download it again, or take the other checkpoint of the run (last or best)",
    });
  }
  return { tensors, metadata };
}

/** SHA-256 of metadata, names, shapes and numbers, whatever their order in the file. */
export function contentHash({ tensors, metadata }: Checkpoint): Promise<string> {
  const byName = <T>(a: readonly [string, T], b: readonly [string, T]) => (a[0] < b[0] ? -1 : 1);
  const parts = [...tensors]
    .sort(byName)
    .flatMap(([name, tensor]) => [JSON.stringify([name, tensor.shape]), bytesOf(tensor)]);
  return sha256(JSON.stringify(Object.entries(metadata).sort(byName)), ...parts);
}

function quoted(value: string | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
