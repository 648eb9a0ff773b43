// What the process that trains and those that compute groups for it say to each other; the numbers lie in shared files.

import { join } from "node:path";
import { key } from "../../tensor/random.ts";
import { type Host, hostTensor, sizeOf } from "../../tensor/tree.ts";
import type { GroupShape } from "../../data/groups.ts";
import { type LocalResult, type MetaPoint, shapeName } from "../../train/group-computer.ts";
import {
  GROUP_METRICS,
  type GroupGradient,
  initMetaState,
  type MetaBatch,
  metaBatchSpec,
  type MetaProblem,
  type MetaState,
} from "../../train/meta-step.ts";

/** The first message: what is trained, and where the files lie. */
export interface Start {
  readonly kind: "start";
  readonly problem: MetaProblem;
  readonly folder: string;
}

/** The part of a step that is to be computed: the gradient of one batch, or a step on each of several. */
export interface Work {
  readonly kind: "gradient" | "local steps";
  /** Which group or stream of the step: it names the files. */
  readonly slot: number;
  readonly batches: number;
  /** The shape of its groups. */
  readonly group: GroupShape;
}

/** To a piece of work; `failed` says why there is no result. */
export type Answer = { readonly failed?: string };

/** Where a step starts from. */
export const startFile = (folder: string): string => join(folder, "start");
export const batchFile = (folder: string, slot: number, batch: number): string =>
  join(folder, `batch-${slot}-${batch}`);
export const resultFile = (folder: string, slot: number): string => join(folder, `result-${slot}`);

/** Room for what the files hold: each call makes new memory, into which they are read again and again. */
export interface Rooms {
  point(): Host<MetaPoint>;
  state(): Host<MetaState>;
  batch(group: GroupShape): Host<MetaBatch>;
  gradient(): Host<GroupGradient>;
  ends(steps: number): Ends;
}

/** A state and the metrics of several steps, a vector each. */
export interface Ends {
  readonly state: Host<MetaState>;
  readonly metrics: ReturnType<typeof vectors<string>>;
}

export function roomsFor(problem: MetaProblem): Rooms {
  const state = () => initMetaState(key(0), problem);
  const point = () => {
    const { params, stats } = state();
    return { params, stats };
  };
  return {
    point,
    state,
    batch: (group) => {
      const { images, classes, domain } = metaBatchSpec({ ...problem, group });
      return {
        images: { shape: images.shape, data: new Uint8Array(sizeOf(images.shape)) },
        classes: hostTensor(classes.shape),
        ...(domain ? { domain: hostTensor(domain.shape) } : {}),
      };
    },
    gradient: () => {
      const { params: gradient, stats } = point();
      return { gradient, stats, metrics: vectors(GROUP_METRICS, []) };
    },
    ends: (steps) => ({ state: state(), metrics: vectors([...GROUP_METRICS, "gradientNorm"], [steps]) }),
  };
}

const vectors = <Name extends string>(names: readonly Name[], shape: readonly number[]) =>
  Object.fromEntries(names.map((name) => [name, hostTensor(shape)])) as Record<Name, ReturnType<typeof hostTensor>>;

/** What `make` gives for each index, made once. */
export function madeOnce<T>(make: (index: number) => T): (index: number) => T {
  const made = new Map<number, T>();
  return (index) => {
    const known = made.get(index) ?? make(index);
    made.set(index, known);
    return known;
  };
}

/** Room for batches of each shape, made once. */
export function batchRooms(rooms: Rooms): (index: number, group: GroupShape) => Host<MetaBatch> {
  const made = new Map<string, (index: number) => Host<MetaBatch>>();
  return (index, group) => {
    const name = shapeName(group);
    const ofShape = made.get(name) ?? madeOnce(() => rooms.batch(group));
    made.set(name, ofShape);
    return ofShape(index);
  };
}

export function asEnds({ state, metrics }: LocalResult): Ends {
  const names = Object.keys(metrics[0]!);
  const vector = (name: string) =>
    hostTensor(
      [metrics.length],
      metrics.map((step) => step[name]!),
    );
  return { state, metrics: Object.fromEntries(names.map((name) => [name, vector(name)])) };
}

export function asResult({ state, metrics }: Ends): LocalResult {
  const names = Object.keys(metrics);
  const steps = Array.from(metrics[names[0]!]!.data, (_, step) =>
    Object.fromEntries(names.map((name) => [name, metrics[name]!.data[step]!])),
  );
  return { state, metrics: steps };
}
