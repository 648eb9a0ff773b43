// The networks for anyone's pictures on what no training and no choice ever saw, beside what else there is for them.

import { CHOSEN, type Protocol } from "pudnet/evaluation";
import type { Budget } from "../recipes/budgets.ts";
import {
  acrossProtocol,
  type DomainName,
  domainProtocol,
  SHOTS,
  TEST_DOMAINS,
  withinProtocol,
} from "../recipes/datasets.ts";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { GENERAL, isMade, SHIPPED, type ShippedFile } from "../recipes/shipped.ts";
import { baselineRows, fallingRows } from "./baselines.ts";
import type { Cell } from "./cell.ts";
import { ALL, cellOf, CLOSED, type Column, withinColumn } from "./column.ts";
import { randomRows } from "./pudnet.ts";
import type { Table } from "./table.ts";

/** What all others are trained on and normalised by, and their network: those of Tables I and II. */
const [SOURCE, ARCH] = ["cifar-100-set", "convnet-3"] as const;
const { side: SIDE } = SHIPPED[SOURCE];

/** Photographs and textures, as Tables I and II draw them where they have them, and what a class has of labels. */
function photographColumns(budget: Budget): Column[] {
  const within = withinColumn(SOURCE, ARCH, budget);
  const column = (id: string, title: string, protocol: Protocol, trainedGroups = within.trainedGroups): Column => ({
    ...within,
    id,
    title,
    protocol,
    trainedGroups,
  });
  const across = (name: "cifar-10" | "animals-10" | "dtd-10", title: string, changes: Partial<Protocol> = {}): Column =>
    column(name, title, { ...acrossProtocol(SOURCE, name, budget.repeats), ...changes }, budget.trainedRepeats);
  const few = { ...within.protocol, generation: SHOTS };
  return [
    column("cifar-100-set", "CIFAR-100-set, 5 ways, 500 labels a class", within.protocol),
    column("cifar-100-set-10", `CIFAR-100-set, 5 ways, ${SHOTS} labels a class`, few),
    across("cifar-10", "CIFAR-10, 10 ways"),
    across("animals-10", "Animals-10, 10 ways, 80 % of the labels", { generation: 1157, test: 289 }),
    across("dtd-10", "DTD-10, 10 ways, two thirds of the labels"),
    column(
      "imagenet-100-set",
      "ImageNet-100-set, 5 ways, 500 labels a class",
      withinProtocol("imagenet-100-set", budget.groups),
    ),
  ];
}

/** Splits of a domain for each repeat of a whole set: pictures are few, and cost little. */
const SPLITS = 10;

function domainColumns(budget: Budget): Column[] {
  return Object.entries(TEST_DOMAINS).map(([name, { of, hasMore }]) => ({
    ...withinColumn(SOURCE, ARCH, budget),
    id: name,
    title: `${name} (${of}), 10 ways, ${SHOTS} labels a class`,
    protocol: domainProtocol(name as DomainName, hasMore ? budget.groups : SPLITS * budget.repeats, SIDE),
  }));
}

/** A network of a file, with its rows: the closed form, centroids, and what `predict` chooses. */
interface FileNetwork {
  readonly file: ShippedFile;
  readonly method: string;
  readonly closed: string;
  readonly all: string;
  /** Absent: heads alone are judged, as in the table of shipped files. */
  readonly chosen?: string;
}

/** Each is compared with those behind it. */
const NETWORKS: readonly FileNetwork[] = [
  { file: GENERAL.base, method: "base", closed: "base-closed-form", all: "base-all", chosen: "base-chosen" },
  { file: GENERAL.tiny, method: "tiny", closed: "tiny-closed-form", all: "tiny-all", chosen: "tiny-chosen" },
  {
    file: SHIPPED[SOURCE],
    method: "PudNet, shipped file for colour photographs",
    closed: "pudnet-closed-form",
    all: "pudnet-all",
  },
];
/** What has the closed form alone, or no head of ours. */
const ALONE = [
  "pretrained-closed-form",
  "pretrained-strong-closed-form",
  "random-closed-form",
  "pixels-closed-form",
  "adam-falling-30",
];

/** With each head on all labels, batch norm fitted to the group. */
function fileRows(column: Column, { file, method, closed, all, chosen }: FileNetwork, i: number): Cell[] {
  const { sha256, side } = file;
  const network = { method: "file", sha256 } as const;
  const protocol = { ...column.protocol, side };
  const heads: EvaluationRecipe = { kind: "pudnet", network, norm: "generation", protocol };
  const predict: EvaluationRecipe = { kind: "predict", network, protocol };
  const behind = NETWORKS.slice(i + 1);
  const evaluation = chosen === undefined ? heads : predict; // which judges the same heads on the same features, too
  const row = (id: string, head: string, measure: string, comparedWith: readonly string[]): Cell => ({
    ...cellOf(column, { id, method: `${method}, ${head}`, kind: "ours", evaluation, measure, comparedWith }),
    ...(isMade(file) ? {} : { missing: "its file is not made yet" }),
  });
  return [
    row(closed, "closed form on all images", CLOSED, [...behind.map((other) => other.closed), ...ALONE]),
    row(
      all,
      "centroids of all images",
      ALL,
      behind.map((other) => other.all),
    ),
    ...(chosen === undefined ? [] : [row(chosen, "as `predict` chooses", CHOSEN, [closed, ...ALONE])]),
  ];
}

/** Where Tables I and II have a network that is trained once; elsewhere it would have to be trained anew. */
const PRETRAINED: Readonly<Record<string, readonly string[]>> = {
  "cifar-100-set": ["pretrained-closed-form", "pretrained-strong-closed-form"],
  "cifar-10": ["pretrained-closed-form"],
  "dtd-10": ["pretrained-closed-form"],
};
const UNTRAINED = ["random-closed-form", "pixels-closed-form"];

function rowsOf(column: Column): Cell[] {
  const { id: of } = column;
  const wanted = [...(PRETRAINED[of] ?? []), ...UNTRAINED];
  const alone = [...baselineRows(column), ...randomRows(column)];
  return [
    ...NETWORKS.flatMap((network, i) => fileRows(column, network, i)),
    ...alone.filter(({ id }) => wanted.includes(id.slice(of.length + 1))),
    ...fallingRows(column),
  ];
}

export function general(budget: Budget): Table {
  const domains = domainColumns(budget);
  return {
    id: "general",
    title: "Networks for anyone's pictures",
    notes: [
      "`base` and `tiny` come with the package (docs/general.md says what they are trained on); none of this page's domains and no class of the same name was trained on (docs/domains.md lists the kin that were). " +
        "Settings were chosen on other classes and domains, but base is the second network of its kind that is judged here, and that larger squares and a smaller lambda pay was first seen on CIFAR-10, Animals-10 and DTD-10 (docs/LOG.md). Their batch norm, and PudNet's, is fitted to the images with labels. The closed form has lambda 1 in all rows; `predict` " +
        "chooses its lambda, centroids or closed form, and how much of a predicted change is made, by leaving out some of these images.",
      "All else is ConvNet-3 of width 64, normalised by the statistics of CIFAR-100-set, as in Tables I and II, whose results stand here again: PudNet is the file in " +
        "`checkpoints/`, the pretrained network is trained on CIFAR-100-set alone. Random networks have their batch norm fitted, too. Times of base and tiny are those of `predict` whole, its choices included, in each of their rows; PudNet's is of a fixed head.",
      "CIFAR-100-set and ImageNet-100-set (Mini-ImageNet): 5 of 20 test classes, 100 test images a class, as in Table I. CIFAR-10 and DTD-10: all classes, as in Table II " +
        "(2,000 + 800 and 80 + 40 images a class). Animals-10: 1,157 + 289 images a class. The others: 10 classes, 10 labels and 30 test images a class; glyphs-test and " +
        "icons-test are made by `pudnet data make`.",
      "Groups of classes that are all there are differ in their images alone.",
    ],
    form: "table",
    mean: {
      title: "The other domains together",
      columns: domains.map(({ title }) => title),
      against: "pixels-closed-form",
    },
    cells: [...photographColumns(budget), ...domains].flatMap(rowsOf),
  };
}
