// An episode: a place where work is disturbed a few times, looked at after each disturbance, and then left to come to its end,
// which must be the undisturbed one. What an episode does is a function of seed, scenario and number.

import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fold, type Key, key, uniform } from "../../src/tensor/random.ts";
import type { Exit } from "../built-program.ts";
import type { Disk, Room } from "./disk.ts";
import { type Course, describeMoment, drawMoment, type Moment, runUntil } from "./moments.ts";
import { countOperations, type ProcessOptions, run } from "./process.ts";
import { differences, leftovers, namesBelow } from "./reading.ts";
import type { Ground, Outcome, Scenario } from "./scenario.ts";

/** A scenario with its inputs, and what it does undisturbed. */
export interface Work {
  readonly name: string;
  readonly scenario: Scenario;
  readonly ground: Ground;
  readonly course: Course;
  /** What the place takes on a disk in the end. */
  readonly size: { readonly kilobytes: number; readonly files: number };
  readonly end: Outcome;
}

export interface Disturbance {
  readonly kind: "kill" | "full disk";
  readonly what: string;
  readonly moment?: Moment["kind"];
  /** Killed while it wrote: at an operation on the file system, or with a temporary left behind. */
  readonly inWriting?: boolean;
  /** Something was there already that the disturbed process went on with. */
  readonly isResumed: boolean;
}

export interface Finding {
  readonly scenario: string;
  readonly episode: number;
  /** What was done before, the last disturbance last. */
  readonly after: readonly string[];
  readonly problem: string;
}

export interface Episode {
  readonly disturbances: readonly Disturbance[];
  /** Kills of what served the work. */
  readonly killsBeside: number;
  readonly findings: readonly Finding[];
}

/** Runs a scenario undisturbed. */
export async function learnCourse(name: string, scenario: Scenario, ground: Ground, folder: string): Promise<Work> {
  const place = join(folder, `${name}-undisturbed`);
  await layPlace(scenario, ground, place);
  const args = await scenario.command(place, ground);
  const start = performance.now();
  const operations = await countOperations(args, optionsAt(place, scenario, ground));
  const seconds = (performance.now() - start) / 1000;
  const [end, size] = [await scenario.outcome(place, ground), await sizeOf(place)];
  await rm(place, { recursive: true });
  return { name, scenario, ground, course: { seconds, operations }, size, end };
}

/** Kills the work at `place` at most `most` times. */
export async function killEpisode(work: Work, place: string, plan: Plan): Promise<Episode> {
  const source = sourceOf(work, plan, "kill");
  return disturb(work, place, plan, source, async (i, served) => {
    const moment = drawMoment(fold(source, i), work.course, plan.moments);
    const before = new Set(await leftovers(place));
    const isResumed = (await namesBelow(place)).length > 0;
    const args = [...(await work.scenario.command(place, work.ground)), ...served];
    const options = { ...optionsAt(place, work.scenario, work.ground), place, seconds: work.course.seconds };
    const exit = await runUntil(moment, args, options);
    const said = /killed at operation .*/.exec(exit.stderr)?.[0];
    const what = said ?? describeMoment(moment);
    if (exit.signal !== "SIGKILL") return { what, exit, isHit: false };
    const isLeft = (await leftovers(place)).some((name) => name.includes(".tmp-") && !before.has(name));
    const inWriting = moment.kind === "operation" || isLeft;
    return { what, exit, isHit: true, disturbance: { kind: "kill", what, moment: moment.kind, inWriting, isResumed } };
  });
}

/** Fills the disk under the work at most `most` times, then frees it. */
export async function fullDiskEpisode(work: Work, disk: Disk, plan: Plan): Promise<Episode> {
  const source = sourceOf(work, plan, "full disk");
  const place = join(disk.path, "place");
  try {
    return await disturb(work, place, plan, source, async (i, served) => {
      const room = drawRoom(fold(source, i), work.size);
      const what = "files" in room ? `room for ${room.files} files` : `room for ${room.kilobytes} kB`;
      const isResumed = (await namesBelow(place)).length > 0;
      const args = [...(await work.scenario.command(place, work.ground)), ...served];
      await disk.leave(room);
      const exit = await run(args, optionsAt(place, work.scenario, work.ground));
      await disk.free();
      const isHit = exit.code !== 0 || work.scenario.goesOnWithout?.test(exit.stdout + exit.stderr) === true;
      return { what, exit, isHit, ...(isHit ? { disturbance: { kind: "full disk", what, isResumed } } : {}) };
    });
  } finally {
    await disk.free();
    await rm(place, { recursive: true, force: true });
  }
}

export interface Plan {
  readonly seed: number;
  readonly episode: number;
  /** Disturbances, at most. */
  readonly most: number;
  /** Kills at moments of this kind alone. */
  readonly moments?: Moment["kind"];
  readonly signal?: AbortSignal;
}

interface Attempt {
  readonly what: string;
  readonly exit: Exit;
  /** Whether the process was disturbed at all; else it came to its end. */
  readonly isHit: boolean;
  readonly disturbance?: Disturbance;
}

async function disturb(
  work: Work,
  place: string,
  { episode, most, signal }: Plan,
  source: Key,
  attempt: (i: number, served: readonly string[]) => Promise<Attempt>,
): Promise<Episode> {
  const { name: scenario, ground } = work;
  await using beside = await work.scenario.beside?.(ground, fold(source, "beside"));
  const served = beside?.args ?? [];
  const disturbances: Disturbance[] = [];
  const findings: Finding[] = [];
  const after: string[] = [];
  const find = (problems: readonly string[]): void => {
    findings.push(...problems.map((problem) => ({ scenario, episode, after: [...after], problem })));
  };
  await layPlace(work.scenario, ground, place);
  for (let i = 0; i < Math.min(most, work.scenario.disturbancesEach) && findings.length === 0; i++) {
    const { what, exit, isHit, disturbance } = await attempt(i, served);
    signal?.throwIfAborted();
    after.push(isHit ? what : `${what} (it came to its end before)`);
    if (disturbance) disturbances.push(disturbance);
    if (disturbance?.kind === "full disk") find([...refusalProblems(exit), ...(await leftoverProblems(place))]);
    else if (!isHit && exit.code !== 0) find([`it failed: ${outputOf(exit)}`]);
    find(await work.scenario.inspect(place, ground, work.end));
    if (!isHit) break;
  }
  if (findings.length === 0) {
    const args = [...(await work.scenario.command(place, ground)), ...served];
    const exit = await run(args, optionsAt(place, work.scenario, ground));
    signal?.throwIfAborted();
    after.push("run to its end");
    find(await endProblems(work, place, exit));
  }
  await rm(place, { recursive: true, force: true });
  return { disturbances, killsBeside: beside?.kills ?? 0, findings };
}

/** A full disk must be told as what it is, with a way out and no stack trace, and never by exit code 0 alone. */
function refusalProblems({ code, signal, stdout, stderr }: Exit): string[] {
  const said = stdout + stderr;
  const isTold = /cannot write ".*": no space left on the disk/.test(said);
  if (code === 0 && isTold) return [];
  const isHinted = /^hint: /m.test(said) && !/^\s+at /m.test(said);
  return code === 1 && isTold && isHinted
    ? []
    : [`a full disk ended it with ${signal ?? `exit code ${code}`}: ${said}`];
}

async function endProblems(work: Work, place: string, exit: Exit): Promise<string[]> {
  if (exit.code !== 0) return [`left alone, it failed: ${outputOf(exit)}`];
  try {
    const outcome = await work.scenario.outcome(place, work.ground);
    return [...differences(outcome, work.end), ...(await leftoverProblems(place))];
  } catch (error) {
    return [`its results do not read: ${(error as Error).message}`];
  }
}

async function leftoverProblems(place: string): Promise<string[]> {
  return (await leftovers(place)).map((name) => `${name} stays for ever`);
}

const outputOf = ({ code, stdout, stderr }: Exit): string => `exit code ${code}, ${stderr || stdout}`;

async function layPlace(scenario: Scenario, ground: Ground, place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  await scenario.prepare?.(place, ground);
}

function optionsAt(place: string, { cache }: Scenario, { folder }: Ground): ProcessOptions {
  return { cwd: folder, ...(cache ? { cache: cache(place) } : {}) };
}

function sourceOf({ name }: Work, { seed, episode }: Plan, kind: Disturbance["kind"]): Key {
  return fold(fold(fold(key(seed), kind), name), episode);
}

function drawRoom(source: Key, { kilobytes, files }: Work["size"]): Room {
  const [kind, share] = uniform(fold(source, "room"), 2);
  if (kind! < 0.2) return { files: Math.floor(share! * files) };
  return { kilobytes: 4 * Math.floor((share! * kilobytes) / 4) };
}

async function sizeOf(folder: string): Promise<Work["size"]> {
  const names = await namesBelow(folder);
  let kilobytes = 0;
  for (const name of names.filter((one) => existsSync(join(folder, one)))) {
    const found = await stat(join(folder, name));
    if (found.isFile()) kilobytes += 4 * Math.ceil(found.size / 4096);
  }
  return { kilobytes, files: names.length };
}
