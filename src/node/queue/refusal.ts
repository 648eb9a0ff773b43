// A worker that cannot do a job which others may be able to do: it hands it back, and says why.

import { z } from "zod";

export const refusalSchema = z.strictObject({ worker: z.string().max(300), reason: z.string().max(3000) });
/** What reaches whoever handed the job in: untrusted text, as all that comes from a queue. */
export type Refusal = z.infer<typeof refusalSchema>;

/** Thrown by what does a job, where another worker may do it: it has other pictures, say. */
export class Refused extends Error {
  override readonly name = "Refused";
}
