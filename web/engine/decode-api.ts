// What a decoder's worker can do.

import type { Decoded } from "./protocol.ts";

export type DecodeApi = {
  readonly start: (options: { readonly lock: string }) => void;
  readonly decode: (job: { readonly file: Blob; readonly side: number }) => Decoded;
};

/** Files that a worker has in hand, so that one is decoded while another becomes a square. */
export const AT_ONCE = 2;
