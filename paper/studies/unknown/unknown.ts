// What classifiers of the general networks say of pictures that are none of their classes, and whether their scores mean what they say:
// on classes and kinds of pictures that nothing was trained or chosen on.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { judge } from "pudnet/evaluation";
import {
  BusyError,
  csvText,
  loadPudNet,
  makeFolder,
  PACKAGE_ROOT,
  parseTable,
  readText,
  type TableRow,
  writeFileAtomic,
} from "pudnet/files";
import { Predictor } from "pudnet/methods";
import type { ImageDataset } from "pudnet/datasets";
import { REPRODUCE } from "../../command.ts";
import type { Budget, BudgetName } from "../../recipes/budgets.ts";
import { GENERAL } from "../../recipes/shipped.ts";
import type { Store } from "../../store/store.ts";
import { MissingDataset, presentDataset } from "../present-dataset.ts";
import type { Study } from "../study.ts";
import { type Draw, type GroupResult, KNOWN, measureGroup } from "./measure.ts";
import { ID, TITLE, unknownPage } from "./page.ts";

const GROUPS: Readonly<Record<BudgetName, readonly [unknown: number, calibration: number]>> = {
  quick: [2, 1],
  cpu: [100, 20],
  full: [500, 50],
};

interface Plan extends Draw {
  readonly set: string;
  /** A class split whose test classes are drawn from; absent: all classes. */
  readonly testOf?: string;
  readonly others: readonly string[];
  readonly groups: number;
}

function plansOf({ name }: Budget): Plan[] {
  const [unknown, calibration] = GROUPS[name];
  const ten = { ways: 10, labels: 40, asked: 40, others: [], groups: calibration };
  const others = ["fashion-mnist", "dtd-10"];
  return [
    { set: "cifar-100", testOf: "cifar-100-set", ways: 5, labels: 20, asked: 20, others, groups: unknown },
    ...["cifar-10", "animals-10", "dtd-10"].map((set) => ({ ...ten, set })),
  ];
}

/** `file`: the first digits of the SHA-256 of the network's file, so that a row of another one does not pass for this one's. */
const FILES = {
  groups: { network: "text", file: "text", set: "text", group: "digits", what: "text", value: "number" },
  calibration: { network: "text", file: "text", set: "text", groups: "digits", n: "digits", accuracy: "number", "mean score": "number", error: "number" }, // prettier-ignore
} as const;
type FileName = keyof typeof FILES;
export type GroupRow = TableRow<typeof FILES.groups>;
export type CalibrationRow = TableRow<typeof FILES.calibration>;

export const unknown: Study = {
  title: TITLE,
  async run(store, budget) {
    try {
      await store.claim(ID, () => measure(store, budget));
    } catch (error) {
      if (!(error instanceof MissingDataset || error instanceof BusyError)) throw error;
      store.options.print(`${ID}: ${error.message}`);
    }
  },
  async page(store, budget) {
    const [groups, calibration] = [await known(store, "groups"), await known(store, "calibration")];
    return calibration.length === 0 ? undefined : unknownPage(groups, calibration, budget.name);
  },
};

type NetworkName = keyof typeof GENERAL;
const NETWORKS = Object.keys(GENERAL) as NetworkName[];
const fileOf = (network: NetworkName): string => GENERAL[network].sha256.slice(0, 16);

/** What is not measured yet, network after network and set after set: each is kept as it is done. */
async function measure(store: Store, budget: Budget): Promise<void> {
  for (const network of NETWORKS) {
    const done = new Set((await known(store, "calibration")).filter((row) => row.network === network).map(({ set }) => set)); // prettier-ignore
    const plans = plansOf(budget).filter(({ set }) => !done.has(set));
    if (plans.length === 0) continue;
    const predictor = await Predictor.create(
      await loadPudNet(join(PACKAGE_ROOT, GENERAL[network].file)),
      store.compileOptions,
    );
    try {
      for (const plan of plans) await measureSet(store, predictor, network, plan);
    } finally {
      await predictor.release();
    }
  }
}

async function measureSet(store: Store, predictor: Predictor, network: NetworkName, plan: Plan): Promise<void> {
  const { side } = GENERAL[network];
  const about = { network, file: fileOf(network), set: plan.set };
  const dataset = await presentDataset(store, plan.set, side);
  const classes = plan.testOf ? (await store.split(plan.testOf, dataset)).test : dataset.classes.map((_, i) => i);
  const others: Record<string, ImageDataset> = {};
  for (const name of plan.others) others[name] = await presentDataset(store, name, side);
  const results: GroupResult[] = [];
  for (let group = 0; group < plan.groups; group++) {
    store.options.signal?.throwIfAborted();
    results.push(await measureGroup(predictor, { dataset, classes }, others, plan, group));
    if ((group + 1) % 10 === 0) store.options.print(`${ID}: ${network}, ${plan.set}: ${group + 1} of ${plan.groups}`);
  }
  const values = results.flatMap(({ refused, auroc }, group) =>
    [
      ...Object.entries(refused).map(
        ([name, value]) => [name === KNOWN ? "refused" : `refused ${name}`, value] as const,
      ),
      ...Object.entries(auroc).map(([name, value]) => [`auroc ${name}`, value] as const),
    ].map(([what, value]) => ({ ...about, group: String(group), what, value: rounded(value) })),
  );
  const answers = results.flatMap((one) => one.answers);
  const { n, accuracy, meanScore, calibrationError } = judge(
    answers.map(({ score, right }) => ({ score, predicted: right ? 0 : 1, label: 0 })),
    2,
  );
  await keep(store, "groups", [...(await known(store, "groups")), ...values]);
  await keep(store, "calibration", [
    ...(await known(store, "calibration")),
    {
      ...about,
      groups: String(plan.groups),
      n: String(n),
      accuracy: rounded(accuracy),
      "mean score": rounded(meanScore),
      error: rounded(calibrationError),
    },
  ]);
}

const rounded = (value: number): number => Number(value.toFixed(5));

/** Rows of the files that there are. */
async function known<F extends FileName>(store: Store, name: F): Promise<TableRow<(typeof FILES)[F]>[]> {
  const file = store.path(ID, `${name}.csv`);
  if (!existsSync(file)) return [];
  const hint = `delete the folder, and \`${REPRODUCE} ${ID}\` makes it anew`;
  const rows = parseTable(await readText(file), file, FILES[name], hint);
  const files = new Set(NETWORKS.map((network) => [network, fileOf(network)].join(" ")));
  return rows.filter((row) => files.has([row["network"], row["file"]].join(" ")));
}

async function keep<F extends FileName>(
  store: Store,
  name: F,
  rows: readonly TableRow<(typeof FILES)[F]>[],
): Promise<void> {
  await makeFolder(store.path(ID));
  const header = Object.keys(FILES[name]);
  const cells = rows.map((row) => header.map((column) => (row as Readonly<Record<string, string | number>>)[column]));
  await writeFileAtomic(store.path(ID, `${name}.csv`), csvText([header, ...cells]));
}
