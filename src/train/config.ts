// The config of a meta-training run, checked: what a schema can say, and what it cannot.

import type { z } from "zod";
import type { GroupShape } from "../data/tasks.ts";
import { closest, issueLines, UserError } from "../errors.ts";
import { configSchema, shapesOf, type SingleConfig, type TrainConfig } from "./config-schema.ts";

/**
 * Checks plain data (a parsed YAML file) against the schema and fills in the defaults.
 * @throws UserError that names the file, the key, what was found and the nearest known key
 */
export function parseTrainConfig(data: unknown, file: string): TrainConfig {
  const result = configSchema.safeParse(data, { reportInput: true });
  if (!result.success) {
    const issues = result.error.issues.flatMap(ofMeantOption);
    const stray = issues.find((issue) => issue.code === "unrecognized_keys");
    const unknown = stray?.keys[0];
    const near = stray && closest(unknown!, keysAt(stray.path));
    throw new UserError(`${file} is not a config of a training`, {
      details: issueLines(issues),
      hint: near ? `did you mean "${near}" instead of "${unknown}"?` : "see configs/ for examples",
      exitCode: 2,
    });
  }
  checkParallelism(result.data, file);
  checkSources(result.data, file);
  const { group, validation, steps, logEvery } = result.data;
  const [{ shots }] = shapesOf(result.data) as [GroupShape];
  if (validation.every > steps) {
    throw new UserError(`${file}: validation.every (${validation.every}) is more than steps (${steps})`, {
      hint: `set validation.every to at most ${steps}`,
      exitCode: 2,
    });
  }
  if (validation.every % logEvery !== 0 && validation.every !== steps) {
    throw new UserError(
      `${file}: validation.every (${validation.every}) is no multiple of logEvery (${logEvery}), and validations are made at log lines`,
      {
        hint: `set validation.every to ${Math.max(1, Math.round(validation.every / logEvery)) * logEvery}`,
        exitCode: 2,
      },
    );
  }
  if (shots > validation.generation) {
    throw new UserError(
      `${file}: group.${"shapes" in group ? "shapes[0]." : ""}shots (${shots}) is more than validation.generation (${validation.generation})`,
      {
        hint: "centroids take their shots from the generation images",
        exitCode: 2,
      },
    );
  }
  return result.data;
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

/** @throws UserError where what is said of a source says nothing, or nothing is trained on */
function checkSources({ data }: TrainConfig, file: string): void {
  if (!("sources" in data)) return;
  const refuse = (what: string, hint: string): never => {
    throw new UserError(`${file}: ${what}`, { hint, exitCode: 2 });
  };
  for (const [i, { dataset: name, role, split: ofSplit, weight, turnedClasses: turned }] of data.sources.entries()) {
    if (role === "train") continue;
    const [idle] = Object.entries({ split: ofSplit, weight, turnedClasses: turned || undefined }).find(
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
  const refuse = (what: string, hint: string): never => {
    throw new UserError(`${file}: ${what}`, { hint, exitCode: 2 });
  };
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

/** What is wrong by the one of two ways that a section is written in which it has the key of: `sources`, `shapes`. */
function ofMeantOption(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isSeveral = ["sources", "shapes"].some((name) => Object.hasOwn(Object(issue.input) as object, name));
  const meant = issue.errors[isSeveral ? 0 : 1] ?? [];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The keys that the schema knows at a path, by whichever way a section is written. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schemas = unwrapped(configSchema);
  for (const part of path)
    schemas = schemas.flatMap(({ shape, element }) =>
      unwrapped(typeof part === "number" ? element : shape?.[part as string]),
    );
  return schemas.flatMap(({ shape = {} }) => Object.keys(shape));
}

type Wrapped = {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly options?: readonly unknown[];
  readonly def?: { readonly innerType?: unknown };
};

/** A schema without what stands around it; of a union, its options. */
function unwrapped(schema: unknown): Wrapped[] {
  if (schema === undefined) return [];
  const { def, options } = schema as Wrapped;
  if (def?.innerType) return unwrapped(def.innerType);
  return options ? options.flatMap(unwrapped) : [schema as Wrapped];
}
