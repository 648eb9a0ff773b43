// A run that trains a base network on folders: stopped and taken up again, its checkpoint a model that predicts itself; and what is refused.

import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Colour, writePictures } from "../../../test/pictures.ts";
import { UserError } from "../../errors.ts";
import { loadCheckpoint } from "../checkpoints/checkpoint.ts";
import { loadPudNet, savePudNet } from "../checkpoints/pudnet.ts";
import { architecture } from "../../models/architectures.ts";
import { type PudNetModel, randomModel } from "../../predict/model.ts";
import type { BaseConfig } from "../../train/config-schema.ts";
import { parseBaseConfig, parseTrainConfig } from "../../train/config.ts";
import { type HostTensor, leaves, type Tree } from "../../tensor/tree.ts";
import { startTraining } from "./meta-training.ts";
import { resumeBaseTraining, startBaseTraining } from "./base-run.ts";
import { isBaseRun, readTrainConfig } from "./train-config.ts";

const NORMALIZATION = { mean: [0.5, 0.5, 0.5], deviation: [0.2, 0.2, 0.2] } as const;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-base-"));
  vi.stubEnv("PUDNET_CACHE", join(root, "cache"));
  const classes = (...names: string[]): Record<string, Colour> =>
    Object.fromEntries(names.map((name, i) => [name, [50 * i, 200 - 40 * i, 90]]));
  await writePictures(join(root, "dishes-3"), classes("soup", "rice", "pie"), 8);
  await writePictures(join(root, "signs-2"), classes("stop", "go"), 8);
  await writePictures(join(root, "letters-2"), classes("a", "b"), 7);
});
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

const numbersOf = ({ params }: PudNetModel): number[] =>
  leaves<HostTensor>(params as Tree<HostTensor>).flatMap(([, { data }]) => Array.from(data, Number));

function expectAlike(model: PudNetModel, other: PudNetModel): void {
  const expected = numbersOf(other);
  numbersOf(model).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
}

it("a run that is stopped ends as one that was not, with a static model", async () => {
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
  expect(await isBaseRun(stopped.path)).toBe(true);
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

it("a hypernetwork starts from it, and from nothing that does not fit", async () => {
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

/** Stops at the first log line. */
const startAndStop = (config: BaseConfig) => {
  const stop = new AbortController();
  return startBaseTraining(config, join(root, "runs"), { signal: stop.signal, onEvent: () => stop.abort() });
};

describe("another training's network", () => {
  let last: string;
  beforeAll(async () => {
    const { path } = await startBaseTraining(parseBaseConfig(plain({ name: "given" }), "test"), join(root, "runs"));
    last = join(path, "checkpoints/last.safetensors");
  });
  const taught = (more: object = {}, teacher: object = {}) =>
    parseBaseConfig(
      plain({
        name: "student",
        target: { arch: "resnet-8", width: 4 },
        teacher: { checkpoint: last, weight: 1, temperature: 2, ...teacher },
        ...more,
      }),
      "test",
    );
  /** Both sources alike, whatever the number of their pictures: pixels are normalised otherwise. */
  const alike = [
    { dataset: "dishes-3", weight: 1 },
    { dataset: "signs-2", weight: 1 },
    { dataset: "letters-2", role: "validation" },
  ];

  it("teaches a run, which ends as one that was never stopped", async () => {
    const config = taught({ data: { ...plain().data, sources: alike } });
    const straight = await startBaseTraining(config, join(root, "runs"));
    const whole = await outcome(straight.path);
    const [head, ...rows] = whole.metrics.trimEnd().split("\n");
    expect(head).toBe("step,loss,kl,similarity,accuracy,validation accuracy,validation ci95");
    const cells = rows.map((row) => row.split(",").map(Number));
    for (const [, loss, kl] of cells) expect(loss).toBe(kl);
    expect(cells.at(-1)![2]!).toBeLessThan(0.8 * cells[0]![2]!);
    const [own, given] = [
      await loadPudNet(join(straight.path, "checkpoints/last.safetensors")),
      await loadPudNet(last),
    ];
    expect(own.normalization).not.toEqual(given.normalization);
    const stopped = await startAndStop(config);
    expect(stopped.isComplete).toBe(false);
    await resumeBaseTraining(stopped.path);
    expect(await outcome(stopped.path)).toEqual(whole);
  });

  describe("of a ResNet, on squares of another side", () => {
    const target = { arch: "resnet-8", width: 4 };
    let checkpoint: string;
    beforeAll(async () => {
      const small = parseBaseConfig(plain({ name: "small", target }), "test");
      checkpoint = join((await startBaseTraining(small, join(root, "runs"))).path, "checkpoints/last.safetensors");
    });
    const larger = (more: object) =>
      parseBaseConfig(plain({ name: "larger", target, data: { ...plain().data, side: 16 }, ...more }), "test");

    it("teaches", async () => {
      const { path } = await startBaseTraining(larger({ teacher: { checkpoint, weight: 1 } }), join(root, "runs"));
      const rows = (await readFile(join(path, "metrics.csv"), "utf8")).trimEnd().split("\n").slice(1);
      const kl = rows.map((row) => Number(row.split(",")[2]));
      expect(kl.at(-1)!).toBeLessThan(0.8 * kl[0]!);
    });

    it("is what a training goes on from", async () => {
      const validation = { ...plain().validation, every: 5 };
      const config = larger({ start: checkpoint, optimizer: { learningRate: 1e-9 }, steps: 5, validation });
      const { path } = await startBaseTraining(config, join(root, "runs"));
      const [before, after] = [
        await loadPudNet(checkpoint),
        await loadPudNet(join(path, "checkpoints/last.safetensors")),
      ];
      expect(after.arch).toEqual({ ...before.arch, side: 16 });
      expectAlike(after, before);
    });
  });

  it("is what a training goes on from", async () => {
    const config = plain({ name: "further", start: last, optimizer: { learningRate: 1e-9 }, steps: 5 });
    const validation = { ...plain().validation, every: 5 };
    const of = parseBaseConfig({ ...config, data: { ...plain().data, sources: alike }, validation }, "test");
    const { path } = await startBaseTraining(of, join(root, "runs"));
    const [before, after] = [await loadPudNet(last), await loadPudNet(join(path, "checkpoints/last.safetensors"))];
    expect(after.normalization).toEqual(before.normalization);
    expect(after.trainClasses).toEqual(before.trainClasses);
    expectAlike(after, before);
  });

  it.each(["teacher", "start"])("must be the same %s when a run is resumed", async (role) => {
    const file = join(root, `${role}.safetensors`);
    await copyFile(last, file);
    const config =
      role === "start" ? parseBaseConfig(plain({ start: file }), "test") : taught({}, { checkpoint: file });
    const { path } = await startAndStop(config);
    await copyFile(last.replace("last", "best"), file);
    const error = await resumeBaseTraining(path).catch((found: unknown) => found as UserError);
    expect(error).toMatchObject({ message: expect.stringContaining(`begun with another ${role}`) });
    await copyFile(last, file);
    expect((await resumeBaseTraining(path)).isComplete).toBe(true);
  });

  it.each([
    [
      "other classes",
      () => taught({ variation: { mirrored: ["dishes-3"] } }),
      /tells other classes apart \(11\) than are trained \(5\): number 6 is "signs-2\/go turned 90°" there, none here/,
      /variation\.turned/,
    ],
    [
      "classes in another order",
      () => taught({ data: { ...plain().data, sources: [alike[1], alike[0], alike[2]] } }),
      /number 1 is "dishes-3\/pie" there, "signs-2\/go" here/,
      /same order/,
    ],
    [
      "pictures of another size",
      () => taught({ data: { ...plain().data, side: 16 } }),
      /is of images of 8 px, but trained is on 16 px/,
      /set data\.side to 8/,
    ],
    [
      "no file",
      () => taught({}, { checkpoint: "nowhere.safetensors" }),
      /no checkpoint at "nowhere\.safetensors"/,
      /typing/,
    ],
    [
      "another architecture to start from",
      () => parseBaseConfig(plain({ start: last, target: { width: 8 } }), "test"),
      /is of convnet-3 of width 4 with stem 3x3 at 8 px, but trained is convnet-3 of width 8/,
      /teacher\.checkpoint/,
    ],
    [
      "a plain network of another side to start from",
      () => parseBaseConfig(plain({ start: last, data: { ...plain().data, side: 16 } }), "test"),
      /is of images of 8 px, but trained is on 16 px/,
      /set data\.side to 8/,
    ],
    [
      "other classes to start from",
      () => parseBaseConfig(plain({ start: last, variation: {} }), "test"),
      /tells other classes apart/,
      /leaveOut/,
    ],
  ])("is refused with %s", async (_, config, message, hint) => {
    const error = await startBaseTraining(config(), join(root, "none")).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).hint).toMatch(hint);
    expect((error as UserError).exitCode).toBe(2);
  });

  it("is refused where its weights are predicted", async () => {
    const file = join(root, "predicting.safetensors");
    await savePudNet(file, randomModel(architecture("convnet-3", 8, { width: 4 }), NORMALIZATION, 5));
    const training = startBaseTraining(taught({}, { checkpoint: file }), join(root, "none"));
    await expect(training).rejects.toThrow(/holds no network with a head \(pudnet\.predict: all\)/);
  });
});

it("other pictures than it was begun with are refused", async () => {
  const { path } = await startAndStop(parseBaseConfig(plain({ name: "changed" }), "test"));
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
  [{ teacher: { weight: 0.5 } }, /teacher\.checkpoint: expected string/, /configs/],
  [{ teacher: { checkpoint: "a", weight: 1.5 } }, /teacher\.weight: .*found 1\.5/, /configs/],
  [{ teacher: { checkpoint: "a", weight: 0 } }, /nothing is learned of the teacher/, /leave the teacher out/],
  [{ teacher: { checkpoint: "a", temprature: 2 } }, /not a config of a training/, /did you mean "temperature"/],
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
