// Meta-training on a mixture with groups of several shapes: what a group holds, how a state is judged, and that a training
// goes on from any step as if it had not been stopped.

import { describe, expect, it, vi } from "vitest";
import { easyDataset } from "../../test/easy-data.ts";
import { gatherImages } from "../data/dataset.ts";
import { knownSketch } from "../hypernet/domain-sketch.ts";
import { Predictor } from "../predict/predictor.ts";
import { type Host, type HostTensor, hostTensor } from "../tensor/tree.ts";
import { parseTrainConfig } from "./config.ts";
import { Training, type TrainingProblem } from "./loop.ts";
import { metaSetup, metaTraining, parallelMetaTraining } from "./meta-training.ts";
import type { MetaState } from "./meta-step.ts";
import { ownWorker } from "./parallel-groups.ts";
import { mixedTrainingData } from "./training-data.ts";

/** Of what compiles several programs: any machine is through by then. */
const SHAPES = [
  { ways: 2, shots: 2, queries: 2, extra: 1 },
  { ways: 3, shots: 1, queries: 1, extra: 0 },
  // as many images as the first has, in another order
  { ways: 2, shots: 1, queries: 3, extra: 1 },
];
/** With which the first three runs of 16 groups have another shape each. */
const SEED = 17;
const config = (more: object = {}) =>
  parseTrainConfig(
    {
      name: "tiny",
      seed: SEED,
      data: { sources: [{ dataset: "a" }, { dataset: "b" }, { dataset: "judge", role: "validation" }], side: 8 },
      target: { width: 4 },
      pudnet: { hiddenSize: 8, generatorWidth: 2 },
      group: { shapes: SHAPES },
      steps: 48,
      optimizer: { warmUp: 2 },
      validation: { every: 48, groups: 5, generation: 4, test: 2 },
      logEvery: 24,
      ...more,
    },
    "test",
  );
const data = mixedTrainingData(
  [
    {
      name: "a",
      dataset: easyDataset({ classes: 6, perClass: 8 }),
      split: { train: [0, 1, 2], val: [3, 4], test: [5], valFrom: "classes" },
      role: "train",
    },
    {
      name: "b",
      dataset: easyDataset({ classes: 2, perClass: 9, seed: 1 }),
      split: { train: [0, 1], val: [], test: [], valFrom: "classes" },
      role: "train",
    },
    {
      name: "judge",
      dataset: easyDataset({ classes: 3, perClass: 6, seed: 2 }),
      split: { train: [], val: [0, 1, 2], test: [], valFrom: "classes" },
      role: "validation",
    },
  ],
  { trainOn: "train" },
);

describe("a group", () => {
  const of = config();
  const setup = metaSetup(of, data);
  const problem = metaTraining(of, setup);
  const batches = Array.from({ length: 48 }, (_, step) => problem.batch(step));
  const waysOf = ({ classes }: (typeof batches)[number]): number[] => {
    const [ways, count] = classes.shape as [number, number];
    return Array.from({ length: ways }, (_, way) => {
      const row = Array.from(classes.data as Float32Array).slice(way * count, (way + 1) * count);
      expect(row.toSorted((x, y) => y - x)).toEqual([1, ...Array<number>(count - 1).fill(0)]);
      return row.indexOf(1);
    });
  };

  it("has the shape drawn for its number, and training images of the classes it names, of one domain", () => {
    const trained = setup.data.train;
    batches.forEach((batch, step) => {
      const { ways, shots, queries, extra } = SHAPES[setup.draws.shapeOf(step)]!;
      const each = shots + queries + extra;
      expect(batch.images.shape).toEqual([ways * each, 3, 8, 8]);
      const drawn = waysOf(batch);
      expect(drawn.length).toBe(ways);
      expect(new Set(drawn.map((label) => data.trainClasses[label]!.split("/")[0])).size).toBe(1);
      const images = batch.images.data as Uint8Array;
      const pictures = Array.from({ length: ways * each }, (_, i) => images.subarray(i * 192, (i + 1) * 192).join());
      const [first] = pictures;
      const own = trained.positions[trained.classes[drawn[0]!]!]!;
      expect(own.map((position) => gatherImages(data.dataset, [position]).join())).toContain(first);
    });
    expect(new Set(batches.map((_, step) => setup.draws.shapeOf(step))).size).toBe(3);
    expect(new Set(batches.flatMap(waysOf)).size).toBe(data.trainClasses.length);
  });

  it("has its domain beside it where domains have learned sketches", () => {
    const named = config({ pudnet: { sketch: "domain" } });
    const ofNamed = metaTraining(named, metaSetup(named, data));
    batches.forEach((batch, step) => {
      const { domain, ...rest } = ofNamed.batch(step);
      expect(rest).toEqual(batch);
      const isOfA = data.trainClasses[waysOf(batch)[0]!]!.startsWith("a/");
      expect(domain).toEqual({ shape: [1, 2], data: Float32Array.of(Number(isOfA), Number(!isOfA)) });
    });
  });

  it("of a step of several has the shape of the others", () => {
    const several = config({ groupsPerStep: 3, localSteps: 2 });
    const ofSeveral = parallelMetaTraining(several, metaSetup(several, data), ownWorker);
    const rounds = Array.from({ length: 24 }, (_, round) => [2 * round, 2 * round + 1].map((s) => ofSeveral.batch(s)));
    const shapes = rounds.map((round) =>
      round.flatMap(({ groups }) => groups.map(({ images, classes }) => `${images.shape[0]} ${classes.shape[0]}`)),
    );
    for (const round of shapes) expect(new Set(round).size).toBe(1);
    expect(new Set(shapes.flat()).size).toBe(2);
  });
});

/** Trains to a step, goes on from there in another training, and tells the ends of both ways. */
async function stoppedAndNot<B extends object>(problem: TrainingProblem<MetaState, B>, stops: readonly number[]) {
  const run = async (steps: number, start?: { step: number; state: Host<MetaState> }) => {
    const training = await Training.create({ ...problem, steps }, { threads: 1 }, start);
    for await (const _ of training.run());
    const state = await training.state();
    await training.release();
    return { step: steps, state };
  };
  let stopped: Awaited<ReturnType<typeof run>> | undefined;
  for (const step of [...stops, problem.steps]) stopped = await run(step, stopped);
  return [stopped!.state, (await run(problem.steps)).state] as const;
}

/** Of static networks, whose programs are soon compiled. */
const pudnet = { predict: "none" };

const unjudged = <B extends object>(problem: TrainingProblem<MetaState, B>) => {
  const { validation: _, ...rest } = problem;
  return rest;
};

it("goes on from any step, in the middle of a run of one shape too, and ends as an undisturbed training", async () => {
  const of = config({ pudnet });
  const [stopped, straight] = await stoppedAndNot(unjudged(metaTraining(of, metaSetup(of, data))), [7, 40]);
  expect(stopped).toEqual(straight);
});

it.each([{ groupsPerStep: 2 }, { groupsPerStep: 2, localSteps: 2 }])("the same with %j", async (more) => {
  const of = config({ pudnet, steps: 24, validation: { every: 24, groups: 1, generation: 4, test: 2 }, ...more });
  const problem = unjudged(parallelMetaTraining(of, metaSetup(of, data), ownWorker));
  const [stopped, straight] = await stoppedAndNot(problem, [14]);
  expect(stopped).toEqual(straight);
});

it("learns as with one shape: a static network, too", async () => {
  for (const predict of ["all", "none"]) {
    const of = config({
      pudnet: { hiddenSize: 8, generatorWidth: 2, predict },
      optimizer: { learningRate: 0.01, warmUp: 2 },
    });
    const training = await Training.create(metaTraining(of, metaSetup(of, data)), { threads: 1 });
    const losses: number[] = [];
    for await (const event of training.run()) {
      if (event.kind === "step") losses.push(event.means["loss"]!);
      else {
        const { accuracy, domains } = event;
        expect(domains.map(({ name, accuracy: { n } }) => [name, n])).toEqual([
          ["a", 3],
          ["judge", 3],
        ]);
        expect(accuracy.mean).toBeCloseTo((domains[0]!.accuracy.mean + domains[1]!.accuracy.mean) / 2, 12);
        expect(accuracy.n).toBe(6);
      }
    }
    expect(losses[1]).toBeLessThan(losses[0]!);
    await training.release();
  }
});

it("is judged with the sketch of each domain, where domains have learned ones", async () => {
  const sketch = vi.spyOn(Predictor.prototype, "sketch");
  const of = config({ pudnet: { hiddenSize: 8, generatorWidth: 2, sketch: "domain" } });
  const problem = metaTraining(of, metaSetup(of, data));
  await problem.validation!.judge(problem.first);
  expect(sketch.mock.calls.map(([, domain]) => domain)).toEqual(["a", "judge", "a", "judge", "a", "judge"]);
  const [a, judge] = await Promise.all(sketch.mock.results.map(({ value }) => value as Promise<HostTensor>));
  sketch.mockRestore();
  const rows = problem.first.params.domainSketches!;
  expect(a).toEqual(hostTensor([2, 8], (rows.data as Float32Array).slice(0, 16)));
  expect(judge).toEqual(knownSketch(rows, undefined, of.pudnet));
});

describe("what cannot be validated is refused", () => {
  it("a domain with too few classes of enough pictures", () => {
    const of = config({ validation: { every: 48, groups: 5, generation: 4, test: 4 } });
    expect(() => metaSetup(of, data)).toThrow(
      /validation groups of "judge" cannot be drawn: they have 2 classes of 4 \+ 4 pictures, .* 3 held-out classes 0 have so many \(the largest has 6\)/,
    );
  });

  it("a mixture of which nothing is held out", () => {
    const nothing = {
      ...data,
      domains: data.domains.map((domain) => ({ ...domain, val: { ...domain.val, classes: [] } })),
    };
    expect(() => metaSetup(config(), nothing)).toThrow(/nothing is held out for validation/);
  });
});

it("every tensor of the first state is the same whatever the shapes", () => {
  const one = config({ group: { shapes: SHAPES.slice(0, 1) } });
  const [several, alone] = [config(), one].map((of) => metaTraining(of, metaSetup(of, data)).first);
  expect(several).toEqual(alone);
});
