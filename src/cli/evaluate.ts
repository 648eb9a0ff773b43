// pudnet evaluate: how good a made classifier is on labelled pictures, or a PudNet on classes it has never seen.

import { Command } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { SKETCH_SOURCES } from "../train/evaluation/sketch-sources.ts";
import { deviceOption, oneOf, refuseIdle, required, strengthOption, threadsOption, wholeNumber } from "./options.ts";

const EXAMPLES = `
With --classifier, FOLDER (or a zip of it) holds labelled pictures that the classifier was not made from, a folder a class, called as the
classifier calls its classes: pets-test/cat/1.jpg, ... One picture a class is enough, and classes may be left out. Told are
accuracy with its interval, figures a class, the confusion matrix and the mistakes that the classifier is most sure of.

With --model, each group draws classes that meta-training never saw, a generation set (weights, centroids) and a test set.
Where the dataset has published parts, generation images come from the training part, test images from the test part. With
--out, what is judged is kept in a folder of records (a CSV with a row a group, and a JSON that says of what), and the same command
again goes on where the last one stopped.

With --model and --config, a training config, the domains are its sources: groups have test classes of those that it trains on, and
all classes of the others and of --also. A few labels a class are all there is (--generation, 10): of centred centroids and the closed
form, whose strength left-out images choose. --sketch takes the weights from elsewhere, as a control. --out keeps a record a domain.

Examples:
  pudnet evaluate --classifier pets-classifier --data pets-test
  pudnet evaluate --classifier pets-classifier --data pets-test --report pets-test.html
  pudnet evaluate --model checkpoints/fashion-convnet-3.safetensors --data fashion-mnist --out records
  pudnet evaluate --model runs/x-1/checkpoints/best.safetensors --data cifar-100 --groups 100 --seed 1
  pudnet evaluate --model m.safetensors --data my-pictures --split my-split.json --ways 5 --generation 50 --test 20
  pudnet evaluate --model m.safetensors --config configs/map/groups-8.yaml --also seedlings-12 --groups 100 --sketch other-domain --out records`;

const OF_GROUPS = ["root", "groups", "ways", "generation", "test", "strength", "seed", "out"];
const OF_ONE_SET = ["split", "shots", "baselineGroups"];
const OF_DOMAINS = ["config", "also", "classes", "sketch"];

/** The options that say nothing of a kind of evaluation. */
const IDLE = {
  classifier: [...OF_GROUPS, ...OF_ONE_SET, ...OF_DOMAINS],
  model: ["report", ...OF_DOMAINS],
  config: ["report", "data", "json", ...OF_ONE_SET],
} as const;

export function evaluateCommand() {
  return new Command("evaluate")
    .option("--classifier <dir>", "classifier to evaluate, made by `pudnet predict` or `finetune` (this or --model)")
    .option("--model <checkpoint>", "PudNet to evaluate (this or --classifier)")
    .option("--data <dataset>", "a folder with a sub-folder per class; for --model also a dataset's name (required)")
    .option("--config <file>", "with --model: training config whose sources are the domains, in place of --data")
    .option(
      "--also <folder>",
      "with --config: a data set that was not trained on; repeat for more",
      (value, all: string[]) => [...all, value],
      [] as string[],
    )
    .option(
      "--classes <part>",
      "with --config: of each split test, or val for what is chosen",
      oneOf(["test", "val"]),
      "test",
    )
    .option(
      "--sketch <of>",
      `with --config: what weights are predicted from: ${SKETCH_SOURCES.join(", ")}`,
      oneOf(SKETCH_SOURCES),
      "own",
    )
    .option("--report <file.html>", "with --classifier: write a page with figures and the worst mistakes")
    .option("--root <folder>", "with --model: folder that holds the named datasets (default: data, or the config's)")
    .option(
      "--split <split>",
      "with --model: class split by name or JSON file, of which the test classes are used (default: the dataset's)",
    )
    .option("--groups <n>", "with --model: groups to evaluate (default: 500; of each domain 100)", wholeNumber(1))
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
      refuseIdle(command, `--${mode}`, IDLE[mode], (flag) => wayOut(flag, mode));
      // Only what is asked for is loaded: groups need all of training, pictures need the decoder.
      if (mode === "config") await (await import("./evaluate-domains.ts")).evaluateOnDomains(options);
      else if (mode === "model") await (await import("./evaluate-model.ts")).evaluateModel(options);
      else await (await import("./evaluate-classifier.ts")).evaluateClassifierOnFolder(options);
    });
}

type Mode = keyof typeof IDLE;

interface Asked {
  readonly classifier?: string;
  readonly model?: string;
  readonly config?: string;
}

function modeOf({ classifier, model, config }: Asked): Mode {
  if (classifier === undefined && model === undefined)
    required(undefined, "--classifier <dir> (or --model <checkpoint>)", "evaluate");
  if (classifier === undefined) return config === undefined ? "model" : "config";
  if (model === undefined) return "classifier";
  throw new UserError("--classifier and --model exclude each other", {
    hint: "give --classifier to evaluate a classifier on labelled pictures, --model to evaluate a PudNet on groups of classes",
    exitCode: 2,
  });
}

function wayOut(flag: string, mode: Mode): string {
  if (mode === "config")
    return "leave it out: the config says what is evaluated, --also adds to it, --out keeps what comes of it";
  if (mode === "model" && flag !== "--report") return "give --config in place of --data, or leave it out";
  if (flag === "--out") return "--report FILE.html writes a page, --json prints the figures";
  if (flag === "--report") return "--out FOLDER keeps a row a group";
  return "leave it out: all pictures of --data are classified once";
}
