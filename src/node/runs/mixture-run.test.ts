// A run on a mixture of folders: found below the root, stopped and taken up again, judged by domain; and what of it is refused.

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Colour, writePictures } from "../../../test/pictures.ts";
import { UserError } from "../../errors.ts";
import { parseTrainConfig } from "../../train/config.ts";
import { loadCheckpoint } from "../checkpoints/checkpoint.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import { loadTrainingData } from "./load-training-data.ts";
import { resumeTraining, startTraining } from "./meta-training.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-mixture-"));
  vi.stubEnv("PUDNET_CACHE", join(root, "cache"));
  const classes = (...names: string[]): Record<string, Colour> =>
    Object.fromEntries(names.map((name, i) => [name, [50 * i, 200 - 40 * i, 90]]));
  await writePictures(join(root, "dishes-4"), classes("soup", "rice", "pie", "pizza"), 8);
  await writePictures(join(root, "signs-3"), classes("stop", "go", "yield"), 7);
  await writePictures(join(root, "letters-3"), classes("a", "b", "c"), 7);
  await writePictures(join(root, "twin", "signs-3"), classes("x", "y"), 2);
  await writeFile(join(root, "dishes.json"), JSON.stringify({ val: ["rice", "pie"] }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const sources = () => [
  { dataset: "dishes-4", split: join(root, "dishes.json") },
  { dataset: join(root, "signs-3"), leaveOut: ["yield"] },
  { dataset: "letters-3", role: "validation" },
];
const config = (more: object = {}, data: object = {}) =>
  parseTrainConfig(
    {
      name: "tiny",
      seed: 17,
      data: { sources: sources(), root, side: 8, ...data },
      target: { width: 4 },
      pudnet: { predict: "none" },
      group: {
        shapes: [
          { ways: 2, shots: 2, queries: 2, extra: 0 },
          { ways: 2, shots: 1, queries: 1, extra: 0 },
        ],
      },
      steps: 40,
      optimizer: { warmUp: 2 },
      validation: { every: 20, groups: 2, generation: 4, test: 2 },
      logEvery: 5,
      threads: 1,
      ...more,
    },
    "test",
  );

const outcome = async (path: string) => ({
  metrics: await readFile(join(path, "metrics.csv"), "utf8"),
  last: await loadCheckpoint(join(path, "checkpoints/last.safetensors")),
  best: await loadCheckpoint(join(path, "checkpoints/best.safetensors")),
});

/** Sketches of the domains' own, and no second shape: each is a compiled program. */
const named = {
  pudnet: { predict: "change", sketch: "domain", hiddenSize: 8, generatorWidth: 2 },
  group: { ways: 2, shots: 2, queries: 2, extra: 0 },
};

it.each([{}, { groupsPerStep: 2 }, named, { ...named, groupsPerStep: 2 }])(
  "%j: a run that is stopped ends as one that was not",
  async (more) => {
    const straight = await startTraining(config(more), join(root, "runs"), alone(more));
    const whole = await outcome(straight.path);
    const [head, ...rows] = whole.metrics.trimEnd().split("\n");
    expect(head).toMatch(
      /,validation accuracy,validation ci95,validation accuracy of dishes-4,validation accuracy of letters-3$/,
    );
    const judged = rows.map((row) => row.split(",").slice(-4).map(Number)).filter(([mean]) => mean! > 0);
    expect(judged.length).toBe(2);
    for (const [mean, , dishes, letters] of judged) expect(mean).toBeCloseTo((dishes! + letters!) / 2, 6);
    expect(Number(whole.best.metadata["best"])).toBe(Math.max(...judged.map(([mean]) => mean!)));

    const stop = new AbortController();
    const onEvent = ({ step }: { step: number }): void => {
      if (step >= 25) stop.abort();
    };
    const stopped = await startTraining(config(more), join(root, "runs"), {
      signal: stop.signal,
      onEvent,
      ...alone(more),
    });
    expect(stopped.isComplete).toBe(false);
    expect(await resumeTraining(stopped.path, alone(more))).toEqual({ ...stopped, isComplete: true });
    expect(await outcome(stopped.path)).toEqual(whole);
  },
);

/** One worker, where there is something to share. */
function alone(more: object): { workers?: number } {
  return "groupsPerStep" in more ? { workers: 1 } : {};
}

it("keeps sketches of what was trained on, with the names of that", async () => {
  const { path } = await startTraining(config({ ...named, steps: 20 }), join(root, "runs"));
  const { domains, params } = await loadPudNet(join(path, "checkpoints/last.safetensors"));
  expect(domains).toEqual(["dishes-4", "signs-3"]);
  expect(params.domainSketches!.shape).toEqual([2, 16]);
});

it("joins what it reads: classes by source, what is left out, materials of each", async () => {
  const told: string[] = [];
  const { data, madeFrom } = await loadTrainingData(config(), "square-1", {
    onData: ({ dataset }) => told.push(dataset.name),
  });
  expect(told).toEqual(["dishes-4", "signs-3", "letters-3"]);
  expect(data.trainClasses).toEqual(["dishes-4/pizza", "dishes-4/soup", "signs-3/go", "signs-3/stop"]);
  expect(data.domains.map(({ name, test }) => [name, test.map((c) => data.dataset.classes[c])])).toEqual([
    ["dishes-4", []],
    ["signs-3", ["signs-3/yield"]],
    ["letters-3", []],
  ]);
  expect(Object.keys(madeFrom)).toEqual([
    "dishes-4@8",
    "class split of dishes-4",
    "signs-3@8",
    "class split of signs-3",
    "letters-3@8",
    "class split of letters-3",
  ]);
});

it("is not resumed with other pictures of any source, nor with another class left out", async () => {
  const other = await mkdtemp(join(tmpdir(), "pudnet-mixture-other-"));
  for (const name of ["dishes-4", "letters-3"]) await cp(join(root, name), join(other, name), { recursive: true });
  const { path } = await startTraining(config({ steps: 20 }, { root: other }), join(other, "runs"));
  const refusal = () => resumeTraining(path).catch((error: Error) => error.message);
  await cp(join(other, "dishes-4/pie/1.png"), join(other, "letters-3/a/1.png"));
  expect(await refusal()).toMatch(/was begun with another letters-3@8 than the one at hand/);
  await cp(join(root, "letters-3/a/1.png"), join(other, "letters-3/a/1.png"));
  const text = await readFile(join(path, "config.yaml"), "utf8");
  await writeFile(join(path, "config.yaml"), text.replace("- yield", "- go"));
  expect(await refusal()).toMatch(/was begun with another class split of signs-3 than/);
  await rm(other, { recursive: true });
});

it.each([
  [
    "an unknown source",
    [{ dataset: "dishes-5" }],
    /no dataset or folder "dishes-5", here or below ".*"/,
    /did you mean dishes-4/,
  ],
  ["a source twice", [{ dataset: "signs-3" }, { dataset: "signs-3" }], /has "signs-3" twice/, /one split/],
  ["two of one name", [{ dataset: "signs-3" }, { dataset: "twin/signs-3" }], /which have one name/, /another name/],
  [
    "an unknown class left out",
    [{ dataset: "dishes-4", leaveOut: ["piza"] }],
    /leaveOut of "dishes-4": the dataset has no class "piza"/,
    /did you mean "pizza"/,
  ],
  [
    "all classes left out",
    [{ dataset: "signs-3", leaveOut: ["stop", "go", "yield"] }],
    /leaveOut of "signs-3": no class is left/,
    /leave the source out/,
  ],
  ["nothing to validate on", [{ dataset: "dishes-4" }], /nothing is held out for validation/, /role: validation/],
  [
    "a source for validation that is too small",
    [{ dataset: "dishes-4" }, { dataset: "signs-3", role: "validation", leaveOut: ["stop", "go"] }],
    /validation groups of "signs-3" cannot be drawn: they have 2 classes of 4 \+ 2 pictures, .* 1 held-out/,
    /hold out more classes/,
  ],
  [
    "a source without enough classes",
    [
      { dataset: "letters-3", leaveOut: ["a", "b"] },
      { dataset: "signs-3", role: "validation" },
    ],
    /"letters-3" can fill no shape of group: it trains on 1 class of 7 to 7 pictures/,
    /2 ways x 4 pictures/,
  ],
] as const)("refuses %s", async (_, of, message, hint) => {
  const error: unknown = await startTraining(config({}, { sources: of }), join(root, "none")).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).hint).toMatch(hint);
});
