// The config of a meta-training run: one schema gives the type, the defaults and the error messages.

import { z } from "zod";
import { closest, issueLines, UserError } from "../errors.ts";
import { pudnetSchema } from "../hypernet/config.ts";
import { STEMS } from "../models/architectures.ts";
import { DEVICES } from "../tensor/runtime.ts";

const count = z.int().min(1);

export const trainSchema = z.strictObject({
  name: z.string().min(1).describe("name of the run folder"),
  seed: z.int().min(0).default(0),
  data: z.strictObject({
    dataset: z.string().describe("a data set's name, or an image folder"),
    root: z.string().default("data").describe("folder that holds the data sets"),
    split: z.string().describe("a class split's name, or a JSON file with train, val and test class names"),
    side: z.int().min(8).optional().describe("resize images to this height and width"),
    turnedClasses: z
      .boolean()
      .default(false)
      .describe("training classes turned by 90, 180, 270 degrees are further classes"),
    augment: z.boolean().default(false).describe("random flips and shifts of training images; the paper names none"),
    trainOn: z
      .enum(["train", "train+val"])
      .default("train")
      .describe("train+val: the final run; validation then uses held-out images of the training classes"),
  }),
  target: z
    .strictObject({
      arch: z.string().default("convnet-3"),
      stem: z.enum(STEMS).optional(),
      width: count.default(64),
    })
    .prefault({}),
  pudnet: pudnetSchema.prefault({}),
  group: z
    .strictObject({
      ways: z.int().min(2).default(5),
      shots: count.default(10),
      queries: count.default(15),
      extra: z.int().min(0).default(10),
    })
    .prefault({}),
  steps: count.default(20_000).describe("Adam steps; each sees one training group, or groupsPerStep of them"),
  groupsPerStep: count.max(1024).optional().describe("training groups whose gradients are averaged in a step (1)"),
  localSteps: count
    .max(10_000)
    .optional()
    .describe("steps that each of the groupsPerStep streams takes before their states are averaged (1: gradients are)"),
  optimizer: z
    .strictObject({
      learningRate: z.number().positive().default(1e-3),
      warmUp: z.int().min(0).default(500).describe("steps of linear warm-up"),
      decay: z
        .enum(["constant", "linear"])
        .default("constant")
        .describe("linear: to zero over the run; the paper: constant"),
      clip: z.number().positive().default(10).describe("limit of the gradient's global norm"),
    })
    .prefault({}),
  validation: z
    .strictObject({
      every: count.default(1000).describe("steps between validations"),
      groups: count.default(20),
      generation: count.default(100).describe("generation images a class"),
      test: count.default(40).describe("test images a class"),
    })
    .prefault({}),
  logEvery: count.default(50),
  checkpointSeconds: z.number().positive().default(120),
  device: z.enum(DEVICES).default("cpu"),
  threads: count.optional(),
});

export type TrainConfig = z.infer<typeof trainSchema>;

/**
 * Checks plain data (a parsed YAML file) against the schema and fills in the defaults.
 * @throws UserError that names the file, the key, what was found and the nearest known key
 */
export function parseTrainConfig(data: unknown, file: string): TrainConfig {
  const result = trainSchema.safeParse(data, { reportInput: true });
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const near = unknown === undefined ? undefined : closest(unknown, keysAt(issue.path));
    throw new UserError(`${file} is not a config of a training`, {
      details: issueLines(result.error.issues),
      hint: near ? `did you mean "${near}" instead of "${unknown}"?` : "see configs/ for examples",
      exitCode: 2,
    });
  }
  checkParallelism(result.data, file);
  const { group, validation, steps, logEvery } = result.data;
  if (validation.every > steps) {
    throw new UserError(`${file}: validation.every (${validation.every}) is more than steps (${steps})`, {
      hint: `set validation.every to at most ${steps}`,
      exitCode: 2,
    });
  }
  if (validation.every % logEvery !== 0 && validation.every !== steps) {
    throw new UserError(
      `${file}: validation.every (${validation.every}) is no multiple of logEvery (${logEvery}), and validations are made at log lines`,
      {
        hint: `set validation.every to ${Math.max(1, Math.round(validation.every / logEvery)) * logEvery}`,
        exitCode: 2,
      },
    );
  }
  if (group.shots > validation.generation) {
    throw new UserError(
      `${file}: group.shots (${group.shots}) is more than validation.generation (${validation.generation})`,
      {
        hint: "centroids take their shots from the generation images",
        exitCode: 2,
      },
    );
  }
  return result.data;
}

/** @throws UserError where local steps are of nothing, or are cut by what happens between steps */
function checkParallelism(config: TrainConfig, file: string): void {
  const { groupsPerStep = 1, localSteps = 1, device } = config;
  const refuse = (what: string, hint: string): never => {
    throw new UserError(`${file}: ${what}`, { hint, exitCode: 2 });
  };
  if (groupsPerStep === 1 && localSteps > 1) {
    refuse(`localSteps (${localSteps}) says nothing of one group a step`, "set groupsPerStep, or leave localSteps out");
  }
  if (groupsPerStep > 1 && device !== "cpu") {
    refuse(`groupsPerStep (${groupsPerStep}) is for the CPU, not for ${device}`, "set device to cpu");
  }
  const { steps, logEvery, validation } = config;
  const cut = Object.entries({ steps, logEvery, "validation.every": validation.every }).find(
    ([, value]) => value % localSteps !== 0,
  );
  if (cut === undefined) return;
  const [name, value] = cut;
  const nearest = Math.max(1, Math.round(value / localSteps)) * localSteps;
  refuse(`${name} (${value}) is no multiple of localSteps (${localSteps})`, `set ${name} to ${nearest}`);
}

/** The keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = trainSchema;
  for (const part of path) schema = unwrap(schema).shape?.[part as string];
  return Object.keys(unwrap(schema).shape ?? {});
}

type Wrapped = { readonly shape?: Record<string, unknown>; readonly def?: { readonly innerType?: unknown } };

function unwrap(schema: unknown): Wrapped {
  let inner = schema as Wrapped;
  while (inner.def?.innerType) inner = inner.def.innerType;
  return inner;
}
