// The config of a meta-training run, checked: what a schema can say, and what it cannot.

import type { GroupShape } from "../data/groups.ts";
import { badUse, closest, UserError } from "../errors.ts";
import { checked, checkSchedule } from "./checked-config.ts";
import {
  type BaseConfig,
  baseSchema,
  configSchema,
  shapesOf,
  type SingleConfig,
  type TrainConfig,
} from "./config-schema.ts";

/**
 * Checks plain data (a parsed YAML file) against the schema and fills in the defaults.
 * @throws UserError that names the file, the key, what was found and the nearest known key
 */
export function parseTrainConfig(data: unknown, file: string): TrainConfig {
  const config = checked(configSchema, data, file);
  checkParallelism(config, file);
  checkSources(config, file);
  checkSchedule(config, file);
  const { group, validation } = config;
  const [{ shots }] = shapesOf(config) as [GroupShape];
  if (shots > validation.generation) {
    throw new UserError(
      `${file}: group.${"shapes" in group ? "shapes[0]." : ""}shots (${shots}) is more than validation.generation (${validation.generation})`,
      {
        hint: "centroids take their shots from the generation images",
        exitCode: 2,
      },
    );
  }
  return config;
}

/**
 * The same for a training on one data set with groups of one shape.
 * @throws UserError for another one, too
 */
export function parseSingleConfig(data: unknown, file: string): SingleConfig {
  const config = parseTrainConfig(data, file);
  const { data: of, group } = config;
  if ("sources" in of || "shapes" in group) {
    throw new UserError(`${file} is of several sources or shapes, where one of each is expected`, { exitCode: 2 });
  }
  return { ...config, data: of, group };
}

/**
 * A config of a supervised training, checked in the same way.
 * @throws UserError that names the file, the key, what was found and the nearest known key
 */
export function parseBaseConfig(data: unknown, file: string): BaseConfig {
  const config = checked(baseSchema, data, file);
  checkSources(config, file);
  checkSchedule(config, file);
  checkTeacher(config, file);
  const known = config.data.sources.filter(({ role }) => role === "train").map(({ dataset }) => dataset);
  for (const list of ["mirrored", "turned"] as const) {
    const stray = config.variation[list].find((name) => !known.includes(name));
    if (stray === undefined) continue;
    const near = closest(stray, known);
    throw new UserError(`${file}: variation.${list} has "${stray}", which is no training source`, {
      hint: near ? `did you mean "${near}"?` : `name sources as data.sources does: ${known.join(", ")}`,
      exitCode: 2,
    });
  }
  return config;
}

/** @throws UserError where a teacher has no say */
function checkTeacher({ teacher }: BaseConfig, file: string): void {
  if (!teacher || teacher.weight > 0 || teacher.similarity > 0) return;
  throw new UserError(`${file}: teacher.weight and teacher.similarity are 0, and nothing is learned of the teacher`, {
    hint: "set teacher.weight, such as to 0.9, or leave the teacher out",
    exitCode: 2,
  });
}

/** Whether plain data is meant as a config of a supervised training. */
export function isBaseConfig(data: unknown): boolean {
  return typeof data === "object" && data !== null && "method" in data;
}

/** @throws UserError where what is said of a source says nothing, or nothing is trained on */
function checkSources({ data }: Pick<TrainConfig | BaseConfig, "data">, file: string): void {
  if (!("sources" in data)) return;
  const refuse = (what: string, hint: string): never => badUse(`${file}: ${what}`, hint);
  for (const [i, { dataset: name, role, split: ofSplit, weight, ...more }] of data.sources.entries()) {
    if (role === "train") continue;
    const turned = ("turnedClasses" in more && more.turnedClasses) || undefined;
    const [idle] = Object.entries({ split: ofSplit, weight, turnedClasses: turned }).find(
      ([, value]) => value !== undefined,
    ) ?? [undefined];
    if (idle !== undefined) {
      const hint =
        idle === "split" ? "leave the split out, or the role; leaveOut names single classes" : `leave ${idle} out`;
      refuse(`data.sources[${i}].${idle} says nothing of "${name}", which is for validation alone`, hint);
    }
  }
  const trained = data.sources.filter(({ role }) => role === "train");
  if (trained.length === 0) refuse("data.sources are all for validation", "give one of them role: train");
  const unweighted = trained.find(({ weight }) => weight === undefined);
  const weighted = trained.find(({ weight }) => weight !== undefined);
  if (unweighted && weighted) {
    refuse(
      `data.sources: "${weighted.dataset}" has a weight (${weighted.weight}), "${unweighted.dataset}" has none`,
      "give all training sources a weight, or none: they are shares of each other",
    );
  }
}

/** @throws UserError where local steps are of nothing, or are cut by what happens between steps */
function checkParallelism(config: TrainConfig, file: string): void {
  const { groupsPerStep = 1, localSteps = 1, device } = config;
  const refuse = (what: string, hint: string): never => badUse(`${file}: ${what}`, hint);
  if (groupsPerStep === 1 && localSteps > 1) {
    refuse(`localSteps (${localSteps}) says nothing of one group a step`, "set groupsPerStep, or leave localSteps out");
  }
  if (groupsPerStep > 1 && device !== "cpu") {
    refuse(`groupsPerStep (${groupsPerStep}) is for the CPU, not for ${device}`, "set device to cpu");
  }
  const { steps, logEvery, validation } = config;
  const cut = Object.entries({ steps, logEvery, "validation.every": validation.every }).find(
    ([, value]) => value % localSteps !== 0,
  );
  if (cut === undefined) return;
  const [name, value] = cut;
  const nearest = Math.max(1, Math.round(value / localSteps)) * localSteps;
  refuse(`${name} (${value}) is no multiple of localSteps (${localSteps})`, `set ${name} to ${nearest}`);
}
