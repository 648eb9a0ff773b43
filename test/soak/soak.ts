// The order of things: episodes of all scenarios in turn, until each has had its share of the disturbances.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { invariant } from "../../src/errors.ts";
import type { Disk } from "./disk.ts";
import { type Disturbance, type Episode, fullDiskEpisode, killEpisode, type Work } from "./episodes.ts";

export interface SoakOptions {
  readonly seed: number;
  readonly kills: number;
  readonly fullDisks: number;
  /** Where places are made. */
  readonly folder: string;
  /** To be filled; not needed without full disks. */
  readonly disk?: Disk | undefined;
  /** Plays this episode of each scenario alone. */
  readonly episode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Played {
  readonly work: Work;
  readonly kind: Disturbance["kind"];
  readonly episode: Episode;
}

/** Of so many episodes that disturb nothing, one after the other, something is wrong. */
const PATIENCE = 50;

/** Plays episodes until all disturbances are done. @throws the signal's reason */
export async function* soak(works: readonly Work[], options: SoakOptions): AsyncGenerator<Played> {
  const weights = works.map(({ scenario }) => scenario.weight);
  const [kills, fullDisks] = [shares(options.kills, weights), shares(options.fullDisks, weights)];
  const waiting = works.flatMap((work, i) => [
    { work, kind: "kill" as const, left: kills[i]!, next: options.episode ?? 0, idle: 0 },
    { work, kind: "full disk" as const, left: fullDisks[i]!, next: options.episode ?? 0, idle: 0 },
  ]);
  while (waiting.some(({ left }) => left > 0)) {
    for (const one of waiting.filter(({ left }) => left > 0)) {
      options.signal?.throwIfAborted();
      const episode = await play(one, options);
      one.next++;
      one.left = options.episode === undefined ? one.left - episode.disturbances.length : 0;
      one.idle = episode.disturbances.length > 0 ? 0 : one.idle + 1;
      invariant(one.idle < PATIENCE, () => `${one.work.name}: ${PATIENCE} episodes without a ${one.kind}`);
      yield { work: one.work, kind: one.kind, episode };
    }
  }
}

async function play(
  { work, kind, left, next }: { work: Work; kind: Disturbance["kind"]; left: number; next: number },
  { seed, folder, disk, signal }: SoakOptions,
): Promise<Episode> {
  const plan = { seed, episode: next, most: left, ...(signal ? { signal } : {}) };
  if (kind === "full disk") {
    invariant(disk !== undefined, () => "no disk to fill");
    return fullDiskEpisode(work, disk, plan);
  }
  await mkdir(folder, { recursive: true });
  return killEpisode(work, join(folder, `${work.name}-${next}`), plan);
}

/** `total` in whole parts by weight. @example shares(10, [2, 1]) // [7, 3] */
function shares(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let [weighed, given] = [0, 0];
  return weights.map((weight) => {
    weighed += weight;
    const upTo = Math.round((total * weighed) / sum);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
