// A checkpoint judged on the domains that a training config names, and on further folders: a record a domain, with a row a group.

import { join } from "node:path";
import { positionsByClass } from "../../data/dataset.ts";
import type { TestGroupShape } from "../../data/groups.ts";
import { badUse, UserError } from "../../errors.ts";
import { predictsKernels } from "../../hypernet/pudnet.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { Predictor } from "../../predict/predictor.ts";
import { type Estimate, estimate } from "../../statistics.ts";
import type { CompileOptions } from "../../tensor/program.ts";
import type { StrengthChoice } from "../../train/change-strengths.ts";
import { strengthsOf } from "../../train/gate.ts";
import type { BaseConfig, SourceConfig, TrainConfig } from "../../train/config-schema.ts";
import { domainEvaluator } from "../../train/evaluation/domains.ts";
import { type EvaluationData, evaluationKey } from "../../train/evaluation/groups.ts";
import type { CheckpointFile, EvaluationRecipe } from "../../train/evaluation/recipe.ts";
import type { SketchSource } from "../../train/evaluation/sketch-sources.ts";
import { loadPudNet } from "../checkpoints/pudnet.ts";
import { fileHash } from "../files/file-hash.ts";
import { type LoadDataOptions, type LoadedSource, loadSources, sourceMaterials } from "../runs/load-training-data.ts";
import { completeRecords } from "./complete.ts";
import { checkpointName, recordName } from "./identity.ts";
import type { Materials } from "./materials.ts";

export interface EvaluateDomainsRequest extends CompileOptions, LoadDataOptions {
  /** Checkpoint file of a PudNet. */
  readonly model: string;
  /** Of a training config: its sources are the domains. Of those that it trains on, groups have held-out classes. */
  readonly data: (TrainConfig | BaseConfig)["data"];
  /** Further data sets that were not trained on, of which groups have all classes. */
  readonly also: readonly string[];
  /** Which classes of those that are trained on: the test's, or those of validation. */
  readonly classes: "test" | "val";
  readonly sketch: SketchSource;
  /** How much of a predicted change is made: all by default. */
  readonly strength?: StrengthChoice | undefined;
  /** `generation` labelled images a class are all there is. */
  readonly shape: TestGroupShape & { readonly groups: number };
  readonly seed: number;
  /** Folder of records; without it nothing is kept. */
  readonly out?: string | undefined;
  /** Told of each domain when it is done. */
  readonly onDomain?: (domain: JudgedDomain) => void;
  /** Told, a line each, what a user should know. */
  readonly onNote?: (line: string) => void;
}

export interface JudgedDomain {
  readonly name: string;
  readonly isTrained: boolean;
  /** By head. */
  readonly accuracy: Readonly<Record<string, Estimate>>;
}

/**
 * Evaluates what is not known yet.
 * @throws UserError where groups cannot be drawn, a sketch is asked for that the model does not read, or what is known was made from
 *   other images, classes or weights; the signal's reason
 */
export async function evaluateDomains(request: EvaluateDomainsRequest): Promise<JudgedDomain[]> {
  const { signal, onDomain, device, threads } = request;
  const model = await loadPudNet(request.model);
  requireSketch(request, model);
  if (request.strength !== undefined) strengthsOf(model, request.strength); // what cannot be is told before the data is read
  const sources = await loadSources(sourcesOf(request, model), "square-1", request);
  const setting: Setting = {
    request,
    sha256: await fileHash(request.model),
    trained: trainedOf(request, sources),
  };
  const domains = judgedSources(setting, sources);
  const predictor = await Predictor.create(model, { ...(device ? { device } : {}), threads });
  try {
    const judged: JudgedDomain[] = [];
    for (const source of domains) {
      const plan = planOf(setting, source, predictor);
      const [groups = []] = await completeRecords([plan], { signal });
      const heads = Object.keys(groups[0]?.accuracy ?? {});
      const accuracy = heads.map((head) => [head, estimate(groups.map((group) => group.accuracy[head]!))] as const);
      judged.push({ name: source.name, isTrained: source.role === "train", accuracy: Object.fromEntries(accuracy) });
      onDomain?.(judged.at(-1)!);
    }
    return judged;
  } finally {
    await predictor.release();
  }
}

/** @throws UserError for a control that would be no other than the group's own sketch */
function requireSketch({ sketch }: EvaluateDomainsRequest, { config }: PudNetModel): void {
  if (sketch === "own" || (predictsKernels(config) && config.sketch !== "constant")) return;
  const what = predictsKernels(config) ? "its sketch is a learned constant" : "it is a static network";
  throw new UserError(`--sketch ${sketch} says nothing of this checkpoint: ${what}`, {
    hint: "leave --sketch out",
    exitCode: 2,
  });
}

/** The sources of the config and the further ones, at the side of the model's images. */
function sourcesOf({ data, also, classes }: EvaluateDomainsRequest, { arch }: PudNetModel) {
  if (!("sources" in data))
    return badUse("the config is of one data set, not of several sources", "give --data in place of --config");
  if (classes === "val" && data.trainOn === "train+val")
    return badUse("the config trains on the validation classes", "leave --classes out: test classes are judged on");
  const sources: SourceConfig[] = [
    ...data.sources.map((source) => ({ turnedClasses: false, ...source })),
    ...also.map((dataset) => ({ dataset, role: "validation" as const, turnedClasses: false })),
  ];
  return { sources, root: data.root, side: arch.side };
}

interface Setting {
  readonly request: EvaluateDomainsRequest;
  readonly sha256: string;
  /** What other sketches than a group's own are of. */
  readonly trained: readonly TrainedSource[];
}

interface TrainedSource {
  readonly name: string;
  readonly data: EvaluationData;
  readonly materials: Materials;
}

/** Of the sources that are trained on the classes that are, with enough images for a group. */
function trainedOf(
  { data: { trainOn }, sketch, shape }: EvaluateDomainsRequest,
  sources: readonly LoadedSource[],
): TrainedSource[] {
  if (sketch === "own") return [];
  return sources.flatMap((source) => {
    const { train, val } = source.split;
    const classes = source.role === "train" ? [...train, ...(trainOn === "train" ? [] : val)] : [];
    const data = dataOf(source, classes, shape);
    return data.pool.classes.length >= shape.ways
      ? [{ name: source.name, data, materials: sourceMaterials(source) }]
      : [];
  });
}

/** Some classes of a source: those with enough images for a group. */
function dataOf({ name, dataset }: LoadedSource, classes: readonly number[], shape: TestGroupShape): EvaluationData {
  const { part } = dataset;
  const positions = positionsByClass(dataset);
  const { generation, test } = shape;
  const isEnough = (of: readonly number[]): boolean => {
    if (!part) return of.length >= generation + test;
    const published = of.filter((position) => part[position] === 1).length;
    return published >= test && of.length - published >= generation;
  };
  const pool = { positions, classes: classes.filter((c) => isEnough(positions[c]!)) };
  return { dataset, pool, domains: [{ name, pool }], part };
}

interface JudgedSource extends LoadedSource {
  readonly judged: EvaluationData;
}

/** @throws UserError where groups of a source cannot be drawn, or no source has any */
function judgedSources({ request, trained }: Setting, sources: readonly LoadedSource[]): JudgedSource[] {
  const { sketch, shape, onNote } = request;
  const isSkipped = ({ name, role }: LoadedSource, classes: readonly number[]): string | undefined => {
    if (classes.length === 0) return "holds no class out";
    if (sketch === "other-classes" && (role !== "train" || trained.every((one) => one.name !== name)))
      return "has no training classes for another sketch";
    if (sketch === "other-domain" && trained.every((one) => one.name === name)) return "no other domain was trained on";
    return undefined;
  };
  const judged = sources.flatMap((source) => {
    const { name, role, split } = source;
    const classes = role === "train" ? split[request.classes] : split.val;
    const reason = isSkipped(source, classes);
    if (reason !== undefined) {
      onNote?.(`note: ${name} is left out: ${reason}`);
      return [];
    }
    const data = dataOf(source, classes, shape);
    const { ways, generation, test } = shape;
    if (data.pool.classes.length < ways) {
      throw new UserError(
        `groups of "${name}" cannot be drawn: they have ${ways} classes of ${generation} + ${test} pictures, and of its ${classes.length} classes ${data.pool.classes.length} have so many`,
        { hint: "lower --ways, --generation or --test", exitCode: 2 },
      );
    }
    return [{ ...source, judged: data }];
  });
  if (judged.length > 0) return judged;
  throw new UserError("there is no domain to evaluate on", { hint: "add one with --also FOLDER", exitCode: 2 });
}

function planOf({ request, sha256, trained }: Setting, source: JudgedSource, predictor: Predictor) {
  const { sketch, classes, strength, shape, seed, out, device, threads } = request;
  const { dataset, judged } = source;
  const part = strength === undefined ? {} : { strength };
  const others = trained.length > 0 ? { trained: trained.map(({ name }) => name) } : {};
  const recipe: EvaluationRecipe<CheckpointFile> = {
    kind: "pudnet",
    network: { method: "file", sha256 },
    norm: "generation",
    ...part,
    protocol: {
      dataset: source.name,
      side: dataset.side,
      classes: source.source.split === undefined ? "all" : { testOf: source.source.split },
      ...shape,
      shots: shape.generation,
      seed,
    },
    domain: { sketch, classes, ...others },
  };
  const groups = {
    ...(device ? { device } : {}),
    threads,
    data: judged,
    shape: { ...shape, shots: shape.generation },
    key: evaluationKey(seed),
  };
  return {
    ...(out === undefined ? {} : { path: join(out, recordName(recipe, checkpointName)) }),
    recipe,
    evaluator: async () =>
      domainEvaluator(predictor, groups, { sketch, trained: trained.map(({ data }) => data), ...part }),
    madeFrom: async (): Promise<Materials> => ({
      ...Object.assign({}, ...trained.map(({ materials }) => materials)),
      ...sourceMaterials(source),
      network: sha256.slice(0, 16),
    }),
  };
}
