// Tables I, IV and VII: all methods on unseen classes of the set that they were trained on; and how long training from scratch
// takes to be as accurate. The paper's tables are for ResNet-18; we print ConvNet-3 too, which two cores can train to the end.

import type { ArchName } from "pudnet/engine";
import { type Budget, BUDGETS } from "../recipes/budgets.ts";
import { SHOTS, SOURCES, type SourceName, withinProtocol } from "../recipes/datasets.ts";
import { type PrintedResult, TABLE_1, TABLE_4, TABLE_7 } from "../recipes/printed.ts";
import { adamRows } from "./baselines.ts";
import { rowIdOf, withinColumn } from "./column.ts";
import { METHOD_NOTES, methodRows } from "./methods.ts";
import { pudnetRows } from "./pudnet.ts";
import type { Table } from "./table.ts";

/** "4 ways, 300 + 100 images a class", of a source's groups. */
function groupsText(source: SourceName): string {
  const { ways, generation, test } = SOURCES[source];
  return `${ways} ways, ${generation} + ${test}`;
}

function withinNotes({ scratchEpochs }: Budget): string[] {
  const { seed } = withinProtocol("cifar-100-set", 1);
  const [most, inPaper] = [scratchEpochs.residual.at(-1)!, BUDGETS.full.scratchEpochs.residual.at(-1)!];
  const fewer = most < inPaper ? ` ResNets are trained for at most ${most} epochs there (the paper: ${inPaper}).` : "";
  return [
    "Each test group draws classes that were never trained on, a generation set (weights, labelled images) and a disjoint test " +
      `set: ${groupsText("fashion-set")} images a class (Fashion-set); ${groupsText("cifar-100-set")} (CIFAR-100-set, ` +
      `ImageNet-100-set). Groups are drawn by seed ${seed} and are the same for all methods. ${SHOTS} labelled images a class, unless ` +
      "a row says all.",
    "The paper does not name Fashion-set's classes, nor the sizes of generation and test sets: the split is ours, chosen for easy " +
      "classes, the sizes are inferred from its training times.",
    "Intervals say what other groups of the same test classes would change. They do not cover other classes, which would change levels by " +
      "several points (the paired differences of Tables I and VII say how much of a difference they would change), nor another training.",
    `Rows that train on each test group are judged on fewer of them; the intervals say what that costs.${fewer}`,
    ...METHOD_NOTES,
  ];
}

const TABLE_7_NOTE =
  "The paper does not say which set its Table VII is about; that it is CIFAR-100-set is inferred from its times.";

export function table1(budget: Budget): Table {
  const sources = ["fashion-set", "cifar-100-set", "imagenet-100-set"] as const;
  return {
    id: "table-1",
    title: "Table I: unseen classes of the same set",
    notes: [...withinNotes(budget), `The paper's figures beside ConvNet-3 are those of its Table VII. ${TABLE_7_NOTE}`],
    form: "table",
    cells: (["convnet-3", "resnet-18"] as const)
      .flatMap((arch) =>
        sources.map((source) => ({ ...withinColumn(source, arch, budget), paper: printed(arch, source) })),
      )
      .flatMap(methodRows),
  };
}

/** Table I has ResNet-18; its Table VII has ConvNet-3, on CIFAR-100-set. */
function printed(arch: ArchName, source: SourceName): (row: string) => PrintedResult | undefined {
  if (arch === "resnet-18") return (row) => TABLE_1(row, source);
  return (row) => (source === "cifar-100-set" ? TABLE_7(row, arch) : undefined);
}

export function table4(budget: Budget): Table {
  const { ways, top, side, generation, test } = SOURCES["imagenet-1k-set"];
  const paper = (row: string): PrintedResult | undefined => TABLE_4(row, "imagenet-1k-set");
  return {
    id: "table-4",
    title: `Table IV: ImageNet-1K-set, ${ways} ways, top-${top}`,
    notes: [
      "Needs ImageNet-1K as an image folder (data/imagenet-1k, a folder a class named by WordNet id) and the published split " +
        "of 800 / 200 classes as data/imagenet-800-split.json. Neither is at hand; the code runs in a test on a small stand-in.",
      `At ${side} px the 1.28 million images take 24.6 GB, Node 20 holds 4.3 in one array: leave at most 223 images in a class's folder ` +
        `(${generation + test} are drawn from a test class).`,
    ],
    form: "table",
    cells: methodRows({ ...withinColumn("imagenet-1k-set", "resnet-18", budget), paper }),
  };
}

export function table7(budget: Budget): Table {
  return {
    id: "table-7",
    title: "Table VII: other target networks, CIFAR-100-set",
    notes: [...withinNotes(budget), TABLE_7_NOTE],
    form: "table",
    cells: (["convnet-3", "resnet-34"] as const).flatMap((arch) =>
      methodRows({ ...withinColumn("cifar-100-set", arch, budget), paper: (row) => TABLE_7(row, arch) }),
    ),
  };
}

/** How long training from scratch takes to be as accurate as a prediction. */
export function epochs(budget: Budget): Table {
  const { epochs: counts, groups } = budget.epochCurve;
  const columns = [
    { ...withinColumn("fashion-set", "convnet-3", budget), trainedGroups: groups[0] },
    { ...withinColumn("cifar-100-set", "convnet-3", budget), trainedGroups: groups[0] },
    { ...withinColumn("cifar-100-set", "resnet-18", budget), trainedGroups: groups[1] },
  ];
  const compared: Readonly<Record<string, readonly string[]>> = {
    pudnet: ["adam-1", "adam-2", "adam-3", "adam-5"],
    "pudnet-all": [],
    "pudnet-closed-form": [],
  };
  return {
    id: "epochs",
    title: "Training from scratch up to the accuracy of a prediction",
    notes: [
      "The first groups of Tables I and VII; each training is judged after several epochs, at a constant rate. PudNet's figures are over " +
        "all its groups, the comparison below each table over the groups that both were judged on.",
      ...withinNotes(budget),
    ],
    form: "table",
    cells: columns.flatMap((column) => [
      ...adamRows({ ...column, epochs: counts }),
      ...pudnetRows(column).flatMap((cell) => {
        const comparedWith = compared[rowIdOf(cell, column)];
        return comparedWith ? [{ ...cell, comparedWith }] : [];
      }),
    ]),
  };
}
