// pudnet predict: a folder of pictures -> a classifier, in one forward pass.

import { join, relative, resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { secondsSince } from "../clock.ts";
import { classCounts } from "../data/dataset.ts";
import { predictsKernels } from "../hypernet/pudnet.ts";
import { listed, shellWord } from "../names.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { type LoadedDataset, readImageFolder } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { chooseModel } from "../node/checkpoints/shipped.ts";
import { weaknessLines } from "../report/judgement-text.ts";
import { formatDuration } from "../report/progress-table.ts";
import { groupsByKeys } from "../classifier/held-out.ts";
import { headChoice } from "../classifier/fitted-head.ts";
import type { StrengthChoice } from "../train/change-strengths.ts";
import { strengthsOf } from "../train/gate.ts";
import { predictClassifier, type PredictedClassifier } from "../classifier/classifier.ts";
import type { KeptPictures } from "../classifier/kept-pictures.ts";
import type { HeldOutEstimate } from "../classifier/held-out-estimate.ts";
import type { PudNetModel } from "../predict/model.ts";
import { imageSource } from "../predict/image-source.ts";
import { Predictor } from "../predict/predictor.ts";
import type { PredictJson } from "./json.ts";
import {
  deviceOption,
  headOption,
  modelOption,
  oneOf,
  shotsOption,
  strengthOption,
  threadsOption,
  wholeNumber,
} from "./options.ts";
import { classifierPlace, OUT_HELP } from "./classifier-place.ts";
import { print, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { fewShotsNotes, headLine } from "./head-line.ts";
import { heldOutPage, judgeHeldOut, REPORT } from "./held-out-report.ts";
import { judgedJson, type JudgedPictures } from "./judgement-json.ts";
import { strengthLine, strengthSetting } from "./strength-line.ts";
import { aboutData } from "./skipped.ts";

const EXAMPLES = `
FOLDER holds a folder a class with its pictures inside, at any depth: pets/cat/1.jpg, pets/dog/1.jpg, ... A zip of such a folder, or of a
project, is as good.
DIR becomes the classifier: weights.safetensors, classifier.onnx, classifier.json; report.html shows how it does on pictures held back.

Examples:
  pudnet predict pets
  pudnet predict pets --out pets-classifier
  pudnet predict pets.zip
  pudnet predict samples/fashion-unseen --out out/fashion --force
  pudnet predict pets --out out/pets --model runs/my-resnet-18-1/checkpoints/best.safetensors
  pudnet classify pets-classifier photo.jpg`;

export function predictCommand() {
  return new Command("predict")
    .argument("<folder>", "a folder with a sub-folder of pictures for each class, or a zip of one")
    .option("--out <dir>", OUT_HELP)
    .option("--arch <name>", "network to predict, such as resnet-18 (default: the model's)")
    .addOption(modelOption())
    .option("--norm <mode>", "batch norm: generation (fitted to these pictures) or running", oneOf(NORMS), "generation")
    .addOption(strengthOption())
    .addOption(headOption())
    .option(
      "--shots <n>",
      'labelled pictures a class that centroids are made of, or "all"',
      shotsOption,
      "all" as const,
    )
    .option("--seed <n>", "decides which pictures are held out for the estimate", wholeNumber(0), 0)
    .option("--force", "replace a classifier that is already in DIR")
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(
      async (
        folder,
        { out: wanted, arch, model: checkpoint, norm, strength, head, shots, seed, force = false, json, ...options },
      ) => {
        const asked = { ...(head ? { head } : {}), shots, ...(strength === undefined ? {} : { strength }) };
        const choice = headChoice(asked); // refused before the work
        const place = await classifierPlace(folder, { out: wanted, force });
        const { file, model } = await chooseModel({ model: checkpoint, arch });
        strengthsOf(model, strength);
        const read = await readImageFolder(folder, { side: model.arch.side, onProgress: decodingProgress() });
        const loaded = { ...read, notes: [...read.notes, ...fewShotsNotes(classCounts(read.dataset), shots)] };
        const made = await predictFrom(loaded, model, { norm, ...asked, seed, ...options });
        const judged = judgeHeldOut(made.heldOut!, loaded.dataset);
        const facts = {
          ...factsOf(loaded, made, judged),
          settings: { norm, head: choice, shots, ...strengthSetting(made, strength), seed, device: options.device },
          model: { file, sha256: await fileHash(file) },
          data: resolve(folder),
        };
        const page = await heldOutPage(judged, loaded, { folder, model, ...facts.model });
        const kept = { facts: { ...facts, ...pictureFacts(loaded) }, report: page, pictures: keptOf(loaded, made) };
        const out = await place.save(made.classifier, kept);
        if (json) printJson(report(out, facts, loaded, judged));
        else print(...summary(out, facts, loaded, made, { model, strength, judged }));
      },
    );
}

const NORMS = ["generation", "running"] as const;

interface Made extends PredictedClassifier {
  readonly compileSeconds: number;
}

async function predictFrom(
  loaded: LoadedDataset,
  model: PudNetModel,
  options: Parameters<typeof predictClassifier>[4] & object,
): Promise<Made> {
  const { dataset } = loaded;
  const start = performance.now();
  const predictor = await Predictor.create(model, options);
  const compileSeconds = secondsSince(start);
  try {
    const images = imageSource(dataset.images, 3 * dataset.side ** 2);
    const settings = { ...options, ...groupsOf(loaded) };
    const made = await predictClassifier(predictor, images, dataset.labels, dataset.classes, settings);
    return { ...made, compileSeconds };
  } finally {
    await predictor.release();
  }
}

/** Pictures of one burst, and copies of them, would tell of each other: they are held back together. */
function groupsOf({ bursts, hashes }: LoadedDataset): { groups?: number[] } {
  if (!bursts) return {};
  return {
    groups: groupsByKeys(
      bursts.map((burst, i) => [`content ${hashes![i]}`, burst === undefined ? `alone ${i}` : `burst ${burst}`]),
    ),
  };
}

/** What later pictures are compared with and added to. */
function keptOf({ dataset, hashes }: LoadedDataset, { features }: Made): KeptPictures {
  const pictures = dataset.sources!.map((path, i) => ({
    path: resolve(path),
    sha256: hashes![i]!, // which all folders of pictures have
    label: dataset.labels[i]!,
  }));
  return { pictures, features };
}

function factsOf({ dataset, skipped }: LoadedDataset, made: Made, { calibrationError }: JudgedPictures) {
  const { heldOut, seconds, compileSeconds, calibration, chosen, change } = made;
  const { accuracy, interval, n, meanScore } = heldOut!;
  return {
    images: { total: dataset.labels.length, classes: classCounts(dataset), skipped: skipped.length },
    heldOut: { accuracy, interval95: interval, n, meanScore, calibrationError },
    calibration,
    chosen,
    ...(change ? { change } : {}),
    seconds: { compile: compileSeconds, ...seconds },
  };
}

/** What classifier.json keeps; which pictures were mistaken is told on the page and in the JSON alone. */
type Facts = Omit<PredictJson, "format" | "version" | "out" | "heldOut" | "report" | "skipped" | "notes"> & {
  readonly heldOut: Omit<PredictJson["heldOut"], keyof ReturnType<typeof judgedJson>>;
};

function report(
  out: string,
  facts: Facts,
  { dataset: { classes }, skipped, notes }: LoadedDataset,
  judged: JudgedPictures,
): PredictJson {
  const heldOut = { ...facts.heldOut, ...judgedJson(judged, classes) };
  return { format: "pudnet-predict", version: 1, out, ...facts, heldOut, report: join(out, REPORT), skipped, notes };
}

interface About {
  readonly model: PudNetModel;
  readonly strength?: StrengthChoice | undefined;
  readonly judged: JudgedPictures;
}

function summary(
  out: string,
  { images, model: { file } }: Facts,
  { dataset, skipped, notes }: LoadedDataset,
  made: Made,
  { model, strength, judged }: About,
): string[] {
  const { chosen, change, heldOut, seconds } = made;
  const counts = images.classes.map(({ name, n }) => `${name} ${n}`);
  return [
    `read ${images.total} images of ${dataset.classes.length} classes: ${listed(counts)}`,
    ...aboutData({ skipped, notes }),
    ...networkLines(model, made, relative(process.cwd(), file)),
    `batch norm, ${change ? "strength, " : ""}head and temperature: ${formatDuration(seconds.head)}`,
    ...(change ? [strengthLine(change, strength)] : []),
    headLine(chosen),
    estimateLine(heldOut!),
    ...weaknessLines(judged, dataset.classes),
    `report: ${join(out, REPORT)}`,
    `classifier: ${out} (weights.safetensors, classifier.onnx, classifier.json)`,
    `try it: pudnet classify ${shellWord(out)} IMAGE...`,
  ];
}

/** Where the weights come from. */
function networkLines({ arch, config }: PudNetModel, { seconds, compileSeconds }: Made, file: string): string[] {
  const network = `${arch.name} (width ${arch.width}, ${arch.side} x ${arch.side} px)`;
  const compiling = `compiling took ${formatDuration(compileSeconds)}`;
  if (!predictsKernels(config))
    return [`network: ${network} of ${file}, its weights the same for all pictures (${compiling})`];
  const first = `${compiling}, the first pass ${formatDuration(seconds.firstPass)}`;
  return [
    `predicted ${network} with ${file}`,
    `forward pass: ${formatDuration(seconds.forwardPass)} for all weights (${first})`,
  ];
}

function estimateLine({ accuracy, interval: [low, high], n }: HeldOutEstimate): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  return (
    `held-out accuracy: ${percent(accuracy)} % (95 % interval ${percent(low)} to ${percent(high)} %; ` +
    `${n} images held back, classifier from the others)`
  );
}
