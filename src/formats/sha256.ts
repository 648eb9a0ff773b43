// SHA-256, as Node and browsers have it.

import { UserError } from "../errors.ts";

/**
 * SHA-256 of pieces one after the other (text as UTF-8), less than 2 GiB together, as hexadecimal digits.
 * @throws UserError on pages that browsers do not let compute it
 * @example (await sha256("a", "bc")).slice(0, 8) // "ba7816bf"
 */
export async function sha256(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) {
    throw new UserError(
      "checksums cannot be computed here: browsers allow it to pages from https and localhost alone",
      {
        hint: "serve the page by https",
      },
    );
  }
  const digest = await subtle.digest("SHA-256", joined(pieces));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function joined(pieces: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const bytes = pieces.map((piece) => (typeof piece === "string" ? encoder.encode(piece) : piece));
  const all = new Uint8Array(bytes.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of bytes) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
