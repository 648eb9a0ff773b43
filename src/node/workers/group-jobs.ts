// The parts of a training's steps as jobs of a queue: what is computed and which bytes it is computed from. The bytes are trees
// as tree-bytes.ts has them; the images of a batch travel along, so that workers need no data set.

import { z } from "zod";
import { pudnetSchema } from "../../hypernet/config.ts";
import { archSchema } from "../../models/arch-schema.ts";
import { type Arch, architecture } from "../../models/architectures.ts";
import { loadRuntime } from "../../tensor/runtime.ts";
import type { MetaProblem } from "../../train/meta-step.ts";
import { blobSchema } from "../queue/blobs.ts";
import type { JobKind } from "../queue/kinds.ts";

const count = z.int().min(1).max(1_000_000);
const colours = z.tuple([z.number(), z.number(), z.number()]);

const targetSchema = archSchema
  .extend({ width: count, side: z.int().min(8).max(4096) })
  .strict()
  .transform(({ name, side, ...options }): Arch => architecture(name, side, options));

const problemSchema: z.ZodType<MetaProblem> = z.strictObject({
  pudnet: pudnetSchema,
  arch: targetSchema,
  group: z.strictObject({ ways: count, shots: count, queries: count, extra: z.int().min(0).max(1_000_000) }),
  trainClasses: count,
  domains: count.optional(),
  normalization: z.strictObject({ mean: colours, deviation: colours }),
  optimizer: z.strictObject({
    learningRate: z.number(),
    warmUp: z.number(),
    decayTo: z.number().optional(),
    clip: z.number(),
  }),
});

const jobSchema = z.strictObject({
  work: z.enum(["gradient", "local steps"]),
  problem: problemSchema,
  /** A point, or the state that local steps start from. The same for all jobs of a step. */
  start: blobSchema,
  /** So many batches, one after the other. */
  count: z.int().min(1).max(10_000),
  batches: blobSchema,
});

/** The gradient of one batch, or a step on each of several. */
export type GroupJob = z.infer<typeof jobSchema>;

const answerSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("done"),
    result: blobSchema,
    /** Of computing alone. */
    seconds: z.number().min(0),
    /** Which process of which worker: it computes one job at a time. */
    lane: z.string().max(300),
    cpu: z.string().max(300),
  }),
  /** What the job is computed from is no longer there. */
  z.strictObject({ kind: z.literal("lost") }),
]);
export type GroupAnswer = z.infer<typeof answerSchema>;

/** The jobs of this version and of what computes here: another onnxruntime gives other last digits. */
export async function groupJobs(): Promise<JobKind<GroupJob, GroupAnswer>> {
  const { name, ort } = await loadRuntime();
  const runtime = `onnxruntime-${name}-${ort.env.versions.common ?? "unknown"}`;
  return { name: `train-${runtime}`, format: 1, job: jobSchema, result: answerSchema };
}
