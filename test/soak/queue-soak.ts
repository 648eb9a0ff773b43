// Episodes of cells through a queue, until so many processes were killed; what was found, as JSON and as Markdown made from it.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { invariant, UserError } from "../../src/errors.ts";
import { writeFileAtomic } from "../../src/node/files/atomic-file.ts";
import { type Provenance, provenance } from "../../src/node/provenance.ts";
import { formatDuration } from "../../src/report/progress-table.ts";
import { noRedis } from "../redis.ts";
import { queueEpisode, type Victim, withoutQueue } from "./queue-episode.ts";
import type { Ground } from "./scenario.ts";

/** Fewer kills are for trying things out. */
export const LEAST_QUEUE_KILLS = 100;
/** Kills of one episode, the longest pause between two, and how soon the work of a killed worker is taken. */
const SETTING = { most: 8, pause: 8000, lockSeconds: 10 };
/** Of so many episodes without a kill, one after the other, something is wrong. */
const PATIENCE = 10;

interface QueueRecord {
  readonly origin: Provenance;
  readonly date: string;
  readonly seed: number;
  readonly asked: number;
  readonly seconds: number;
  readonly kills: Readonly<Record<Victim, number>>;
  /** Whose results were compared with those of one process without a queue. */
  readonly episodes: number;
  readonly findings: readonly { readonly episode: number; readonly after: string; readonly problem: string }[];
}

/** Plays episodes until `kills` are done, or one alone. @throws UserError where there is no Redis */
export async function soakQueue(
  ground: Ground,
  { kills: asked, seed, episode: only }: { kills: number; seed: number; episode?: number | undefined },
  note: (line: string) => void,
): Promise<QueueRecord> {
  if (noRedis !== undefined) throw new UserError(noRedis);
  const begun = performance.now();
  const expected = await withoutQueue(ground);
  const kills = { worker: 0, submitter: 0, Redis: 0 };
  const findings: QueueRecord["findings"][number][] = [];
  let [done, idle, episode] = [0, 0, only ?? 0];
  for (; done < asked; episode++) {
    const plan = { ...SETTING, seed, episode, most: Math.min(SETTING.most, asked - done) };
    const played = await queueEpisode(ground, expected, plan);
    for (const victim of played.kills) kills[victim]++;
    done += played.kills.length;
    findings.push(...played.problems.map((problem) => ({ episode, after: played.kills.join(), problem })));
    for (const problem of played.problems) note(`episode ${episode}, after ${played.kills.join()}: ${problem}`);
    note(`kills ${done}/${asked}, ${findings.length} findings`);
    for (const place of [`queue-${episode}`, `queue-${episode}-workers`])
      await rm(join(ground.folder, place), { recursive: true, force: true });
    if (only !== undefined) break;
    idle = played.kills.length > 0 ? 0 : idle + 1;
    invariant(idle < PATIENCE, () => `${PATIENCE} episodes without a kill`);
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  const date = new Date().toISOString().slice(0, 10);
  const episodes = only === undefined ? episode : 1;
  return { origin: await provenance(), date, seed, asked, seconds, kills, episodes, findings };
}

export function queueSummary({ kills, episodes, findings }: QueueRecord): string {
  const counts = Object.entries(kills).map(([victim, count]) => `${count} of a ${victim}`);
  return `kills: ${counts.join(", ")}; ${episodes} ends compared, ${findings.length} findings`;
}

/** Writes soak-queue.json and soak-queue.md to a folder. */
export async function storeQueueRecord(record: QueueRecord, folder: string): Promise<void> {
  await writeFileAtomic(join(folder, "soak-queue.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  await writeFileAtomic(join(folder, "soak-queue.md"), markdown(record));
}

function markdown({ origin, date, seed, asked, seconds, kills, episodes, findings }: QueueRecord): string {
  const { machine, versions, commit } = origin;
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const found = findings.map(
    ({ episode, after, problem }) =>
      `\`\`\`\nepisode ${episode}, after ${after}: ${problem}\n  again: npm run soak -- queue --seed ${seed} --episode ${episode}\n\`\`\``,
  );
  return `# Soak test of cells through a queue

\`npm run soak -- queue\` kills workers, the submitter and the Redis (SIGKILL; each is started again) at random moments while four cells
of Table I are made by two workers, and compares what comes out with what one process makes without a queue: evaluations, weights,
logs and pages are the same, byte for byte (measured times aside). Made from \`soak-queue.json\`; \`test/soak/queue-episode.ts\` says what is done.

| killed | times |
| --- | ---: |
| worker | ${kills.worker} |
| submitter | ${kills.submitter} |
| Redis | ${kills.Redis} |
| all | ${kills.worker + kills.submitter + kills.Redis} |

- ${asked} kills were asked for; ${episodes} ends compared, ${findings.length} findings.
- No parcel lost more than two workers: after the third the queue gives it up, which is another test's matter.
- Seed ${seed}, ${date}, ${formatDuration(seconds)}; commit \`${commit ?? "unknown"}\`.
- ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${libraries.join(", ")}.

## Findings

${findings.length === 0 ? "None." : found.join("\n\n")}
`;
}
