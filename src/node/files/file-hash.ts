// SHA-256 of files and of bytes in memory, in pieces.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of a file, as hexadecimal digits. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** SHA-256 of bytes, as hexadecimal digits; in pieces, since one update stops at 2 GiB. */
export function bytesHash(bytes: Uint8Array): string {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += 2 ** 28) hash.update(bytes.subarray(at, at + 2 ** 28));
  return hash.digest("hex");
}
