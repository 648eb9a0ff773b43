// pudnet evaluate: how good a made classifier is on labelled pictures, or a PudNet on classes it has never seen.

import { Command } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { deviceOption, refuseIdle, required, strengthOption, threadsOption, wholeNumber } from "./options.ts";

const EXAMPLES = `
With --classifier, FOLDER holds labelled pictures that the classifier was not made from, a folder a class, called as the
classifier calls its classes: pets-test/cat/1.jpg, ... One picture a class is enough, and classes may be left out. Told are
accuracy with its interval, figures a class, the confusion matrix and the mistakes that the classifier is most sure of.

With --model, each group draws classes that meta-training never saw, a generation set (weights, centroids) and a test set.
Where the dataset has published parts, generation images come from the training part, test images from the test part. With
--out, what is judged is kept in a folder of records (a CSV with a row a group, and a JSON that says of what), and the same command
again goes on where the last one stopped.

Examples:
  pudnet evaluate --classifier pets-classifier --data pets-test
  pudnet evaluate --classifier pets-classifier --data pets-test --report pets-test.html
  pudnet evaluate --model checkpoints/fashion-convnet-3.safetensors --data fashion-mnist --out records
  pudnet evaluate --model runs/x-1/checkpoints/best.safetensors --data cifar-100 --groups 100 --seed 1
  pudnet evaluate --model m.safetensors --data my-pictures --split my-split.json --ways 5 --generation 50 --test 20`;

/** The options that say something of one kind of evaluation only. */
const ONLY = {
  classifier: ["report"],
  model: [
    "root",
    "split",
    "groups",
    "ways",
    "shots",
    "generation",
    "test",
    "strength",
    "baselineGroups",
    "seed",
    "out",
  ],
} as const;

export function evaluateCommand() {
  return new Command("evaluate")
    .option("--classifier <dir>", "classifier to evaluate, made by `pudnet predict` or `finetune` (this or --model)")
    .option("--model <checkpoint>", "PudNet to evaluate (this or --classifier)")
    .option("--data <dataset>", "a folder with a sub-folder per class; for --model also a dataset's name (required)")
    .option("--report <file.html>", "with --classifier: write a page with figures and the worst mistakes")
    .option("--root <folder>", "with --model: folder that holds the named datasets", "data")
    .option(
      "--split <split>",
      "with --model: class split by name or JSON file, of which the test classes are used (default: the dataset's)",
    )
    .option("--groups <n>", "with --model: groups to evaluate", wholeNumber(1), 500)
    .option("--ways <n>", "with --model: classes a group (default: the split's)", wholeNumber(2))
    .option("--shots <n>", "with --model: labelled images a class for the few-shot centroids", wholeNumber(1), 10)
    .option("--generation <n>", "with --model: generation images a class (default: the split's)", wholeNumber(1))
    .option("--test <n>", "with --model: test images a class (default: the split's)", wholeNumber(1))
    .addOption(strengthOption("with --model: ", 1))
    .option(
      "--baseline-groups <n>",
      "with --model: evaluate the baselines on the first n groups only",
      wholeNumber(0),
      50,
    )
    .option("--seed <n>", "with --model: decides the groups", wholeNumber(0), 0)
    .option("--out <folder>", "with --model: keep a row a group in a folder of records, and go on from there")
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(async (options, command) => {
      const mode = modeOf(options);
      refuseIdle(command, `--${mode}`, ONLY[mode === "model" ? "classifier" : "model"], wayOut);
      // Only what is asked for is loaded: groups need all of training, pictures need the decoder.
      if (mode === "model") await (await import("./evaluate-model.ts")).evaluateModel(options);
      else await (await import("./evaluate-classifier.ts")).evaluateClassifierOnFolder(options);
    });
}

type Mode = keyof typeof ONLY;

function modeOf({ classifier, model }: { readonly classifier?: string; readonly model?: string }): Mode {
  if (classifier === undefined && model === undefined)
    required(undefined, "--classifier <dir> (or --model <checkpoint>)", "evaluate");
  if (classifier === undefined) return "model";
  if (model === undefined) return "classifier";
  throw new UserError("--classifier and --model exclude each other", {
    hint: "give --classifier to evaluate a classifier on labelled pictures, --model to evaluate a PudNet on groups of classes",
    exitCode: 2,
  });
}

function wayOut(flag: string): string {
  if (flag === "--out") return "--report FILE.html writes a page, --json prints the figures";
  if (flag === "--report") return "--out FOLDER keeps a row a group";
  return "leave it out: all pictures of --data are classified once";
}
