import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ImageDataset } from "pudnet/datasets";
import { key, uniform, UserError } from "pudnet/engine";
import { BUDGETS } from "../../recipes/budgets.ts";
import { CLASSIFICATION, CLOSED_FORM, EPOCH, PREDICTION } from "./blocks.ts";
import { type SpeedRow, speedPage, summarise } from "./page.ts";
import { measureSpeed, readSpeed, speed, type SpeedPlan } from "./speed.ts";
import { Store } from "../../store/store.ts";

let out: string;
let printed: string[];
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-speed-"));
  printed = [];
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** Three classes of 30 pictures of 8 px. */
class TinyStore extends Store {
  override async dataset(name: string): Promise<ImageDataset> {
    if (name !== "tiny") throw new UserError(`the dataset ${name} is not there`);
    const labels = Uint16Array.from({ length: 90 }, (_, i) => i % 3);
    const images = Uint8Array.from(uniform(key(1), 90 * 192, 0, 256));
    return { name, side: 8, images, labels, classes: ["a", "b", "c"] };
  }
}

const store = (threads = 1) => new TinyStore({ out, root: out, threads, print: (line) => printed.push(line) });

const convnet = { arch: "convnet-3", width: 8, stem: "3x3" } as const;
const resnet = { arch: "resnet-18", width: 8, stem: "7x7+pool" } as const;
const shape = { ways: 2, shots: 3, generation: 20, test: 5, groups: 1, seed: 0 };
const plan: SpeedPlan = {
  protocol: { dataset: "tiny", side: 8, classes: "all", ...shape },
  epochs: 2,
  repeats: 3,
  targets: [{ target: convnet, blocks: 2 }],
};

test("blocks hold every measurement; a rerun keeps them, another machine measures its own", async () => {
  await measureSpeed(store(), plan);
  const rows = await readSpeed(store());
  const ofBlock = (block: number, what: string) => rows.filter((row) => row.block === block && row.what === what);
  for (const block of [0, 1]) {
    expect(ofBlock(block, PREDICTION)).toHaveLength(3);
    expect(ofBlock(block, CLASSIFICATION)).toHaveLength(3);
    expect(ofBlock(block, CLOSED_FORM)).toHaveLength(3);
    expect(ofBlock(block, EPOCH)).toHaveLength(2);
    ofBlock(block, CLASSIFICATION).forEach(({ seconds }, i) =>
      expect(seconds).toBeGreaterThan(ofBlock(block, PREDICTION)[i]!.seconds),
    );
  }
  const order = rows.filter(({ block, what }) => block === 0 && [PREDICTION, EPOCH].includes(what));
  expect(order.map(({ what }) => what)).toEqual([PREDICTION, PREDICTION, EPOCH, EPOCH, PREDICTION]);
  expect(rows.every(({ seconds, load }) => seconds > 0 && load >= 0)).toBe(true);

  await measureSpeed(store(), { ...plan, targets: [{ target: convnet, blocks: 2 }] });
  expect(await readSpeed(store())).toEqual(rows);
  expect(await speed.page(store(), BUDGETS.quick)).toBeUndefined(); // these are no measurements of that budget
  const file = join(out, "speed/seconds.csv");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/"[^"]*cores"/g, '"another machine"'));
  await measureSpeed(store(), { ...plan, targets: [{ target: convnet, blocks: 1 }] });
  const others = rows.map((row) => ({ ...row, machine: "another machine" }));
  const both = await readSpeed(store());
  expect(both.slice(0, rows.length)).toEqual(others);
  expect(new Set(both.slice(rows.length).map(({ block }) => block))).toEqual(new Set([0]));
  expect(both.at(-1)!.machine).toBe(rows[0]!.machine);
});

test("blocks of several networks are taken in turns", async () => {
  const targets = [
    { target: convnet, blocks: 2 },
    { target: resnet, blocks: 1 },
  ];
  await measureSpeed(store(), { ...plan, epochs: 1, repeats: 1, targets });
  const rows = await readSpeed(store());
  expect([...new Set(rows.map(({ arch, block }) => `${arch} ${block}`))]).toEqual([
    "convnet-3 0",
    "resnet-18 0",
    "convnet-3 1",
  ]);
});

/** Invented measurements: epochs and predictions of each block. */
function madeUp(arch: string, blocks: readonly { epochs: number[]; predictions: number[] }[]): SpeedRow[] {
  const common = { arch, width: 64, load: 0.5, threads: 2, machine: "A, 2 cores", recipe: "" };
  return blocks.flatMap(({ epochs, predictions }, block) => [
    ...predictions.map((seconds) => ({ ...common, block, what: PREDICTION, seconds })),
    ...predictions.map((seconds) => ({ ...common, block, what: CLASSIFICATION, seconds: 2 * seconds })),
    ...predictions.map((seconds) => ({ ...common, block, what: CLOSED_FORM, seconds: 10 * seconds })),
    ...epochs.map((seconds) => ({ ...common, block, what: EPOCH, seconds })),
  ]);
}
const epochs = (count: number, seconds: number) => Array.from({ length: count }, () => seconds);

test("ratios are taken block by block: median and range", () => {
  const rows = madeUp("convnet-3", [
    { epochs: epochs(30, 1), predictions: [0.1, 0.1, 9] }, // 300
    { epochs: epochs(30, 2), predictions: [0.1, 0.2, 0.15] }, // 400
    { epochs: epochs(30, 5), predictions: [0.3, 0.3, 0.3] }, // 500
  ]);
  const found = summarise(rows);
  expect(found.ratio.median).toBeCloseTo(400, 6);
  expect([found.ratio.low, found.ratio.high].map(Math.round)).toEqual([300, 500]);
  expect(found.training).toEqual({ median: 60, low: 30, high: 150 });
  expect(found.prediction).toEqual({ median: 0.2, low: 0.1, high: 9 });
  const readme = speedPage(rows, "cpu").files["README.md"];
  expect(readme).toContain("**400 × (300 × to 500 ×)** | 200 × (150 × to 250 ×) | 40 × (30 × to 50 ×) |");
  expect(readme).toContain("946 × (Table VII: 28.37 s / 0.03 s");
  expect(readme).toContain("the aim of 300 × is reached");
  expect(readme).not.toContain("scaled");
});

test("fewer epochs are scaled to 30, and the page says so", () => {
  const rows = madeUp("resnet-18", [{ epochs: [4], predictions: [0.5] }]);
  expect(summarise(rows)).toMatchObject({ epochs: 1, training: { median: 120 }, ratio: { median: 240 } });
  const { headline, files } = speedPage(rows, "quick");
  expect(headline).toContain("scaled up from 1 of 30 epochs; the aim of 300 × is not reached");
  expect(files["README.md"]).toContain("243 × (Table I: 118.87 s / 0.49 s");
  expect(files["README.md"]).toContain("--budget quick");
});

test("without the data set there is a line, and no page", async () => {
  await speed.run(store(), BUDGETS.quick);
  expect(printed).toEqual(["speed: the dataset cifar-100 is not there"]);
  expect(await speed.page(store(), BUDGETS.quick)).toBeUndefined();
});
