import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LEFT_OUT } from "pudnet/evaluation";
import { makeFolder, PACKAGE_ROOT, writeRecord } from "pudnet/files";
import { BUDGETS } from "../../recipes/budgets.ts";
import { Store } from "../../store/store.ts";
import { map } from "./map.ts";
import { CONTENDER_NAMES, CONTENDERS, METHODS } from "./methods.ts";

let out: string;
let printed: string[];
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-map-"));
  printed = [];
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const store = () => new Store({ out, root: out, print: (line) => printed.push(line) });

interface Made {
  readonly sketch?: string;
  readonly strength?: number | string;
  readonly isTrained?: boolean;
  readonly generation?: number;
  readonly groups?: number;
  readonly sha256?: string;
  /** Of the closed form on labelled images that are left out. */
  readonly error?: number;
}

/** What `pudnet evaluate --out` keeps of one domain; the accuracy goes up and down by 4 points. */
async function evaluate(training: string, domain: string, percent: number, made: Made = {}): Promise<void> {
  const { sketch = "own", strength, isTrained = true, generation = 10, groups = 100, sha256 = training, error } = made;
  const folder = join(out, "store/map", training);
  await makeFolder(folder);
  const values = Array.from({ length: groups }, (_, i) => (percent + (i % 2 === 0 ? 2 : -2)) / 100);
  await writeRecord(join(folder, `${sketch}-${strength ?? "all"}-${domain}-${generation}-${sha256}`), {
    identity: {
      kind: "pudnet",
      network: { method: "file", sha256 },
      ...(strength === undefined ? {} : { strength }),
      protocol: { dataset: domain, classes: isTrained ? { testOf: "drawn-60-20" } : "all", ways: 5, generation, shots: generation, test: 10, seed: 0 }, // prettier-ignore
      domain: { sketch, classes: "test" },
    },
    madeFrom: {},
    sessions: [
      { fromGroup: 0, pudnet: "0", command: "", machine: { cpu: "A", cores: 2, memoryGiB: 1, system: "s" }, versions: {} }, // prettier-ignore
    ],
    groups: values.map((value) => ({
      accuracy: { "centred centroids": value, "closed form": Number((value + 0.01).toFixed(2)) },
      seconds: {},
      ...(error === undefined ? {} : { error: { [LEFT_OUT]: error } }),
    })),
  });
}

async function evaluateAll(): Promise<void> {
  for (const [method, percent] of Object.entries({ a: 60, d: 66, k: 61 })) {
    for (const domain of ["signs", "letters"]) await evaluate(`${method}-8-8-10000-0`, domain, percent);
    await evaluate(`${method}-8-8-10000-0`, "cards", percent - 20, { isTrained: false });
  }
}

test("evaluations become a CSV a cell and seed, and these the page: without evaluations it is the same", async () => {
  expect(await map.page(store(), BUDGETS.cpu)).toBeUndefined();
  await evaluateAll();
  await map.run(store(), BUDGETS.cpu);
  expect(printed).toEqual([]);
  const csv = () => readFileSync(join(out, "map/groups-8-8-10000-0.csv"), "utf8");
  expect(csv().split("\n").slice(0, 2)).toEqual([
    "method,sketch,strength,domain,trained on,labels,group,centred centroids,closed form",
    "a,own,1,cards,no,10,0,0.42,0.43",
  ]);
  expect(csv().trim().split("\n")).toHaveLength(1 + 3 * 3 * 100);
  const page = (await map.page(store(), BUDGETS.cpu))!;
  expect(page.headline).toContain(
    "**gain** 5.0 ± 0.0 points on the best static network, the network with a learned constant",
  );
  const { "README.md": readme = "", "figure.svg": svg } = page.files;
  expect(readme).toMatch(/\| d \| changed by the sketch[^|]* \| 0 \| 66\.0 ± 0\.3 \| 67\.0 ± 0\.3 \| 46\.0 ± 0\.4 \| 47\.0 ± 0\.4 \|/); // prettier-ignore
  expect(readme).toContain(
    "| k | a learned constant in place of the sketch | not run | not run | seed 0 | not run | not run | not run |",
  );
  expect(readme).toMatch(/^\| n \|(.*not run){6} \|$/m);
  expect(readme).toContain("| width 16, 8 domains, seed 1 | all | `WIDTH=16 DOMAINS=8 STEPS=10000 SEED=1` |");
  expect(readme).toMatch(
    /\| width 8, 8 domains, seed 0 \| d, gated; .*; n; e; b; c; s; s, by name; s, oracle; l; l, by name; l, oracle; 20 labels; test domains \|/,
  );
  expect(svg).toContain("width 64, 8 domains: not run");
  expect(svg).toContain("cards (new)");
  rmSync(join(out, "store"), { recursive: true });
  await map.run(store(), BUDGETS.cpu);
  expect(await map.page(store(), BUDGETS.cpu)).toEqual(page);
});

test("new evaluations are added, those of the same replaced", async () => {
  await evaluateAll();
  await map.run(store(), BUDGETS.cpu);
  rmSync(join(out, "store"), { recursive: true });
  await evaluate("k-8-8-10000-0", "signs", 63);
  await evaluate("d-8-8-10000-0", "signs", 65, { strength: "auto" });
  await evaluate("a-8-8-10000-1", "signs", 65);
  await map.run(store(), BUDGETS.cpu);
  const { "README.md": readme = "" } = (await map.page(store(), BUDGETS.cpu))!.files;
  expect(readme).toMatch(/\| k \| a learned constant[^|]* \| 0 \| 62\.0 ± /); // of 63 and 61
  expect(readme).toMatch(/\| d, gated \|[^|]* \| 0 \| 65\.0 ± 0\.4 \| 66\.0 ± 0\.4 \| {2}\|/);
  expect(readme).toMatch(/^\| a \| static, cross entropy \|.* seed 0, 1 \|/m);
});

test("of specialists the one with the least left-out error is chosen, and beside it the oracle's and that of the domain", async () => {
  await evaluate("d-8-2-10000-0", "signs", 66);
  await evaluate("s-signs-8-2-10000-0", "signs", 60, { error: 0.4 });
  await evaluate("s-signs-8-2-10000-0", "cards", 40, { error: 0.7, isTrained: false });
  await map.run(store(), BUDGETS.cpu);
  expect(printed).toEqual(["map: 1 of 2 specialists s of width 8, 2 domains, seed 0, are judged: none is chosen yet"]);
  const chosen = (domain: string) => {
    const rows = readFileSync(join(out, "map/groups-8-2-10000-0.csv"), "utf8").split("\n");
    return rows.filter((row) => row.startsWith("s,") && row.includes(`,${domain},`) && row.includes(",10,0,"));
  };
  expect(chosen("signs")).toEqual([]);
  await evaluate("s-gtsrb-43-8-2-10000-0", "signs", 70, { error: 0.5 });
  await evaluate("s-gtsrb-43-8-2-10000-0", "cards", 30, { error: 0.6, isTrained: false });
  await map.run(store(), BUDGETS.cpu);
  expect(chosen("signs")).toEqual([
    "s,left-out,1,signs,yes,10,0,0.62,0.63",
    "s,name,1,signs,yes,10,0,0.62,0.63",
    "s,oracle,1,signs,yes,10,0,0.72,0.73",
  ]);
  expect(chosen("cards")).toEqual(["s,left-out,1,cards,no,10,0,0.32,0.33", "s,oracle,1,cards,no,10,0,0.42,0.43"]);
});

test("what is judged otherwise, or by two networks, is no row of the map", async () => {
  await evaluateAll();
  await evaluate("d-8-8-10000-0", "signs", 90, { generation: 30 });
  await evaluate("d-8-8-10000-0", "signs", 90, { strength: 0.5 });
  await evaluate("d-8-8-10000-0", "fish", 90, { groups: 40 });
  await evaluate("x-8-8-10000-0", "signs", 90);
  await map.run(store(), BUDGETS.cpu);
  expect(printed.toSorted()).toEqual([
    expect.stringContaining("own-0.5-signs-10-d-8-8-10000-0.csv is left out: judged at strength 0.5"),
    expect.stringContaining("own-all-fish-10-d-8-8-10000-0.csv is left out: 40 of 100 groups are judged"),
    expect.stringContaining("own-all-signs-30-d-8-8-10000-0.csv is left out: judged by 30 labels a class"),
    expect.stringContaining("x-8-8-10000-0 is left out"),
  ]);
  expect(readFileSync(join(out, "map/groups-8-8-10000-0.csv"), "utf8")).not.toMatch(/,0\.92|fish/);
  await evaluate("d-8-8-10000-0", "signs", 66, { sha256: "another" });
  await expect(map.run(store(), BUDGETS.cpu)).rejects.toThrow(/2 networks/);
});

test("more labels, test domains and other lengths have their own tables, rows and cells", async () => {
  await evaluateAll();
  for (const [method, percent] of Object.entries({ a: 70, d: 73 })) {
    await evaluate(`${method}-8-8-10000-0`, "signs", percent, { generation: 20, groups: 30 });
    await evaluate(`${method}-8-8-10000-0`, "seedlings-12", percent - 30, { isTrained: false });
    await evaluate(`${method}-8-8-20000-0`, "signs", percent);
  }
  await map.run(store(), BUDGETS.cpu);
  expect(printed).toEqual([]);
  const { "README.md": readme = "", "figure.svg": svg } = (await map.page(store(), BUDGETS.cpu))!.files;
  const [ten, twenty] = [10, 20].map((labels) => readme.split(`### Accuracy in %, ${labels} labels a class`)[1]!.split("###")[0]!); // prettier-ignore
  expect(ten).toMatch(/^\| d \|[^|]*\| 0 \| 66\.0 .* 43\.0 ± 0\.4 \| 44\.0 ± 0\.4 \|$/m);
  expect(twenty).toMatch(/^\| d \|[^|]*\| 0 \| 73\.0 ± 0\.8 /m);
  expect(readme).toContain("| d − a | novel classes, 1 domain, 20 labels | 0 | +3.0 ");
  expect(readme).toContain("| d − a | test domains, 1 domain | 0 | +3.0 ");
  expect(readme).toContain("## Width 8, 8 domains, twice as long");
  expect(svg).toContain("Test domains, which nothing was trained on or chosen by");
});

test("kinds of a cell of fewer are set beside themselves in the cells of more, each against the static network that is best on them", async () => {
  await evaluateAll();
  await map.run(store(), BUDGETS.cpu);
  const readme = async (): Promise<string> => (await map.page(store(), BUDGETS.cpu))!.files["README.md"] as string;
  expect(await readme()).not.toContain("The same kinds"); // one cell alone
  for (const [method, percent] of Object.entries({ a: 62, d: 61, k: 50 })) {
    await evaluate(`${method}-8-1-10000-0`, "signs", percent);
    await evaluate(`${method}-8-1-10000-0`, "cards", percent, { isTrained: false });
  }
  await map.run(store(), BUDGETS.cpu);
  const rows = (await readme()).split("\n").filter((row) => row.startsWith("| signs | width 8"));
  expect(rows).toEqual([
    "| signs | width 8, one domain | 0 | -1.0 ± 0.0 / – / – on a | -1.0 ± 0.0 / – / – on a |",
    "| signs | width 8, 8 domains | 0 | +5.0 ± 0.0 / – / – on k | +5.0 ± 0.0 / – / – on k |",
  ]);
});

test("a damaged CSV is told with its place", async () => {
  await evaluateAll();
  await map.run(store(), BUDGETS.cpu);
  const file = join(out, "map/groups-8-8-10000-0.csv");
  writeFileSync(file, readFileSync(file, "utf8").replace("0.42", "x"));
  await expect(map.page(store(), BUDGETS.cpu)).rejects.toThrow(
    /groups-8-8-10000-0\.csv.*row 1: "centred centroids" is "x"/s,
  );
});

test("methods are trained as the README of configs/map says, and the page's commands name what there is", async () => {
  const readme = readFileSync(join(PACKAGE_ROOT, "configs/map/README.md"), "utf8");
  for (const [method, { config, settings, fromBase }] of Object.entries(METHODS)) {
    const row = readme.split("\n").find((line) => line.startsWith(`| ${method}: `))!;
    expect(row).toContain(`\`${config}-8.yaml\``);
    const said = Array.from(row.matchAll(/--set ([^\s"]+?)(?=[ `])/g), ([, setting]) => setting);
    expect(said).toEqual([...settings, ...(fromBase ? ["start=BASE"] : [])]);
  }
  expect(CONTENDER_NAMES.every((name) => CONTENDERS[name].method in METHODS)).toBe(true);
});
