// Algorithm 1, meta-training: one Adam step per group, or per several; groups drawn lazily by (seed, number).

import { augmented } from "../data/augment.ts";
import { gatherImages } from "../data/dataset.ts";
import { sampleGroup } from "../data/groups.ts";
import { UserError } from "../errors.ts";
import { hasDomainSketches, initPudNet, type PudNet, type PudNetStats } from "../hypernet/pudnet.ts";
import { type Arch, architecture, archText } from "../models/architectures.ts";
import { fold, key, type Key } from "../tensor/random.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { shapesOf, type TrainConfig } from "./config-schema.ts";
import { evaluationGroup, type NamedPool } from "./evaluation/groups.ts";
import { GroupDraws } from "./group-draws.ts";
import { initMetaState, type MetaBatch, metaBatchSpec, type MetaProblem, type MetaState } from "./meta-step.ts";
import type { PudNetModel } from "../predict/model.ts";
import { type GroupsBatch, type GroupWorkers, type Parallelism, parallelStepper } from "./parallel-groups.ts";
import { shapedStepper } from "./shaped-steps.ts";
import type { TrainingData } from "./training-data.ts";
import { judged, validatedDomains } from "./validation.ts";
import type { Judged, TrainingProblem } from "./loop.ts";

/** What a run trains on: derived from the config and the data, the same on every resumption. */
export interface MetaSetup {
  /** Its group is of the first shape. */
  readonly problem: MetaProblem;
  readonly data: TrainingData;
  readonly draws: GroupDraws;
  /** What validation groups are drawn from, each of one of these in turn. */
  readonly validated: readonly NamedPool[];
  /** Whether groups are flipped and shifted at random. */
  readonly augment: boolean;
  readonly start?: MetaStart;
}

/** What learned kernels and norms start from: a PudNet that learns them, or a network that was trained as it is. */
export interface MetaStart extends Pick<PudNetModel, "arch" | "normalization"> {
  readonly params: Pick<PudNet<HostTensor>, "learned" | "norms">;
  readonly stats: Pick<PudNetStats<HostTensor>, "target">;
}

/**
 * Resolves a config against its data and the network that it starts from, where it does.
 * @throws UserError where training groups or validation groups cannot be drawn (too few classes, or images of one), or the
 *   network is another than is trained
 */
export function metaSetup(config: TrainConfig, data: TrainingData, start?: MetaStart): MetaSetup {
  const { seed, target, pudnet, optimizer, steps } = config;
  const { dataset, domains, trainClasses, normalization } = data;
  const arch = architecture(target.arch, dataset.side, target);
  const { learningRate, warmUp, decay, clip } = optimizer;
  const shapes = shapesOf(config);
  const { groupsPerStep, localSteps } = parallelismOf(config);
  // Groups that cannot be drawn are refused now, not at the first validation.
  const isPlain = !("sources" in config.data) && shapes.length === 1;
  if (isPlain) sampleGroup(data.train.positions, data.train.classes, shapes[0]!, key(0), { names: dataset.classes });
  const draws = new GroupDraws(domains, shapes, { seed, together: groupsPerStep * localSteps });
  const problem: MetaProblem = {
    pudnet,
    arch,
    group: shapes[0]!,
    trainClasses: trainClasses.length,
    ...(hasDomainSketches(pudnet) ? { domains: draws.domains.length } : {}),
    normalization: start?.normalization ?? normalization,
    optimizer: { learningRate, warmUp, clip, decayTo: decay === "linear" ? steps : undefined },
  };
  if (start) requireSameTarget(config, arch, start);
  const shape = { ...config.validation, ways: shapes[0]!.ways };
  if (isPlain) evaluationGroup({ dataset, pool: data.val }, shape, key(0), 0);
  const validated = isPlain ? [{ name: dataset.name, pool: data.val }] : validatedDomains(domains, shape);
  return { problem, data, draws, validated, augment: config.data.augment, ...(start ? { start } : {}) };
}

function requireSameTarget({ start: file, pudnet }: TrainConfig, arch: Arch, { arch: found, params }: MetaStart): void {
  const own = Object.keys(initPudNet(key(0), pudnet, arch, 1).params.learned);
  const said = file === undefined ? "the network that it starts from" : `"${file}"`;
  const shown = (one: Arch): string => archText({ ...one, readout: undefined }); // the weights are the same for either
  if (shown(found) !== shown(arch)) {
    throw new UserError(`${said} is of ${shown(found)}, but trained is ${shown(arch)}`, {
      hint: "set target and data.side as the checkpoint has them",
      exitCode: 2,
    });
  }
  const missing = own.find((layer) => !params.learned[layer]);
  if (own.length > 0 && missing === undefined) return;
  const what = missing === undefined ? "learns no kernel as it is" : `needs a learned kernel of ${missing}`;
  throw new UserError(`${said} cannot be started from: a training with pudnet.predict "${pudnet.predict}" ${what}`, {
    hint: 'start from a checkpoint of method: supervised, with pudnet.predict "change" or "none"',
    exitCode: 2,
  });
}

/** Lines on what a user may not expect of the groups. */
export function setupNotes({ draws }: MetaSetup): string[] {
  return draws.notes();
}

/** The state that a run with this seed starts from. */
function firstState({ problem, start }: MetaSetup, seed: number): MetaState<HostTensor> {
  const first = initMetaState(fold(key(seed), "init"), problem);
  if (!start) return first;
  const { params, stats } = first;
  const learned = Object.fromEntries(Object.keys(params.learned).map((layer) => [layer, start.params.learned[layer]!]));
  return {
    ...first,
    params: { ...params, learned, norms: start.params.norms },
    stats: { ...stats, target: start.stats.target },
  };
}

/** The model that a state holds. */
export function modelOf(
  { problem, data, draws }: MetaSetup,
  { params, stats }: Pick<MetaState<HostTensor>, "params" | "stats">,
): PudNetModel {
  const { pudnet: config, arch, normalization } = problem;
  const domains = hasDomainSketches(config) ? { domains: draws.domains } : {};
  return { config, arch, normalization, trainClasses: data.trainClasses, ...domains, params, stats };
}

/** The images and classes of a group, and its domain where that is all the sketch there is. */
function groupBatch(config: TrainConfig, setup: MetaSetup, group: number): MetaBatch<HostTensor> {
  const { data, draws, augment } = setup;
  const { dataset, train, trainClasses } = data;
  const source = groupKey(config, group);
  const problem = shapedProblem(setup, group);
  const drawn = sampleGroup(train.positions, draws.classesOf(group, source), problem.group, source);
  const positions = [...drawn.support, ...drawn.query, ...drawn.extra];
  const classes = hostTensor([problem.group.ways, trainClasses.length]);
  drawn.classes.forEach((c, way) => (classes.data[way * trainClasses.length + train.classes.indexOf(c)] = 1));
  const pixels = gatherImages(dataset, positions);
  const spec = metaBatchSpec(problem);
  const seen = augment ? augmented(pixels, dataset.side, fold(source, "augment")) : pixels;
  const images = { shape: spec.images.shape, data: seen };
  if (!spec.domain) return { images, classes };
  const domain = hostTensor(spec.domain.shape);
  domain.data[draws.domainOf(group, source)] = 1;
  return { images, classes, domain };
}

/** The problem with the shape of a group. */
function shapedProblem({ problem, draws }: MetaSetup, group: number): MetaProblem {
  return { ...problem, group: draws.shapes[draws.shapeOf(group)]! };
}

/** Algorithm 1 as a training problem: a step is a group. */
export function metaTraining(config: TrainConfig, setup: MetaSetup): TrainingProblem<MetaState, MetaBatch> {
  return {
    ...schedule(config, setup),
    batchSpec: metaBatchSpec(shapedProblem(setup, 0)),
    stepper: (state, options) => shapedStepper(setup.problem, setup.draws, state, options),
    batch: (step) => groupBatch(config, setup, step),
  };
}

/** The same where a step is several groups, which `workers` compute. */
export function parallelMetaTraining(
  config: TrainConfig,
  setup: MetaSetup,
  openWorkers: (problem: MetaProblem) => GroupWorkers,
): TrainingProblem<MetaState, GroupsBatch> {
  const { problem } = setup;
  const parallelism = parallelismOf(config);
  const groups = Array.from({ length: parallelism.groupsPerStep }, (_, i) => i);
  const first = (step: number): number => step * groups.length;
  return {
    ...schedule(config, setup),
    batchSpec: { groups: groups.map(() => metaBatchSpec(shapedProblem(setup, 0))) },
    stepper: (state, options) =>
      parallelStepper(
        problem,
        { ...parallelism, groupOf: (step) => shapedProblem(setup, first(step)).group },
        openWorkers(problem),
        state,
        options,
      ),
    batch: (step) => ({ groups: groups.map((i) => groupBatch(config, setup, first(step) + i)) }),
  };
}

/** How many groups a step of this config has. */
export function parallelismOf({ groupsPerStep = 1, localSteps = 1 }: TrainConfig): Parallelism {
  return { groupsPerStep, localSteps };
}

/** What the groups of a training are drawn by: 0, 1, ... */
const groupKey = ({ seed }: TrainConfig, group: number): Key => fold(fold(key(seed), "group"), group);

function schedule(config: TrainConfig, setup: MetaSetup) {
  const { seed, steps, logEvery, validation, optimizer } = config;
  return {
    steps,
    logEvery,
    first: firstState(setup, seed),
    validation: {
      every: validation.every,
      judge: (state: MetaState<HostTensor>) => validate(config, setup, state),
    },
    remedy:
      `set optimizer.learningRate (${optimizer.learningRate}) or optimizer.clip (${optimizer.clip}) lower in the ` +
      "run's config.yaml, then go on from its last checkpoint with --resume",
  };
}

/** Accuracy of a state on validation groups, the same ones every time. */
function validate(config: TrainConfig, setup: MetaSetup, state: MetaState<HostTensor>): Promise<Judged> {
  const { validation, seed, device, threads } = config;
  const { ways, shots } = setup.problem.group;
  const { norm = "running", ...images } = validation;
  const shape = { ...images, ways, shots };
  return judged(modelOf(setup, state), setup, { shape, seed, heads: ["few"], norm, device, threads });
}
