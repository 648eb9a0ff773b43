// Recipes that come from elsewhere, as schemas: what is no recipe in every part is no work.

import { z } from "zod";
import { ARCHITECTURES, type ArchName, STEMS } from "pudnet/engine";
import { METHODS, type MethodName, trainSchema } from "pudnet/methods";
import type { EvaluationRecipe } from "../recipes/recipe.ts";

const MOST = 10_000_000;
const count = z.int().min(1).max(MOST);
const seed = z
  .int()
  .min(0)
  .max(2 ** 32);
const rate = z.number().min(0).max(1e6);
/** Of a data set or a split, in the worker's own folder. */
const name = z.string().regex(/^(?!\.)[\w .-]{1,100}$/, "expected the name of a data set or a split");

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) => z.enum(Object.keys(table) as [T, ...T[]]);
const arch = keysOf<ArchName>(ARCHITECTURES);
const method = keysOf<MethodName>(METHODS);

const source = z.strictObject({
  dataset: name,
  split: name,
  side: z.int().min(8).max(1024),
  trainOn: z.enum(["train", "train+val"]),
});
const target = z.strictObject({
  arch,
  width: count.max(4096),
  stem: z.enum(STEMS),
  readout: z.literal("stages").optional(),
});
const optimizer = z.strictObject({
  algorithm: z.enum(["adam", "sgd"]),
  learningRate: rate,
  decay: z.enum(["constant", "linear", "tenth-at-90%"]).optional(),
  warmUp: z.int().min(0).max(MOST).optional(),
  momentum: rate.optional(),
  weightDecay: rate.optional(),
  clip: rate.optional(),
  centralize: z.boolean().optional(),
});
const task = z.strictObject({ ways: count, shots: count, queries: count });
const trained = { source, target, seed, optimizer, augment: z.boolean() };

const pretrained = z.strictObject({
  method: z.literal("pretrained"),
  ...trained,
  epochs: count,
  batch: count,
  neck: method.optional(),
});
const episodic = z.strictObject({
  method: z.literal("episodic"),
  ...trained,
  rule: method,
  task,
  tasksPerStep: count,
  steps: count,
  start: pretrained.optional(),
});
const musml = z.strictObject({
  method: z.literal("musml"),
  ...trained,
  task,
  steps: count,
  options: z.strictObject({
    subspaces: count,
    dimension: count,
    innerSteps: count,
    innerRate: rate,
    secondOrder: z.boolean().optional(),
  }),
});
const { data: configData } = trainSchema.shape;
/** A config whose data are named. What it lacks would be filled in, and is no part of its identity. */
const config = trainSchema.extend({ data: configData.extend({ dataset: name, split: name }) });
const pudnet = z.strictObject({ method: z.literal("pudnet"), config, start: pretrained.optional() });
const file = z.strictObject({ method: z.literal("file"), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const protocol = z.strictObject({
  dataset: name,
  side: z.int().min(8).max(1024),
  classes: z.union([z.strictObject({ testOf: name }), z.literal("all")]),
  ways: count,
  shots: count,
  generation: count,
  test: count,
  groups: count,
  seed,
  top: count.optional(),
});

const untrained = { protocol, target, normalization: source };

const schema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pudnet"),
    protocol,
    network: z.discriminatedUnion("method", [pudnet, file]),
    norm: z.enum(["running", "generation"]),
    strength: z.union([z.literal("auto"), z.number().min(0).max(1)]).optional(),
    wrongSketch: protocol.optional(),
  }),
  z.strictObject({ kind: z.literal("predict"), protocol, network: z.discriminatedUnion("method", [pudnet, file]) }),
  z.strictObject({
    kind: z.literal("fixed"),
    protocol,
    network: z.discriminatedUnion("method", [pretrained, episodic]),
  }),
  z.strictObject({ kind: z.literal("musml"), protocol, network: musml }),
  z.strictObject({ kind: z.literal("random"), ...untrained }),
  z.strictObject({ kind: z.literal("pixels"), ...untrained }),
  z.strictObject({
    kind: z.literal("supervised"),
    ...untrained,
    epochs: z.array(count).min(1).max(1000),
    batch: count,
    optimizer,
    start: z.discriminatedUnion("method", [pudnet, pretrained, episodic, file]).optional(),
    bodyRate: rate.optional(),
  }),
]);

/** An evaluation. Every recipe of the tables passes, and comes out as it went in. */
export const recipeSchema = schema.transform((recipe) => recipe as EvaluationRecipe);
