// What a decoder's worker can do.

import type { Bytes } from "../model/project.ts";
import type { Decoded } from "./protocol.ts";

export type DecodeApi = {
  readonly start: (options: { readonly lock: string }) => void;
  /** A file by its bytes, which are handed over and handed back: a file itself is slow to post, and would be read anew by each who needs it. */
  readonly decode: (job: { readonly file: Bytes; readonly side: number }) => Decoded;
};

/** Files that a worker has in hand, so that one is decoded while another becomes a square. */
export const AT_ONCE = 2;

/** Of a file: a larger one is refused, before it is read. */
export const MOST_BYTES = 256e6;
