// The job of making a parcel: what is handed in and what comes back, as schemas.

import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "pudnet/files";
import { blobSchema, type JobKind } from "pudnet/queue";
import { evaluationName } from "../store/evaluations.ts";
import type { Failure } from "../store/run.ts";
import type { Parcel } from "./parcels.ts";
import { recipeSchema } from "./recipe-schema.ts";

/** A file of a store that lies in the queue. */
const sentSchema = z.strictObject({ path: z.string().max(500), blob: blobSchema });
export type Sent = z.infer<typeof sentSchema>;

const jobSchema = z.strictObject({
  evaluations: z
    .array(z.strictObject({ recipe: recipeSchema, measures: z.record(z.string().max(200), z.int().min(1)) }))
    .min(1)
    .max(10_000),
  /** Of all images and classes: hashes by what they are of. */
  materials: z.record(z.string().max(300), z.string().max(64)),
  /** What the submitter has of it: to be gone on with. */
  given: z.array(sentSchema).max(100_000),
});
export type CellsJob = z.infer<typeof jobSchema>;

const resultSchema = z.strictObject({
  files: z.array(sentSchema).max(100_000),
  /** What of the parcel could not be made. */
  failures: z.array(z.strictObject({ name: z.string().max(500), message: z.string().max(3000) })),
});
export type CellsResult = z.infer<typeof resultSchema>;

/** `format` is to be raised when the schemas change, or what they mean. */
export const CELLS: JobKind<CellsJob, CellsResult> = { name: "cells", format: 1, job: jobSchema, result: resultSchema };

/** The evaluations of a job in an order of their own, so that submitters of the same parcel make the same job. */
export function inOrder(parcel: Parcel): Parcel {
  return parcel.toSorted((a, b) => (evaluationName(a.recipe) < evaluationName(b.recipe) ? -1 : 1));
}

/** What a job is of, as its name: equal for all who ask for the same of the same, wherever its files lie. */
export function jobName({ evaluations, materials, given }: CellsJob): string {
  const files = given.map(({ path, blob: { sha256 } }) => ({ path, sha256 }));
  const content = canonicalJson({ evaluations, materials, given: files });
  return `parcel-${createHash("sha256").update(content).digest("hex").slice(0, 20)}`;
}

export type SaidFailure = CellsResult["failures"][number];

/** A failure as it is told to who asked. */
export function said({ name, error }: Failure): SaidFailure {
  const hint = (error as { readonly hint?: string }).hint;
  return { name, message: `${error.message}${hint === undefined ? "" : ` (${hint})`}`.slice(0, 3000) };
}
