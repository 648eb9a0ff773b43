// Files of a store on their way through the queue.

import type { Blobs } from "pudnet/queue";
import type { Sent } from "./cells.ts";
import type { StoreFile } from "./store-files.ts";

/** Puts files into the queue, one after the other, as those of `owner`. @throws UserError where it has no room */
export async function send(blobs: Blobs, owner: string, files: readonly StoreFile[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const { path, bytes } of files) sent.push({ path, blob: await blobs.put(owner, [await bytes()]) });
  return sent;
}

/** A file whose bytes are asked for when they are needed. @throws Gone, then */
export function fetched(blobs: Blobs, { path, blob }: Sent): StoreFile {
  const bytes = async (): Promise<Uint8Array> => {
    const found = await blobs.get(blob);
    if (found) return found;
    throw new Gone(path);
  };
  return { path, bytes };
}

/** What is no longer in the queue: it expired, or the Redis was started anew without it. */
export class Gone extends Error {
  override readonly name = "Gone";

  constructor(path: string) {
    super(`${path} is no longer in the queue`);
  }
}
