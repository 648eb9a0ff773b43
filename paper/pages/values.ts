// The numbers that prose may name: cells by TABLE/CELL, values of studies by STUDY/NAME, and values/NAME, which are made here.

import { closest, invariant, UserError } from "pudnet/engine";
import { estimate } from "pudnet/evaluation";
import type { Cell } from "../tables/cell.ts";
import type { StudyValue } from "../studies/study.ts";
import { FASHION_SPLITS } from "../tables/fashion-splits.ts";
import type { Table } from "../tables/table.ts";
import { cellCommand, isMeasured, type MeasuredCell } from "./cell-text.ts";
import type { Numbers, Quantity } from "./fill.ts";
import { pairedDifference } from "./paired.ts";

/**
 * Accuracies and differences in %.
 * @param others what studies and benchmarks measured, by name
 * For example: `.measured("table-7/convnet-3/cifar-100-set/pudnet")` is { value: 73.53, ci95: 0.67 }.
 */
export function numbersOf(tables: readonly Table[], others: ReadonlyMap<string, StudyValue>): Numbers {
  const cells = new Map<string, { readonly cell: Cell; readonly table: string }>();
  for (const table of tables)
    for (const cell of table.cells) cells.set(`${table.id}/${cell.id}`, { cell, table: table.id });
  const find = (name: string) => {
    const found = cells.get(name);
    if (found) return found;
    const near = closest(name, [...cells.keys(), ...others.keys(), ...Object.keys(VALUES)]);
    throw new UserError("nothing has this name", near === undefined ? {} : { hint: `did you mean ${near}?` });
  };
  const measured = (name: string): MeasuredCell => {
    const { cell, table } = find(name);
    if (isMeasured(cell)) return cell;
    throw new UserError("it is not measured", { hint: `to measure it: ${cellCommand(table, cell, "cpu")}` });
  };
  const numbers: Numbers = {
    measured(name) {
      const other = others.get(name) ?? VALUES[name]?.(numbers, (of) => find(of).cell);
      if (other) return other;
      const { measured: found, evaluation } = measured(name);
      const { n } = found.accuracy;
      return { ...inPercent(found.accuracy), ...partOf(n, evaluation.protocol.groups) };
    },
    difference(a, b) {
      const [first, second] = [measured(a), measured(b)];
      const test = pairedDifference(second, first);
      if (!test) throw new UserError("the two have fewer than two groups in common");
      const of = Math.min(first.evaluation.protocol.groups, second.evaluation.protocol.groups);
      return { ...inPercent(test), ...partOf(test.n, of) };
    },
    printed(name) {
      const other = others.get(name);
      const paper = other ? other.paper : find(name).cell.paper;
      if (paper === undefined) throw new UserError("the paper has no such number");
      return typeof paper === "number" ? { value: paper } : { value: paper.accuracy, ci95: paper.ci95 };
    },
  };
  return numbers;
}

/** What is made of several cells, or of a recipe. */
const VALUES: Readonly<Record<string, (numbers: Numbers, cellOf: (name: string) => Cell) => Quantity>> = {
  "values/conditioning-over-trainings": overTrainings,
  /** Within this of their mean lies the difference of a single pair of trainings. */
  "values/one-training": (numbers) => {
    const { ci95 } = overTrainings(numbers);
    return { value: ci95! * Math.sqrt(SEEDS.length) };
  },
  "values/conditioning-over-fashion-splits": ({ difference }) =>
    mean(FASHION_SPLITS.map((split) => difference(`fashion-splits/${split}/pudnet`, `fashion-splits/${split}/static`))),
  "values/conditioning-across": ({ difference }) =>
    mean(ACROSS.map(([path, suffix]) => difference(`${path}/pudnet${suffix}`, `${path}/static${suffix}`))),
  "values/right-sketch-across": ({ difference }) =>
    mean(ACROSS.map(([path, suffix]) => difference(`${path}/pudnet${suffix}`, `${path}/pudnet-wrong-sketch${suffix}`))),
  "values/beta-within": (_, cellOf) => beta(cellOf("table-7/convnet-3/cifar-100-set/pudnet")),
  "values/beta-across": (_, cellOf) => beta(cellOf("table-2/convnet-3/cifar-10/pudnet")),
};

const SEEDS = [0, 1, 2, 3];
/** Three networks on three sets: paths, and how the rows of the network end. */
const ACROSS = [
  ["table-2", ""],
  ["table-2", "-of-table-1"],
  ["table-3", "-of-table-1"],
].flatMap(([table, suffix]) =>
  ["animals-10", "cifar-10", "dtd-10"].map((set) => [`${table}/convnet-3/${set}`, suffix] as const),
);

/** PudNet minus Static-PudNet over the trainings of 1,500 groups. */
function overTrainings({ difference }: Numbers): Quantity {
  const path = "trainings/convnet-3/cifar-100-set/1500";
  return mean(SEEDS.map((seed) => difference(`${path}/pudnet-${seed}`, `${path}/static-${seed}`)));
}

function mean(quantities: readonly Quantity[]): Quantity {
  const { mean: value, ci95 } = estimate(quantities.map((one) => one.value));
  return { value, ci95 };
}

function beta({ evaluation, id }: Cell): Quantity {
  const network = evaluation.kind === "pudnet" ? evaluation.network : undefined;
  invariant(network && "config" in network, () => `${id} is no PudNet of ours`);
  return { value: network.config.pudnet.beta };
}

const partOf = (n: number, of: number): Pick<Quantity, "groups"> => (n < of ? { groups: { n, of } } : {});

interface Shares {
  readonly mean: number;
  readonly ci95: number;
  readonly overClasses?: number;
}

function inPercent({ mean: share, ci95, overClasses }: Shares): Quantity {
  return {
    value: 100 * share,
    ci95: 100 * ci95,
    ...(overClasses === undefined ? {} : { overClasses: 100 * overClasses }),
  };
}
