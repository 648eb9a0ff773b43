// Checkpoints as files.

import { UserError } from "../../errors.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../formats/checkpoint.ts";
import type { WriteOptions } from "../../formats/safetensors.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { explainReadError, readWhole } from "../files/read-file.ts";

/**
 * Writes a checkpoint; the previous file at `path` stays whole until the new one is on disk.
 * @throws UserError where the file cannot be written
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint, options: WriteOptions = {}): Promise<void> {
  await writeFileAtomic(path, await writeCheckpoint(checkpoint, options));
}

/** @throws FormatError for a truncated, foreign, newer or corrupted file, UserError for a missing one */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  return readCheckpoint(await readCheckpointFile(path), path);
}

/** @throws UserError for a missing or unreadable file */
export async function readCheckpointFile(path: string): Promise<Uint8Array> {
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
