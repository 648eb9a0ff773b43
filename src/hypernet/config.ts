// The options of PudNet: every choice and every ablation of the paper is a value here. Sections are those of the paper.

import { z } from "zod";

export const pudnetSchema = z.strictObject({
  hiddenSize: z.int().min(2).default(128).describe("H: size of the sketch rows and of the recurrent state"),
  gruLayers: z.int().min(1).default(2).describe("G: stacked GRU layers"),
  generatorWidth: z.int().min(1).default(8).describe("m: channels inside a weight generator"),
  beta: z.number().min(0).max(1).default(0.1).describe("initial residual, eq. 5"),
  sketch: z
    .enum(["dataset", "constant", "domain"])
    .default("dataset")
    .describe("constant: Static-PudNet, a learned sketch; domain: one for each domain of training, by its name"),
  sketchOrder: z
    .enum(["conv-act-norm", "conv-norm-act"])
    .default("conv-act-norm")
    .describe("order inside the sketch's blocks; the paper: convolution, leaky ReLU, batch norm"),
  sketchNorm: z
    .enum(["batch", "layer", "none"])
    .default("batch")
    .describe(
      "norm in the sketch network: batch (the paper; hides the data set's mean), layer (an image by itself), none",
    ),
  context: z.boolean().default(true).describe("false: no AHRU, the sketch goes to every generator (Table VI)"),
  predict: z
    .enum(["all", "no-stem", "no-shortcut", "none", "change"])
    .default("all")
    .describe(
      "layers left out are learned as they are; none: all of them, a static network without sketch or generators; " +
        "change: all of them, and what is predicted is added to all but the stem and its norm",
    ),
  fullLoss: z.number().min(0).default(1).describe("weight of the full-classification loss, eq. 9; 0: ablated"),
  klLoss: z.number().min(0).default(1).describe("weight of the consistency loss, eq. 10; 0: ablated"),
  temperature: z.number().positive().default(10).describe("tau of eq. 7 at the start"),
  learnTemperature: z.boolean().default(true),
  detachPrototypes: z.boolean().default(true).describe("no gradient through the class centroids"),
});

export type PudNetConfig = z.infer<typeof pudnetSchema>;
