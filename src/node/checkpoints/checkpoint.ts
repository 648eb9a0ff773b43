// Checkpoints: safetensors files that carry a checksum of their content, so that a resumed run never goes on from a
// damaged one. PyTorch and every other reader of safetensors opens them.

import { createHash } from "node:crypto";
import { FormatError, UserError } from "../../errors.ts";
import { bytesOf, readSafetensors, type Safetensors, writeSafetensors } from "../../formats/safetensors.ts";
import { requireVersion } from "../../formats/version.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { explainReadError, readWhole } from "../files/read-file.ts";

const FORMAT = "pudnet-checkpoint";
const VERSION = 1;
const RESERVED = ["format", "version", "sha256"] as const;

/** Tensors by name, and what else is worth keeping as text (step, seed, config). */
export interface Checkpoint {
  readonly tensors: Safetensors["tensors"];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes a checkpoint; the previous file at `path` stays whole until the new one is on disk.
 * @throws UserError where the file cannot be written
 */
export async function saveCheckpoint(path: string, { tensors, metadata }: Checkpoint): Promise<void> {
  const sha256 = contentHash({ tensors, metadata });
  await writeFileAtomic(
    path,
    writeSafetensors(tensors, { ...metadata, format: FORMAT, version: String(VERSION), sha256 }),
  );
}

/**
 * Reads a checkpoint and checks it; `metadata` is what was saved, without the fields of the format itself.
 * @throws FormatError for a truncated, foreign, newer or corrupted file, UserError for a missing one
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata: found } = readSafetensors(await readCheckpointFile(path), path);
  if (found["format"] !== FORMAT) {
    throw new FormatError(path, `safetensors, but not a checkpoint of pudnet (format: ${quoted(found["format"])})`, {
      hint: "give a checkpoint that `pudnet train` wrote, such as runs/NAME-1/checkpoints/best.safetensors",
    });
  }
  requireVersion(path, "checkpoint", found["version"], VERSION);
  const metadata = Object.fromEntries(
    Object.entries(found).filter(([name]) => !RESERVED.includes(name as (typeof RESERVED)[number])),
  );
  if (contentHash({ tensors, metadata }) !== found["sha256"]) {
    throw new FormatError(path, "corrupted: its content does not match its checksum", {
      hint: "copy or download it again, or take the other checkpoint of the run (last or best)",
    });
  }
  return { tensors, metadata };
}

async function readCheckpointFile(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new UserError(`no checkpoint at "${path}"`, {
        hint: "check the path for typing mistakes",
        cause,
        exitCode: 2,
      });
    }
    if (code === "EISDIR") {
      throw new UserError(`"${path}" is a folder, expected a checkpoint`, {
        hint: `a run keeps them in its folder: "${path}/checkpoints/best.safetensors"`,
        cause,
        exitCode: 2,
      });
    }
    throw explainReadError(cause, path);
  }
}

/** SHA-256 of metadata, names, shapes and numbers, whatever their order in the file. */
export function contentHash({ tensors, metadata }: Checkpoint): string {
  const byName = <T>(a: readonly [string, T], b: readonly [string, T]) => (a[0] < b[0] ? -1 : 1);
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(metadata).sort(byName)));
  for (const [name, tensor] of [...tensors].sort(byName)) {
    hash.update(JSON.stringify([name, tensor.shape])).update(bytesOf(tensor));
  }
  return hash.digest("hex");
}

function quoted(value: string | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
