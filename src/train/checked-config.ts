// What all configs of trainings have in common: how plain data is checked against a schema, and when a training is judged.

import type { z } from "zod";
import { closest, issueLines, UserError } from "../errors.ts";

/**
 * Plain data (a parsed YAML file) by a schema, with the defaults filled in.
 * @throws UserError that names the file, the key, what was found and the nearest known key
 */
export function checked<S extends z.ZodType>(schema: S, data: unknown, file: string): z.infer<S> {
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(ofMeantOption);
  const stray = issues.find((issue) => issue.code === "unrecognized_keys");
  const unknown = stray?.keys[0];
  const near = stray && closest(unknown!, keysAt(schema, stray.path));
  throw new UserError(`${file} is not a config of a training`, {
    details: issueLines(issues),
    hint: near ? `did you mean "${near}" instead of "${unknown}"?` : "see configs/ for examples",
    exitCode: 2,
  });
}

interface Schedule {
  readonly steps: number;
  readonly logEvery: number;
  readonly validation: { readonly every: number };
}

/** @throws UserError where a training would end before it is judged, or is to be judged between two log lines */
export function checkSchedule({ steps, logEvery, validation }: Schedule, file: string): void {
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
}

/** What is wrong by the one of two ways that a section is written in which it has the key of: `sources`, `shapes`. */
function ofMeantOption(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isSeveral = ["sources", "shapes"].some((name) => Object.hasOwn(Object(issue.input) as object, name));
  const meant = issue.errors[isSeveral ? 0 : 1] ?? [];
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The keys that the schema knows at a path, by whichever way a section is written. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schemas = unwrapped(schema);
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
