// Tables I to V and VII: all methods within a set, from one set to another, and with other target networks. Each table of the
// paper is for ResNet-18; we print it for ConvNet-3 too, which two cores can train to the end.

import type { ArchName } from "pudnet/engine";
import { type Budget, sizeOf } from "../recipes/budgets.ts";
import type { Cell } from "./cell.ts";
import type { Table } from "./table.ts";
import {
  acrossProtocol,
  SOURCES,
  type SourceName,
  TRANSFER_SETS,
  type TransferName,
  withinProtocol,
} from "../recipes/datasets.ts";
import { adamRows } from "./baselines.ts";
import { archTitle } from "../recipes/networks.ts";
import { methodCells, methodRows } from "./method-rows.ts";
import { pudnetRows } from "./pudnet.ts";
import { type MethodRow, type Place, pudnetAcross, pudnetWithin } from "./row.ts";
import { type PrintedResult, TABLE_1, TABLE_2, TABLE_3, TABLE_4, TABLE_5, TABLE_7 } from "../recipes/printed.ts";

type Paper = (row: string, column: string) => PrintedResult | undefined;

/** Unseen classes of the source itself. */
export function withinPlace(source: SourceName, arch: ArchName, budget: Budget): Place {
  return {
    source,
    arch,
    budget,
    protocol: withinProtocol(source, budget.groups),
    trainedGroups: budget.trainedGroups[sizeOf(arch)],
    epochs: budget.scratchEpochs[sizeOf(arch)],
    ...pudnetWithin(budget, arch, source),
  };
}

export function withinColumn(source: SourceName, arch: ArchName) {
  const { title, missing } = SOURCES[source];
  return { id: `${arch}/${source}`, title: `${title}, ${archTitle(arch)}`, missing };
}

/** All methods within a set. */
function withinCells(
  source: SourceName,
  arch: ArchName,
  budget: Budget,
  paper: (row: string) => PrintedResult | undefined,
) {
  const place = withinPlace(source, arch, budget);
  return methodCells(withinColumn(source, arch), place, methodRows(place), paper);
}

/** All methods from a source to all classes of another set. */
function acrossCells(source: SourceName, name: TransferName, arch: ArchName, budget: Budget, paper: Paper): Cell[] {
  const { title, missing } = TRANSFER_SETS[name];
  const place = {
    source,
    arch,
    budget,
    protocol: acrossProtocol(source, name, budget.repeats),
    trainedGroups: budget.trainedRepeats,
    epochs: budget.scratchEpochsAcross,
    ...pudnetAcross(budget, arch, source),
  };
  const asWithin = { ...place, ...pudnetWithin(budget, arch, source) };
  const why = missing ?? SOURCES[source].missing;
  const column = {
    id: `${arch}/${name}`,
    title: `${SOURCES[source].title} to ${title}, ${archTitle(arch)}`,
    missing: why,
  };
  const rows = [...methodRows(place), ...ofTable1(pudnetRows(asWithin))];
  return methodCells(column, place, rows, (row) => (arch === "resnet-18" ? paper(row, name) : undefined));
}

/** Rows of Table I's networks, trained for unseen classes of the source itself, and what they are compared with. */
const OF_TABLE_1: Readonly<Record<string, readonly string[]>> = {
  pudnet: ["static-of-table-1", "pudnet-swapped-of-table-1", "pretrained"],
  "pudnet-all": ["pretrained-all"],
  "pudnet-closed-form": ["static-closed-form-of-table-1", "pretrained-closed-form"],
  static: [],
  "static-closed-form": [],
  "pudnet-swapped": [],
};

function ofTable1(rows: readonly MethodRow[]): MethodRow[] {
  return Object.entries(OF_TABLE_1).flatMap(([id, comparedWith]) =>
    rows
      .filter((row) => row.id === id)
      .map((row) => ({
        ...row,
        id: `${id}-of-table-1`,
        kind: "ours",
        method: `${row.method} (Table I's network)`,
        comparedWith,
      })),
  );
}

const BOTH: readonly ArchName[] = ["convnet-3", "resnet-18"];
const WITHIN: readonly SourceName[] = ["fashion-set", "cifar-100-set", "imagenet-100-set"];
const ACROSS: readonly TransferName[] = ["animals-10", "cifar-10", "dtd", "dtd-10"];

/** True of every comparison of methods. */
const METHOD_NOTES = [
  'Rows under "methods of the paper" have its method and its evaluation (10 labels a class), not its budget: it trains PudNet on ' +
    "2,000 groups of Fashion-set, 100,000 of CIFAR-100-set and 50,000 of ImageNet-100-set, and does not say how its baselines were " +
    "trained. Here the number of groups and tasks differs by method: see the recipes. Every method is judged in its last state.",
  "PudNet, Pretrained, ProtoNet, MatchNet and MUSML are trained by Adam with a rate that falls linearly to zero (the paper keeps " +
    "PudNet's rate, and does not say the baselines'). Training from scratch on a test group, and the second stages of Meta-Baseline " +
    "and Meta-DeepBDC, keep theirs. PudNet alone has a warm-up; it and MUSML clip gradients.",
  "In the paper's protocol Meta-Baseline and Meta-DeepBDC lose accuracy even on training tasks in their second stage, which is " +
    "shorter here than their authors' (16,000 and 60,000 tasks; here see the recipes): their figures are lower bounds.",
  "MUSML is our reading: of its paper only abstract and introduction could be read. Number and size of the subspaces, inner steps, " +
    "rates, annealing, classification by cosine to class means and batch norm from the supports are ours.",
  "Random networks have their batch norm fitted to the generation set.",
  "Seconds in these tables are for orientation: other programs were at work. The study `speed` times one thing at a time.",
];

const WITHIN_NOTES = [
  "Each test group draws classes that were never trained on, a generation set (weights, labelled images) and a disjoint test " +
    "set: 4 ways, 300 + 100 images a class (Fashion-set); 5 ways, 500 + 100 (CIFAR-100-set, ImageNet-100-set). Groups are " +
    "drawn by seed 0 and are the same for all methods. 10 labelled images a class, unless a row says all.",
  "The paper does not name Fashion-set's classes, nor the sizes of generation and test sets: the split is ours, chosen for easy " +
    "classes, the sizes are inferred from its training times.",
  "Intervals say what other groups of the same test classes would change. They do not cover other classes, which would change levels by " +
    "several points (the paired differences of Tables I and VII say how much of a difference they would change), nor another training.",
  "Rows that train on each test group are judged on fewer of them; the intervals say what that costs. ResNets are trained for at " +
    "most 30 epochs there (the paper: 50).",
  ...METHOD_NOTES,
];

const ACROSS_NOTES = [
  "All classes of the other set at once; 10 repeats draw other labelled images (and other images, where there are no published " +
    "parts). Images are resized to the size of the source and normalised by its statistics. CIFAR-10: 2,000 of the 2,500 training " +
    "images a class that are at hand (of 5,000), and 800 of 1,000 test images. DTD-10: 10 of DTD's 47 classes, which makes it " +
    "another, easier task than the paper's.",
  "The interval is the spread over repeats that share most of their images (CIFAR-10: four fifths), so it understates what other " +
    "images would change, and says nothing of other sets.",
  "PudNet and Static-PudNet have beta 0.5 here, as in the paper, and fewer groups than in Table I (see the recipes); rows that say so " +
    "are Table I's networks. The baselines are Table I's.",
  ...METHOD_NOTES,
];

const TABLE_7_NOTE =
  "The paper does not say which set its Table VII is about; that it is CIFAR-100-set is inferred from its times.";

/** Table I. */
function table1(budget: Budget): Table {
  return {
    id: "table-1",
    title: "Table I: unseen classes of the same set",
    notes: [...WITHIN_NOTES, `The paper's figures beside ConvNet-3 are those of its Table VII. ${TABLE_7_NOTE}`],
    form: "table",
    cells: BOTH.flatMap((arch) =>
      WITHIN.flatMap((source) => withinCells(source, arch, budget, (row) => paperWithin(row, arch, source))),
    ),
  };
}

/** Table I has ResNet-18; its Table VII has ConvNet-3, on CIFAR-100-set. */
function paperWithin(row: string, arch: ArchName, source: SourceName): PrintedResult | undefined {
  if (arch === "resnet-18") return TABLE_1(row, source);
  return source === "cifar-100-set" ? TABLE_7(row, arch) : undefined;
}

function acrossTable(id: string, title: string, source: SourceName, paper: Paper): (budget: Budget) => Table {
  return (budget) => ({
    id,
    title,
    notes: ACROSS_NOTES,
    form: "table",
    cells: BOTH.flatMap((arch) => ACROSS.flatMap((target) => acrossCells(source, target, arch, budget, paper))),
  });
}

/** Table IV: training from scratch is counted in epochs here, in steps in the paper. */
function table4(budget: Budget): Table {
  const paper = (row: string): PrintedResult | undefined => TABLE_4(row, "imagenet-1k-set");
  return {
    id: "table-4",
    title: "Table IV: ImageNet-1K-set, 200 ways, top-5",
    notes: [
      "Needs ImageNet-1K as an image folder (data/imagenet-1k, a folder a class named by WordNet id) and the published split " +
        "of 800 / 200 classes as data/imagenet-800-split.json. Neither is at hand; the code runs in a test on a small stand-in.",
      "At 80 px the 1.28 million images take 24.6 GB, Node 20 holds 4.3 in one array: leave at most 223 images in a class's folder " +
        "(150 are drawn from a test class).",
    ],
    form: "table",
    cells: withinCells("imagenet-1k-set", "resnet-18", budget, paper),
  };
}

/** Table VII. */
function table7(budget: Budget): Table {
  const archs: readonly ArchName[] = ["convnet-3", "resnet-34"];
  return {
    id: "table-7",
    title: "Table VII: other target networks, CIFAR-100-set",
    notes: [...WITHIN_NOTES, TABLE_7_NOTE],
    form: "table",
    cells: archs.flatMap((arch) => withinCells("cifar-100-set", arch, budget, (row) => TABLE_7(row, arch))),
  };
}

/** How long training from scratch takes to be as accurate as a prediction. */
function epochs(budget: Budget): Table {
  const { epochs: counts, groups } = budget.epochCurve;
  const columns = [
    ["fashion-set", "convnet-3", groups[0]],
    ["cifar-100-set", "convnet-3", groups[0]],
    ["cifar-100-set", "resnet-18", groups[1]],
  ] as const;
  return {
    id: "epochs",
    title: "Training from scratch up to the accuracy of a prediction",
    notes: [
      "The first groups of Tables I and VII; each training is judged after several epochs, at a constant rate. PudNet's figures are over " +
        "all its groups, the comparison below each table over the groups that both were judged on.",
      ...WITHIN_NOTES,
    ],
    form: "table",
    cells: columns.flatMap(([source, arch, trainedGroups]) => {
      const place = { ...withinPlace(source, arch, budget), trainedGroups, epochs: counts };
      const predicted = ["pudnet", "pudnet-all", "pudnet-closed-form"];
      const rows = pudnetRows(place)
        .filter(({ id }) => predicted.includes(id))
        .map((row) => ({ ...row, comparedWith: row.id === "pudnet" ? ["adam-1", "adam-2", "adam-3", "adam-5"] : [] }));
      return methodCells(withinColumn(source, arch), place, [...adamRows(place), ...rows], () => undefined);
    }),
  };
}

export const MAIN_TABLES: Readonly<Record<string, (budget: Budget) => Table>> = {
  "table-1": table1,
  "table-2": acrossTable("table-2", "Table II: from CIFAR-100-set to other sets", "cifar-100-set", TABLE_2),
  "table-3": acrossTable("table-3", "Table III: from ImageNet-100-set to other sets", "imagenet-100-set", TABLE_3),
  "table-4": table4,
  "table-5": acrossTable("table-5", "Table V: from ImageNet-1K-set to other sets", "imagenet-1k-set", TABLE_5),
  "table-7": table7,
  epochs,
};
