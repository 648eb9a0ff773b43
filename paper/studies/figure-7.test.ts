import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import { table6 } from "../tables/ablations.ts";
import { type Budget, BUDGETS } from "../recipes/budgets.ts";
import { figure7 } from "./figure-7.ts";
import { networkName } from "../store/networks.ts";
import { Store } from "../store/store.ts";

const budget = BUDGETS.quick;
let out: string;
let printed: string[];
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-figure-7-"));
  printed = [];
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** All data sets seem to be there, none can be loaded: whoever trains fails. */
class EmptyStore extends Store {
  override hasData(): boolean {
    return true;
  }
}
const store = () => new EmptyStore({ out, root: out, threads: 1, print: (line) => printed.push(line) });

/** The network of a source, as Table VI names it. */
function nameOf(source: string): string {
  const { evaluation } = table6(budget).cells.find(({ id }) => id === `convnet-3/${source}/pudnet`)!;
  if (evaluation.kind !== "pudnet") throw new Error(evaluation.kind);
  return networkName(evaluation.network);
}

function publish(rows: readonly (readonly (string | number)[])[]): void {
  mkdirSync(join(out, "figure-7"), { recursive: true });
  const text = [["source", "network", "step", "metric", "total"], ...rows].map((row) => row.join(",")).join("\n");
  writeFileSync(join(out, "figure-7/curves.csv"), `${text}\n`);
}

const curve = (source: string, steps: readonly number[]) =>
  steps.map((step) => [source, nameOf(source.toLowerCase()), step, 1 / step, 2 / step]);

test("what is not known is trained and its curve kept beside other budgets'; a network that another process has is left to it", async () => {
  writeFashionStandIn(out, { train: 300, test: 140 });
  const four: Budget = { ...budget, effort: () => ({ ...budget.effort("convnet-3", "fashion-set"), ablation: 4 }) };
  publish(curve("CIFAR-100-set", [30, 60]));
  const real = new Store({ out, root: out, threads: 1, print: (line) => printed.push(line) });
  const { evaluation } = table6(four).cells.find(({ id }) => id === "convnet-3/fashion-set/pudnet")!;
  if (evaluation.kind !== "pudnet") throw new Error(evaluation.kind);
  await real.claim(networkName(evaluation.network), () => figure7.run(real, four));
  expect(printed).toEqual([expect.stringMatching(/^figure-7: .*process/)]);
  await figure7.run(real, four);
  const [, , , ...own] = readFileSync(join(out, "figure-7/curves.csv"), "utf8").trim().split("\n");
  expect(own).toEqual([
    expect.stringMatching(/^Fashion-set,pudnet-convnet-3-fashion-mnist-[0-9a-f]+,4,[\d.]+,[\d.]+$/),
  ]);
  expect((await figure7.page(real, four))!.files["figure.svg"]).toContain("Fashion-set");
  expect((await figure7.page(real, budget))!.files["figure.svg"]).not.toContain("Fashion-set");
});

test("published curves are not trained again; those that are not whole are", async () => {
  publish([
    ...curve("Fashion-set", [30, 60]),
    ...curve("CIFAR-100-set", [30, 60]),
    ...curve("ImageNet-100-set", [30, 60]),
  ]);
  await figure7.run(store(), budget);
  expect(printed).toEqual([]);
  publish([...curve("Fashion-set", [30, 60]), ...curve("CIFAR-100-set", [30])]);
  await expect(figure7.run(store(), budget)).rejects.toThrow(/cifar-100 is not there/);
});

test("the page shows the curves that are there, and none of another budget", async () => {
  expect(await figure7.page(store(), budget)).toBeUndefined();
  publish(curve("CIFAR-100-set", [20, 40, 60]));
  const { files, headline } = (await figure7.page(store(), budget))!;
  expect(headline).toContain("figure-7/figure.svg");
  expect(files["figure.svg"]).toContain("CIFAR-100-set");
  expect(files["figure.svg"]).not.toContain("Fashion-set");
  expect(await figure7.page(store(), BUDGETS.cpu)).toBeUndefined();
});
