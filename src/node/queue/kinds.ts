// What is handed out by queues: a kind of job, its data as a schema, and the name of its queue. Processes of another version
// have queues of another name, so that they never see each other's jobs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { PACKAGE_ROOT } from "../package-root.ts";

/** What all names in a Redis begin with. */
export const PREFIX = "pudnet";

/** So many workers may die over one job before it is given up. */
export const MOST_DEATHS = 3;

/** Seconds that jobs stay which nobody fetched the result of. */
export const KEPT_SECONDS = 24 * 3600;

/** A kind of job. Jobs and results are data that schemas check wherever they are read. */
export interface JobKind<Job, Result> {
  /** "train", "cells": letters, digits and dashes. */
  readonly name: string;
  /** Of the schemas and of what they mean: to be raised whenever either changes. */
  readonly format: number;
  readonly job: z.ZodType<Job>;
  readonly result: z.ZodType<Result>;
}

/**
 * The queue of a kind of job: its name and format, and the version of this package.
 * @example queueName({ name: "train", format: 1 }) // "train-1-pudnet-0.1.0"
 */
export function queueName({ name, format }: { readonly name: string; readonly format: number }): string {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as { version: string };
  return `${name}-${format}-pudnet-${version}`;
}
