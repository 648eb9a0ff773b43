// pudnet quickstart: networks for pictures of classes that they have never seen, without training, beside training.

import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { secondsSince } from "../clock.ts";
import { gatherImages, type ImageDataset, positionsByClass } from "../data/dataset.ts";
import { sampleTestGroup } from "../data/groups.ts";
import { UserError } from "../errors.ts";
import type { HeadChoice } from "../heads/head-choices.ts";
import { type ComparisonFiles, prepareFolder, writeComparison } from "../node/classifier/comparison-report.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { readImageFolder } from "../node/datasets/image-folder.ts";
import { fileHash } from "../node/files/file-hash.ts";
import { PACKAGE_ROOT } from "../node/package-root.ts";
import { chooseModel, type ShippedName } from "../node/checkpoints/shipped.ts";
import { type ComparisonData, compareMethods } from "../classifier/comparison.ts";
import type { PudNetModel } from "../predict/model.ts";
import { fold, key } from "../tensor/random.ts";
import { headOption, modelOption, oneOf, requireOutside, threadsOption, wholeNumber } from "./options.ts";
import { print } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import {
  introduction,
  knownLines,
  lead,
  onEpoch,
  onMethod,
  resultTable,
  shown,
  title,
  trainedOn,
  whereTo,
} from "./quickstart-text.ts";
import { aboutData } from "./skipped.ts";

/** Samples that come with the package, each with the network of the package that it shows. */
const EXAMPLES: readonly { readonly name: string; readonly sample: string; readonly model: ShippedName }[] = [
  { name: "clothes", sample: "fashion-unseen", model: "clothes" },
  { name: "icons", sample: "icons-unseen", model: "base" },
];
/** So many pictures a class are held out, and at most so many learnt from and held out. */
const HELD_OUT_SHARE = 0.4;
const MOST = { generation: 150, heldOut: 100 } as const;
const NORMS = ["generation", "running"] as const;

export function quickstartCommand() {
  return new Command("quickstart")
    .option("--data <folder>", "pictures, a folder a class (default: two samples, clothes and icons)")
    .addOption(modelOption("clothes for the sample of clothes, else base"))
    .option("--out <dir>", "where classifiers and reports are written", "quickstart-results")
    .option(
      "--norm <mode>",
      "batch norm: generation (fitted to the pictures) or running (as in the paper)",
      oneOf(NORMS),
      "generation",
    )
    .addOption(headOption())
    .option("--epochs <n>", "of the training from scratch", wholeNumber(1), 30)
    .option("--seed <n>", "decides which pictures are held out, and the random weights", wholeNumber(0), 0)
    .addOption(threadsOption())
    .addHelpText(
      "after",
      "\nExamples:\n  pudnet quickstart\n  pudnet quickstart --seed 1 --epochs 50 --out out/again\n  pudnet quickstart --data pets",
    )
    .action(async ({ data, model, out, ...options }) => {
      const examples =
        data === undefined
          ? EXAMPLES.map(({ name, sample, ...shipped }) => ({
              data: join(PACKAGE_ROOT, "samples", sample),
              model: model ?? shipped.model,
              out: join(out, name),
            }))
          : [{ data, model, out }];
      for (const example of examples) requireOutside(example.data, example.out);
      for (const [i, example] of examples.entries()) {
        if (i > 0) print("");
        await quickstart({ ...example, ...options });
      }
    });
}

interface QuickstartOptions {
  readonly data: string;
  readonly out: string;
  readonly model?: string | undefined;
  readonly norm: (typeof NORMS)[number];
  readonly head?: HeadChoice | undefined;
  readonly epochs: number;
  readonly seed: number;
  readonly threads?: number | undefined;
}

/** Compares on one folder of pictures; leaves nothing where that comes to nothing. */
async function quickstart({ out, ...options }: QuickstartOptions): Promise<void> {
  const { files, unprepare } = await prepareFolder(out);
  try {
    await compareOn(options, files);
  } catch (error) {
    await unprepare();
    throw error;
  }
}

async function compareOn(
  { data: folder, model: checkpoint, norm, head = "auto", epochs, seed, threads }: Omit<QuickstartOptions, "out">,
  files: ComparisonFiles,
): Promise<void> {
  const start = performance.now();
  const { file, model } = await chooseModel({ model: checkpoint });
  const loaded = await readImageFolder(folder, { side: model.arch.side, onProgress: decodingProgress() });
  const { dataset, ranges, hashes = [] } = loaded;
  const known = knownClasses(dataset, model);
  print(...aboutData(loaded)); // beforehand: what was left out may be what is missing
  const { data, positions, perClass } = split(dataset, seed);
  print(...introduction(shown(folder), dataset, model, perClass), ...knownLines(known), "");
  const comparison = await compareMethods(model, data, { seed, norm, head, epochs, onMethod, onEpoch, threads });
  print("", ...resultTable(comparison, model), "");
  const facts = [
    [
      "Pictures",
      `${shown(folder)}: ${perClass.generation} a class to learn from, ${perClass.heldOut} a class held out`,
    ],
    ["Seed", String(seed)],
    ["Batch norm", norm === "running" ? "running statistics of training" : "fitted to the pictures"],
    ["Head", head],
    ["Checkpoint", `${shown(file)}, SHA-256 ${(await fileHash(file)).slice(0, 12)}`],
    ["Trained on", trainedOn(model)],
  ] as const;
  const page = { title: title(model), lead: lead(dataset, model), facts };
  const learnt = positions.generation.map((position) => hashes[position]!);
  const kept = pictureFacts({ ...(ranges ? { ranges } : {}), hashes: learnt });
  await writeComparison(files, { comparison, dataset, pictureFacts: kept, positions: positions.heldOut, ...page });
  print(...whereTo(files, secondsSince(start)));
}

/**
 * Classes of these pictures that a network was trained on, by their names; those of many domains are "domain/class".
 * @throws UserError where a hypernetwork of one domain knows a class: nothing would be unseen
 */
function knownClasses({ classes }: ImageDataset, { trainClasses }: PudNetModel): string[] {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const known = new Set(trainClasses.map((name) => plain(name.slice(name.lastIndexOf("/") + 1))));
  const seen = classes.filter((name) => known.has(plain(name)));
  const isOfDomains = trainClasses.every((name) => name.includes("/"));
  if (seen.length === 0 || isOfDomains) return seen;
  throw new UserError(`the class "${seen[0]}" was used to train this PudNet: nothing would be unseen`, {
    hint: "give pictures of other classes with --data, or another PudNet with --model",
    exitCode: 2,
  });
}

/** In the dataset. */
type Positions = Readonly<Record<"generation" | "heldOut", readonly number[]>>;

export type PerClass = Readonly<Record<"generation" | "heldOut", number>>;

/** Disjoint pictures to learn from and to judge on, the same number of each class, drawn by the seed. */
function split(
  dataset: ImageDataset,
  seed: number,
): { data: ComparisonData; positions: Positions; perClass: PerClass } {
  const ofClasses = positionsByClass(dataset);
  const fewest = Math.min(...ofClasses.map(({ length }) => length));
  const heldOut = Math.min(MOST.heldOut, Math.max(1, Math.floor(HELD_OUT_SHARE * fewest)));
  const perClass = { generation: Math.min(MOST.generation, Math.max(1, fewest - heldOut)), heldOut };
  const shape = { ways: dataset.classes.length, generation: perClass.generation, test: heldOut };
  const source = fold(key(seed), "quickstart");
  const all = dataset.classes.map((_, c) => c);
  const pair = sampleTestGroup(ofClasses, all, shape, source, { names: dataset.classes });
  const part = (positions: Int32Array) => ({
    images: gatherImages(dataset, positions),
    labels: Array.from(positions, (position) => dataset.labels[position]!),
  });
  const data = { generation: part(pair.generation), heldOut: part(pair.test), classes: dataset.classes };
  const positions = { generation: Array.from(pair.generation), heldOut: Array.from(pair.test) };
  return { data, positions, perClass };
}
