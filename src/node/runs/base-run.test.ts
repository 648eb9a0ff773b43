// A run that trains a base network on folders: stopped and taken up again, its checkpoint a model that predicts itself; and what is refused.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Colour, writePictures } from "../../../test/pictures.ts";
import { UserError } from "../../errors.ts";
import { loadCheckpoint } from "../checkpoints/checkpoint.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import type { BaseConfig } from "../../train/config-schema.ts";
import { parseBaseConfig, parseTrainConfig } from "../../train/config.ts";
import { type HostTensor, leaves, type Tree } from "../../tensor/tree.ts";
import { startTraining } from "./meta-training.ts";
import { resumeBaseTraining, startBaseTraining } from "./base-run.ts";
import { isSupervisedRun, readTrainConfig } from "./train-config.ts";

const LIMIT = 300_000;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-base-"));
  vi.stubEnv("PUDNET_CACHE", join(root, "cache"));
  const classes = (...names: string[]): Record<string, Colour> =>
    Object.fromEntries(names.map((name, i) => [name, [50 * i, 200 - 40 * i, 90]]));
  await writePictures(join(root, "dishes-3"), classes("soup", "rice", "pie"), 8);
  await writePictures(join(root, "signs-2"), classes("stop", "go"), 8);
  await writePictures(join(root, "letters-2"), classes("a", "b"), 7);
}, LIMIT);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const plain = (more: object = {}) => ({
  method: "supervised",
  name: "tiny",
  data: {
    sources: [{ dataset: "dishes-3" }, { dataset: "signs-2" }, { dataset: "letters-2", role: "validation" }],
    root,
    side: 8,
  },
  target: { width: 4 },
  steps: 40,
  batch: 6,
  optimizer: { warmUp: 2, learningRate: 0.01 },
  variation: { turned: ["signs-2"], mirrored: ["dishes-3"] },
  averaging: 0.5,
  validation: { every: 20, groups: 2, ways: 2, generation: 4, test: 2 },
  logEvery: 5,
  threads: 1,
  ...more,
});

const outcome = async (path: string) => ({
  metrics: await readFile(join(path, "metrics.csv"), "utf8"),
  last: await loadCheckpoint(join(path, "checkpoints/last.safetensors")),
  best: await loadCheckpoint(join(path, "checkpoints/best.safetensors")),
});

it("a run that is stopped ends as one that was not, with a static model", { timeout: LIMIT }, async () => {
  const config = parseBaseConfig(plain(), "test");
  const straight = await startBaseTraining(config, join(root, "runs"));
  const whole = await outcome(straight.path);
  const [head, ...rows] = whole.metrics.trimEnd().split("\n");
  expect(head).toBe("step,loss,accuracy,validation accuracy,validation ci95");
  expect(rows.length).toBe(8);
  expect(rows.filter((row) => Number(row.split(",")[3]) > 0).length).toBe(2);

  const stop = new AbortController();
  const onEvent = ({ step }: { step: number }): void => (step >= 25 ? stop.abort() : undefined);
  const stopped = await startBaseTraining(config, join(root, "runs"), { signal: stop.signal, onEvent });
  expect(stopped.isComplete).toBe(false);
  expect(await isSupervisedRun(stopped.path)).toBe(true);
  const end = await resumeBaseTraining(stopped.path);
  expect(end.isComplete).toBe(true);
  expect(await outcome(end.path)).toEqual(whole);

  const model = await loadPudNet(join(straight.path, "checkpoints/best.safetensors"));
  expect(model.config.predict).toBe("none");
  expect(model.trainClasses).toEqual([
    ...["pie", "rice", "soup"].map((name) => `dishes-3/${name}`),
    ...["", " turned 90°", " turned 180°", " turned 270°"].flatMap((turn) =>
      ["go", "stop"].map((name) => `signs-2/${name}${turn}`),
    ),
  ]);
});

it("a hypernetwork starts from it, and from nothing that does not fit", { timeout: LIMIT }, async () => {
  const { path } = await startBaseTraining(parseBaseConfig(plain({ name: "started" }), "test"), join(root, "runs"));
  const start = join(path, "checkpoints/best.safetensors");
  const { params: base, normalization } = await loadPudNet(start);
  const { data, target } = plain();
  const config = (more: object) =>
    parseTrainConfig(
      {
        name: "change",
        data,
        target,
        start,
        pudnet: { predict: "change", hiddenSize: 4, generatorWidth: 1 },
        group: { ways: 2, shots: 2, queries: 2, extra: 0 },
        steps: 5,
        optimizer: { learningRate: 1e-9 },
        validation: { every: 5, groups: 1, generation: 4, test: 2 },
        logEvery: 5,
        threads: 1,
        ...more,
      },
      "test",
    );
  const run = await startTraining(config({}), join(root, "runs"));
  const model = await loadPudNet(join(run.path, "checkpoints/best.safetensors"));
  expect(model.normalization).toEqual(normalization);
  const numbers = (tree: object) =>
    leaves<HostTensor>(tree as Tree<HostTensor>).flatMap(([, { data: of }]) => Array.from(of, Number));
  const [before, after] = [base, model.params].map(({ learned, norms }) => numbers({ learned, norms }));
  after!.forEach((value, i) => expect(value).toBeCloseTo(before![i]!, 6));
  const refusal = (more: object) =>
    startTraining(config(more), join(root, "none")).catch((error: Error) => error.message);
  expect(await refusal({ target: { width: 8 } })).toMatch(
    /is of convnet-3 of width 4 with stem 3x3 at 8 px, but trained is .* width 8/,
  );
  expect(await refusal({ pudnet: { predict: "all" } })).toMatch(/predict "all" learns no kernel as it is/);
  expect(await refusal({ start: run.path })).toMatch(/is a folder/);
});

it("other pictures than it was begun with are refused", { timeout: LIMIT }, async () => {
  const stop = new AbortController();
  const onEvent = (): void => stop.abort();
  const config = parseBaseConfig(plain({ name: "changed" }), "test");
  const { path } = await startBaseTraining(config, join(root, "runs"), { signal: stop.signal, onEvent });
  const picture = join(root, "dishes-3", "rice", "0.png");
  const before = await readFile(picture);
  await writeFile(picture, await readFile(join(root, "dishes-3", "pie", "1.png")));
  await expect(resumeBaseTraining(path)).rejects.toThrow(/dishes-3/);
  await writeFile(picture, before);
  expect((await resumeBaseTraining(path)).isComplete).toBe(true);
});

it.each([
  [{ variation: { mirrored: ["dishes"] } }, /variation\.mirrored has "dishes"/, /did you mean "dishes-3"/],
  [{ variation: { turned: ["letters-2"] } }, /"letters-2", which is no training source/, /dishes-3, signs-2/],
  [{ steps: 7 }, /validation\.every \(20\) is more than steps \(7\)/, /at most 7/],
  [{ epochs: 3 }, /not a config of a training/, /configs/],
  [{ stepz: 3 }, /not a config of a training/, /did you mean "steps"/],
  [{ method: "unsupervised" }, /not a config of a training/, /configs/],
])("%j is refused", async (more, message, hint) => {
  const file = join(root, "config.yaml");
  await writeFile(file, JSON.stringify(plain(more)));
  const error = await readTrainConfig(file).catch((found: unknown) => found);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).hint).toMatch(hint);
});

it("defaults are filled in, and read again as they are", () => {
  const { device: _, ...config }: BaseConfig = parseBaseConfig(plain(), "test");
  expect(parseBaseConfig(config, "again")).toEqual(parseBaseConfig(plain(), "test"));
});
