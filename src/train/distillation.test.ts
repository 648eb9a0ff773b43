// What a student is told by a teacher: the losses beside numbers by hand and central differences, and that it follows.

import { expect, it } from "vitest";
import { gradientErrors } from "../../test/central-differences.ts";
import { easyDataset } from "../../test/easy-data.ts";
import { architecture } from "../models/architectures.ts";
import { gradients } from "../tensor/gradients.ts";
import { mul, sum } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { fold, key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { compileTrainer, type Metrics } from "../tensor/trainer.ts";
import { type HostTensor, hostTensor, sizeOf } from "../tensor/tree.ts";
import { distilled, type Teacher, teacherAnswers } from "./distillation.ts";
import {
  initSupervisedState,
  type SupervisedBatch,
  type SupervisedProblem,
  supervisedBatchSpec,
  supervisedStep,
} from "./supervised-step.ts";

const SIDE = 8;
const IMAGES = 12;
const DOMAINS = [0, 0, 0, 1, 1];
const { images: pixels } = easyDataset({ classes: 3, perClass: IMAGES / 3, noise: 60 });
const batch: SupervisedBatch<HostTensor> = {
  images: { shape: [IMAGES, 3, SIDE, SIDE], data: pixels },
  labels: hostTensor(
    [IMAGES, DOMAINS.length],
    Array.from({ length: IMAGES }, (_, i) => DOMAINS.map((_of, c) => (c === i % 3 ? 1 : 0))).flat(),
  ),
};
const normalization = { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] } as const;
const base = {
  arch: architecture("convnet-3", SIDE, { width: 8 }),
  normalization,
  classes: DOMAINS.length,
  domains: DOMAINS,
  optimizer: { algorithm: "adam", learningRate: 1e-2 },
  steps: 60,
} as const satisfies SupervisedProblem;

/** Nothing it says has to do with the labels; another architecture, that takes pixels otherwise, and sure of what it says. */
function teacher(more: Pick<Teacher, "weight" | "temperature" | "similarity">): Teacher {
  const arch = architecture("resnet-8", SIDE, { width: 4 });
  const { params, stats } = initSupervisedState(key(5), { ...base, arch });
  const weight = hostTensor(params.head.weight.shape, normal(key(6), sizeOf(params.head.weight.shape)));
  const network = { weights: params.weights, stats, head: { weight, bias: params.head.bias } };
  return { arch, normalization: { mean: [0.4, 0.4, 0.4], deviation: [0.5, 0.5, 0.5] }, network, ...more };
}

/** Metrics of each of so many steps on the same images. */
async function train(problem: SupervisedProblem, steps: number): Promise<Metrics[]> {
  const first = initSupervisedState(key(1), problem);
  const spec = supervisedBatchSpec(problem, IMAGES);
  const trainer = await compileTrainer(supervisedStep(problem), first, spec, { threads: 1 });
  const metrics: Metrics[] = [];
  for (let i = 0; i < steps; i++) metrics.push(...(await trainer.run([batch])));
  await trainer.release();
  return metrics;
}

/** log softmax of some of the entries. */
function logShares(logits: readonly number[]): number[] {
  const total = Math.log(logits.reduce((all, x) => all + Math.exp(x), 0));
  return logits.map((x) => x - total);
}

it.each([1, 4, 100])(
  "is told of the classes of the images' own domain alone, at temperature %d",
  async (temperature) => {
    const settings = { weight: 0.3, temperature, similarity: 7 };
    const problem: SupervisedProblem = { ...base, teacher: teacher(settings) };
    const [first] = await train(problem, 1);
    const { teacher: _, ...alone } = problem;
    const [byLabels] = await train(alone, 1);
    // both networks' logits, the student's as its own teacher
    const { params, stats } = initSupervisedState(key(1), problem);
    const student: Teacher = {
      ...problem.teacher!,
      arch: problem.arch,
      normalization,
      network: { weights: params.weights, stats, head: params.head },
    };
    const program = await compile(
      ({ images }: { images: Tensor }) => ({
        p: teacherAnswers(problem.teacher!, images).logits,
        q: teacherAnswers(student, images).logits,
      }),
      { images: batch.images },
      { threads: 1 },
    );
    const { p, q } = await program.run({ images: batch.images });
    await program.release();
    const own = ({ data }: HostTensor, row: number) =>
      logShares(Array.from({ length: 3 }, (_value, c) => Number(data[row * DOMAINS.length + c]) / temperature));
    let kl = 0;
    for (let row = 0; row < IMAGES; row++) {
      const [logP, logQ] = [own(p, row), own(q, row)];
      logP.forEach((l, c) => (kl += Math.exp(l) * (l - logQ[c]!) * (temperature ** 2 / IMAGES)));
    }
    expect(kl).toBeGreaterThan(0.1);
    expect(Math.abs(first!["kl"]! / kl - 1)).toBeLessThan(1e-3);
    const loss = 0.7 * byLabels!["loss"]! + 0.3 * first!["kl"]! + 7 * first!["similarity"]!;
    expect(first!["loss"]!).toBeCloseTo(loss, 5);
  },
);

it("has the gradient that central differences have", async () => {
  const draw = (name: string, ...shape: number[]): HostTensor =>
    hostTensor(shape, normal(fold(key(2), name), sizeOf(shape)));
  const [features, logits] = [draw("features", 4, 6), draw("logits", 4, 5)];
  const settings = { weight: 0.6, temperature: 3, similarity: 20 };
  const build = ({ x, ofTeacher }: { x: readonly Tensor[]; ofTeacher: readonly Tensor[] }) => {
    const [student, taught] = [x, ofTeacher].map(([f, l]) => ({ features: f!, logits: l! }));
    const { loss } = distilled(settings, sum(mul(student!.logits, student!.logits)), student!, taught!);
    return { loss, gradients: gradients(loss, x) };
  };
  const inputs = { x: [features, logits], ofTeacher: [draw("other features", 4, 3), draw("other logits", 4, 5)] };
  const program = await compile(build, inputs, { threads: 1 });
  const run = (x: readonly HostTensor[]) => program.run({ ...inputs, x });
  const { gradients: exact } = await run(inputs.x);
  const losses = async (x: readonly HostTensor[]) => [Number((await run(x)).loss.data[0])];
  const [error] = await gradientErrors(losses, inputs.x, [exact], { key: key(3) });
  await program.release();
  expect(error).toBeLessThan(2e-2);
});

it("lets the student answer as the teacher does, whatever the labels are", async () => {
  const settings = { temperature: 2, similarity: 0 };
  const told = await train({ ...base, teacher: teacher({ ...settings, weight: 1 }) }, 60);
  const untold = await train({ ...base, teacher: teacher({ ...settings, weight: 0 }) }, 60);
  expect(told.at(-1)!["kl"]!).toBeLessThan(0.2 * told[0]!["kl"]!);
  expect(untold.at(-1)!["kl"]!).toBeGreaterThan(told[0]!["kl"]!);
  expect(untold.at(-1)!["accuracy"]!).toBeGreaterThan(told.at(-1)!["accuracy"]!);
});

it("lets images be as alike to the student as they are to the teacher", async () => {
  const settings = { weight: 0, temperature: 1 };
  const told = await train({ ...base, teacher: teacher({ ...settings, similarity: 3000 }) }, 60);
  const untold = await train({ ...base, teacher: teacher({ ...settings, similarity: 0 }) }, 60);
  expect(told.at(-1)!["similarity"]!).toBeLessThan(0.5 * untold.at(-1)!["similarity"]!);
});
