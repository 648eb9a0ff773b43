// What `--json` prints, a schema a command: one object, classes always as arrays in the classifier's order. docs/json.md
// tells it in words, docs/schema/ holds the same as JSON schema. Commands take types from here, tests the schemas.

import { z } from "zod";
import { EXPORT_FORMATS } from "../export/export-classifier.ts";
import { HEAD_CHOICES } from "../heads/head-choices.ts";
import { DEVICES } from "../tensor/runtime.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const seconds = z.number().min(0);

const skippedFiles = z.array(z.object({ path: z.string(), reason: z.string() })).describe("files left out, and why");
const notes = z.array(z.string()).describe("worth knowing, but nothing failed");
const model = z.object({ file: z.string(), sha256: z.string() }).describe("the PudNet that predicted the weights");
const heldOut = z
  .object({ accuracy: share, interval95: z.tuple([share, share]), n: z.int().min(1), meanScore: share })
  .describe("on pictures held back; interval95 is Wilson's");
const calibrationError = share.describe("expected calibration error over ten bins");
/** What single predictions of labelled pictures say. */
const judged = {
  classes: z
    .array(
      z.object({
        name: z.string(),
        n: count,
        right: count,
        predicted: count,
        recall: share.optional(),
        precision: share.optional(),
        f1: share.optional(),
      }),
    )
    .describe("all classes in the classifier's order; shares are absent where there is nothing to divide by"),
  confusion: z
    .array(z.array(count))
    .optional()
    .describe("[actual][predicted] in the order of classes; absent for more than 1,000 classes"),
  confused: z
    .array(z.object({ actual: z.string(), predicted: z.string(), n: z.int().min(1), share }))
    .describe("every kind of mistake, the most frequent first; share of the actual class's pictures"),
  mistakes: z
    .array(z.object({ path: z.string(), actual: z.string(), predicted: z.string(), score: share }))
    .describe("every wrong answer, the highest score first"),
};
const leftOut = z.object({
  images: z.int().min(1),
  accuracy: share,
  loss: z.number().describe("mean negative log-likelihood of their labels"),
});
const chosen = z
  .object({
    kind: z.enum(["closed-form", "centroids"]),
    lambda: z.number().positive().optional().describe("lambda of the closed form"),
    leftOut: z
      .object({ "closed-form": leftOut.optional(), centroids: leftOut.optional() })
      .describe("of the heads that were made, on pictures left out one by one; the smaller loss is taken"),
  })
  .describe("the head of the predicted network, and why");
const change = z
  .object({
    strength: share,
    leftOut: z
      .object({
        images: z.int().min(1),
        errors: z.array(
          z.object({
            strength: share,
            error: z.number().min(0).describe("mean squared error of the closed form"),
            lambda: z.number().positive().describe("lambda of that closed form"),
            over: share.optional().describe("the smaller strength that it was held against"),
            standardError: z.number().min(0).optional().describe("of the difference to that one"),
          }),
        ),
      })
      .optional()
      .describe("on pictures left out one by one; absent where a strength was asked for, or none could be left out"),
  })
  .optional()
  .describe(
    "how much of the predicted change is made (0: the base network, 1: all of it), and why; absent where no change is predicted",
  );
const strength = z
  .union([z.literal("auto"), share])
  .optional()
  .describe("as it was asked for; absent where no change is predicted");
const head = z.enum(HEAD_CHOICES).describe("as it was asked for");
const images = z.object({
  total: count,
  classes: z.array(z.object({ name: z.string(), n: count })).describe("in the classifier's order"),
  skipped: count,
});

const calibration = z.discriminatedUnion("method", [
  z.object({ method: z.literal("leave-one-out likelihood"), images: count, loss: z.number() }),
  z.object({ method: z.literal("not calibrated"), images: z.literal(0) }),
]);
const predict = z.object({
  format: z.literal("pudnet-predict"),
  version: z.literal(1),
  out: z.string().describe("the classifier's folder"),
  images,
  heldOut: heldOut.extend({ calibrationError, ...judged }),
  report: z.string().describe("the page on the pictures held back"),
  calibration,
  chosen,
  change,
  seconds: z.object({
    compile: seconds,
    firstPass: seconds,
    forwardPass: seconds,
    head: seconds,
    heldOut: seconds,
  }),
  settings: z.object({
    norm: z.enum(["generation", "running"]),
    head,
    shots: z.union([z.int().min(1), z.literal("all")]),
    strength,
    seed: count,
    device: z.enum(DEVICES),
  }),
  model,
  data: z.string().describe("the folder of pictures"),
  skipped: skippedFiles,
  notes,
});

const finetune = z.object({
  format: z.literal("pudnet-finetune"),
  version: z.literal(1),
  out: z.string().describe("the classifier's folder"),
  images: images.extend({ trained: count, heldOut: count }),
  heldOut: heldOut.describe(
    "of the classifier, after the last epoch; with seconds, each half of the pictures judged by what the other half would keep",
  ),
  chosen,
  change,
  kept: z.enum(["predicted", "tuned"]).describe("tuned where epochs were counted"),
  stages: z
    .array(
      z.object({
        weights: z.enum(["predicted", "random"]),
        epoch: count.describe("0: before training; with seconds the last one may have been cut short"),
        head: z.enum(["closed-form", "centroids", "linear"]),
        training: z.object({ loss: z.number(), accuracy: share }).optional().describe("none at epoch 0"),
        seconds: seconds.describe("of this epoch; of all of them where seconds were given"),
        heldOut,
      }),
    )
    .describe("from predicted weights, then from random ones if compared"),
  settings: z.object({
    epochs: z.int().min(1).optional(),
    seconds: z.number().positive().optional().describe("in place of epochs"),
    head,
    strength,
    learningRate: z.number().positive(),
    seed: count,
    compare: z.boolean(),
    device: z.enum(DEVICES),
  }),
  model,
  data: z.string().describe("the folder of pictures"),
  skipped: skippedFiles,
  notes,
});

const update = z.object({
  format: z.literal("pudnet-update"),
  version: z.literal(1),
  out: z.string().describe("the classifier's folder"),
  images,
  added: count,
  repeated: count.describe("pictures that were there already"),
  calibration,
  chosen,
  skipped: skippedFiles,
  notes,
});
const classify = z.object({
  format: z.literal("pudnet-classify"),
  version: z.literal(1),
  classes: z.array(z.string()).describe("of the classifier, in its order"),
  images: z.array(
    z.object({
      path: z.string(),
      labels: z.array(z.object({ label: z.string(), score: share })).describe("the most probable first"),
      unknown: z.boolean().describe("whether it is like nothing that the classifier was made from"),
      similarity: z
        .number()
        .min(-1.001)
        .max(1.001)
        .optional()
        .describe(
          "how like: the largest cosine of its features with the centroid of a class; of classifiers that know what is unknown",
        ),
      nearest: z
        .array(z.object({ path: z.string(), label: z.string(), similarity: z.number() }))
        .optional()
        .describe("with --why: the pictures it was made from that are most like it, by the cosine of features"),
    }),
  ),
  failed: skippedFiles.describe("files that could not be classified, and why; the exit code is then 1"),
  skipped: skippedFiles.describe("files in folders that are not named as pictures, and what was given twice"),
  notes,
});

const exported = z.object({
  format: z.literal("pudnet-export"),
  version: z.literal(1),
  classifier: z.string().describe("its folder"),
  exported: z.enum([...EXPORT_FORMATS, "zip"]),
  numbers: z.enum(["float32", "float16", "int8"]).optional().describe("of all formats but zip"),
  classes: z.array(z.string()).describe("of the classifier, in its order"),
  files: z.array(z.object({ path: z.string(), bytes: count })),
  calibration: z
    .object({ folder: z.string(), n: z.int().min(1) })
    .optional()
    .describe("pictures that the range of each activation was found on, for int8"),
  pictures: z
    .object({ n: z.int().min(1), folder: z.string().optional().describe("of pictures that were given") })
    .optional()
    .describe("in a zip"),
  memory: z
    .object({ flash: count, ram: count })
    .optional()
    .describe("bytes that C takes where it runs, but for code and stack"),
  skipped: skippedFiles,
  notes,
});

const estimate = z.object({ mean: z.number(), ci95: z.number().nullable(), n: z.int().min(1) });

const evaluateModel = z.object({
  format: z.literal("pudnet-evaluate-model"),
  version: z.literal(1),
  model: z.string().describe("the first 16 digits of the checkpoint's SHA-256"),
  data: z.string(),
  split: z.string(),
  contents: z.string().describe("the first 16 digits of a SHA-256 of the images, labels, classes and split"),
  groups: z.int().min(1),
  ways: z.int().min(2),
  shots: z.int().min(1),
  generation: z.int().min(1),
  test: z.int().min(1),
  strength: strength.describe("of a predicted change, as it was asked for; absent: 1"),
  seed: count,
  baselineGroups: count,
  accuracy: z.record(z.string(), estimate).describe("by METHOD/HEAD: mean and 95 % half-width over n groups, 0 to 1"),
  skipped: skippedFiles,
  notes,
});

const evaluateClassifier = z.object({
  format: z.literal("pudnet-evaluate-classifier"),
  version: z.literal(1),
  classifier: z.object({ folder: z.string(), sha256: z.string().describe("of weights.safetensors") }),
  data: z.string().describe("the folder of labelled pictures"),
  report: z.string().optional().describe("the page, if one was asked for"),
  n: z.int().min(1).describe("pictures that were read and classified"),
  right: count,
  familiar: z
    .object({ n: count, right: count })
    .optional()
    .describe("those of them that the classifier was made from, too; absent where its classifier.json does not say"),
  accuracy: share,
  interval95: z.tuple([share, share]).describe("Wilson's"),
  chance: share.describe("accuracy of guessing: 1 / classes"),
  majority: z.object({ accuracy: share, label: z.string() }).describe("of always answering the most frequent class"),
  balancedAccuracy: share.describe("mean recall of the classes that have pictures"),
  meanF1: share.describe("mean F1 of the classes that have pictures"),
  meanScore: share.describe("mean score of the answers, right or wrong"),
  calibrationError,
  ...judged,
  skipped: skippedFiles,
  notes,
});

const checks = z.object({
  format: z.literal("pudnet-checks"),
  version: z.literal(1),
  works: z.boolean().describe("false where something essential is broken; the exit code is then 1"),
  checks: z.array(
    z.object({
      name: z.string(),
      status: z.enum(["good", "warning", "broken"]),
      found: z.string(),
      mend: z.string().optional().describe("the way out"),
    }),
  ),
});

/** By the command that prints it. */
export const JSON_OUTPUT = {
  predict,
  finetune,
  update,
  classify,
  export: exported,
  "evaluate-classifier": evaluateClassifier,
  "evaluate-model": evaluateModel,
  checks,
} as const;

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type PredictJson = Frozen<z.infer<typeof predict>>;
export type FinetuneJson = Frozen<z.infer<typeof finetune>>;
export type ClassifyJson = Frozen<z.infer<typeof classify>>;
export type UpdateJson = Frozen<z.infer<typeof update>>;
export type ExportJson = Frozen<z.infer<typeof exported>>;
export type EvaluateModelJson = Frozen<z.infer<typeof evaluateModel>>;
export type EvaluateClassifierJson = Frozen<z.infer<typeof evaluateClassifier>>;
export type ChecksJson = Frozen<z.infer<typeof checks>>;
