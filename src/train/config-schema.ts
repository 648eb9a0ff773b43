// What the configs of trainings may hold: one schema a kind gives the type, the defaults and the error messages.

import { z } from "zod";
import type { GroupShape } from "../data/groups.ts";
import { pudnetSchema } from "../hypernet/config.ts";
import { READOUTS, STEMS } from "../models/architectures.ts";
import { DEVICES } from "../tensor/runtime.ts";

const count = z.int().min(1);

const dataset = z
  .string()
  .describe("a data set's name, or a folder with a sub-folder of pictures a class, below root or anywhere");
const split = z.string().describe("a class split's name, or a JSON file with train, val and test class names");
const side = z.int().min(8).describe("resize images to this height and width");
const turnedClasses = z
  .boolean()
  .default(false)
  .describe("training classes turned by 90, 180, 270 degrees are further classes");
const common = {
  root: z.string().default("data").describe("folder that holds the data sets"),
  augment: z.boolean().default(false).describe("random flips and shifts of training images; the paper names none"),
  trainOn: z
    .enum(["train", "train+val"])
    .default("train")
    .describe(
      "train+val: the final run; validation then uses held-out images of the training classes, or sources for validation alone",
    ),
};

const groupShape = z.strictObject({
  ways: z.int().min(2).default(5),
  shots: count.default(10),
  queries: count.default(15),
  extra: z.int().min(0).default(10),
});

/** The target network. */
const target = z
  .strictObject({
    arch: z.string().default("convnet-3"),
    stem: z.enum(STEMS).optional(),
    readout: z.enum(READOUTS).optional().describe("what of a ResNet's maps becomes features"),
    width: count.default(64),
  })
  .prefault({});

/** A training on one data set, whose groups are all of one shape. */
export const trainSchema = z.strictObject({
  name: z.string().min(1).describe("name of the run folder"),
  seed: z.int().min(0).default(0),
  data: z.strictObject({
    dataset,
    root: common.root,
    split,
    side: side.optional(),
    turnedClasses,
    augment: common.augment,
    trainOn: common.trainOn,
  }),
  target,
  pudnet: pudnetSchema.prefault({}),
  start: z
    .string()
    .min(1)
    .optional()
    .describe(
      "checkpoint whose learned kernels, norms and normalisation it starts from, such as of method: supervised",
    ),
  group: groupShape.prefault({}),
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
      norm: z
        .enum(["running", "generation"])
        .optional()
        .describe("batch norm: its running statistics (unless said), or fitted to the generation images"),
    })
    .prefault({}),
  logEvery: count.default(50),
  checkpointSeconds: z.number().positive().default(120),
  device: z.enum(DEVICES).default("cpu"),
  threads: count.optional(),
});

export type SingleConfig = z.infer<typeof trainSchema>;

const sourceSchema = z.strictObject({
  dataset,
  split: split.optional().describe("as of a single data set; without it all classes and pictures are trained on"),
  leaveOut: z.array(z.string()).min(1).optional().describe("classes that are neither trained nor validated on"),
  role: z
    .enum(["train", "validation"])
    .default("train")
    .describe("validation: no class is trained on, and groups of all classes are validated on"),
  weight: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe("how often a group is of this source, beside the others (square root of its training pictures)"),
  turnedClasses,
});

export type SourceConfig = z.infer<typeof sourceSchema>;

const MOST_SOURCES = 1000;
/** Each is a compiled program. */
const MOST_SHAPES = 16;

const mixture = z.strictObject({
  sources: z.array(sourceSchema).min(1).max(MOST_SOURCES).describe("data sets; a group is of one of them"),
  side: side.default(32),
  ...common,
});

/** A training on one data set or on several, with groups of one shape or of several. */
export const configSchema = trainSchema.extend({
  data: z.union([mixture, trainSchema.shape.data]),
  group: z.union([
    z.strictObject({
      shapes: z
        .array(groupShape)
        .min(1)
        .max(MOST_SHAPES)
        .describe("drawn for each group; validation groups have the ways and shots of the first"),
    }),
    trainSchema.shape.group,
  ]),
});

export type TrainConfig = z.infer<typeof configSchema>;

const names = z.array(z.string()).default([]);

/** A training of one network by cross entropy on all classes of several data sets: a base that predictions change or fall back to. */
export const baseSchema = z.strictObject({
  method: z.literal("supervised"),
  name: trainSchema.shape.name,
  seed: trainSchema.shape.seed,
  data: mixture.omit({ augment: true }).extend({
    sources: z
      .array(sourceSchema.omit({ turnedClasses: true }))
      .min(1)
      .max(MOST_SOURCES),
  }),
  target,
  start: z
    .string()
    .min(1)
    .optional()
    .describe("checkpoint of the same architecture and classes whose network and normalisation it starts from"),
  teacher: z
    .strictObject({
      checkpoint: z.string().min(1).describe("a network of the same classes, such as of method: supervised"),
      weight: z
        .number()
        .min(0)
        .max(1)
        .default(0.9)
        .describe("share of the loss that is for the teacher's answers (Hinton et al. 2015); labels have the rest"),
      temperature: z.number().min(1).max(100).default(4).describe("of the softmax of teacher and student"),
      similarity: z
        .number()
        .min(0)
        .default(0)
        .describe("weight of what similarities of pictures in a batch are off (Tung & Mori 2019; 3000 is usual)"),
    })
    .optional(),
  steps: count.describe("each sees a batch of pictures of one source"),
  batch: count.min(2).default(128),
  optimizer: z
    .strictObject({
      learningRate: z.number().positive().default(0.1).describe("falls linearly to zero"),
      momentum: z.number().min(0).max(1).default(0.9),
      weightDecay: z.number().min(0).default(5e-4),
      warmUp: z.int().min(0).default(500).describe("steps of linear warm-up"),
    })
    .prefault({}),
  variation: z
    .strictObject({
      smallest: z.number().positive().max(1).default(0.6).describe("the smallest window, as a share of the side"),
      light: z.number().min(0).max(1).default(0.2).describe("by how much brightness, contrast and colours may be off"),
      grey: z.number().min(0).max(1).default(0.1).describe("share of pictures that lose their colours"),
      mirrored: names.describe("sources whose mirror images are as natural"),
      turned: names.describe("sources whose turned classes are further classes"),
    })
    .prefault({}),
  averaging: z.number().min(0).max(0.99999).default(0.999).describe("what a step leaves of the mean of the weights"),
  validation: z
    .strictObject({
      every: count.default(1000).describe("steps between validations"),
      groups: count.default(40),
      ways: z.int().min(2).default(5),
      generation: count.default(40).describe("labelled images a class, all for the closed form"),
      test: count.default(20).describe("test images a class"),
    })
    .prefault({}),
  logEvery: trainSchema.shape.logEvery,
  checkpointSeconds: trainSchema.shape.checkpointSeconds,
  device: trainSchema.shape.device,
  threads: trainSchema.shape.threads,
});

export type BaseConfig = z.infer<typeof baseSchema>;

/** The shapes that training groups have. */
export function shapesOf({ group }: Pick<TrainConfig, "group">): readonly GroupShape[] {
  return "shapes" in group ? group.shapes : [group];
}
