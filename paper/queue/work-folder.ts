// Where a worker makes parcels: a store for each, so that what it makes is a function of the parcel alone, and goes on after a kill.

import { existsSync } from "node:fs";
import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FormatError, issueLines } from "pudnet/engine";
import { makeFolder, parseJson, readText, writeFileAtomic } from "pudnet/files";
import { Store, type StoreOptions } from "../store/store.ts";
import { CELLS, type CellsJob } from "./cells.ts";
import { lay, type StoreFile } from "./store-files.ts";

const JOB = "parcel.json";
/** Says that the result was handed over. */
const DELIVERED = "delivered";
/** A Redis that is killed may forget its last second: what was handed over can be asked for once more. */
const KEPT_SECONDS = 3600;

/** Makes the folder of a job ready in `out`, unless work on it has begun there; gives its path. */
export async function prepare(out: string, name: string, job: CellsJob, given: readonly StoreFile[]): Promise<string> {
  const folder = join(out, name);
  if (existsSync(folder)) return folder;
  const temporary = join(out, `${name}.tmp-${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(temporary);
  await lay(new Store({ out: temporary, root: "", print: () => undefined }), given);
  await writeFileAtomic(join(temporary, JOB), `${JSON.stringify(job)}\n`);
  // another worker on this disk may have been faster: then there is work to go on with
  await rename(temporary, folder).catch(async (error: unknown) => {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

/** The job that a folder is of. @throws FormatError for one that was changed */
export async function jobIn(folder: string): Promise<CellsJob> {
  const file = join(folder, JOB);
  const parsed = CELLS.job.safeParse(parseJson(await readText(file), file), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new FormatError(file, "not a parcel", { details: issueLines(parsed.error.issues) });
}

/** The store in a job's folder. */
export function storeIn(folder: string, options: Omit<StoreOptions, "out">): Store {
  return new Store({ ...options, out: folder });
}

/** What is in the folder may be removed when it has lain for a while. */
export async function noteDelivery(folder: string): Promise<void> {
  await writeFile(join(folder, DELIVERED), "");
}

/** Removes the folders that were delivered an hour ago or more. */
export async function clearDelivered(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []); // nothing was made there yet
  for (const name of names) {
    const delivered = await stat(join(out, name, DELIVERED)).catch(() => undefined);
    if (delivered && Date.now() - delivered.mtimeMs > 1000 * KEPT_SECONDS)
      await rm(join(out, name), { recursive: true, force: true });
  }
}
