// What a soak test found: counts by scenario and findings, as JSON, and as Markdown made from it.

import { join } from "node:path";
import { writeFileAtomic } from "../../src/node/files/atomic-file.ts";
import { type Provenance, provenance } from "../../src/node/provenance.ts";
import { formatDuration } from "../../src/report/progress-table.ts";
import type { Finding, Work } from "./episodes.ts";
import type { Played } from "./soak.ts";

export interface ScenarioCounts {
  readonly about: string;
  /** Of a process that nobody disturbs. */
  readonly undisturbed: { readonly seconds: number; readonly operations: number };
  kills: number;
  /** By how the moment was chosen. */
  readonly moments: { time: number; temporary: number; operation: number };
  killsInWriting: number;
  /** Of processes that served the work, where any did. */
  killsBeside: number;
  fullDisks: number;
  /** Disturbed processes that had gone on with what an earlier one left. */
  resumed: number;
  /** Places whose work was left to come to its end and compared with the undisturbed one. */
  ends: number;
  findings: number;
}

export interface SoakRecord {
  readonly origin: Provenance;
  readonly date: string;
  readonly seed: number;
  /** Disturbances that were asked for; fewer are done where it was stopped. */
  readonly asked: { readonly kills: number; readonly fullDisks: number };
  seconds: number;
  /** Why no disk was filled, if none was. */
  readonly withoutDisks?: string;
  readonly scenarios: Readonly<Record<string, ScenarioCounts>>;
  readonly findings: Finding[];
}

export async function startRecord(
  works: readonly Work[],
  { seed, asked, withoutDisks }: Pick<SoakRecord, "seed" | "asked"> & { readonly withoutDisks: string | undefined },
): Promise<SoakRecord> {
  return {
    origin: await provenance(),
    date: new Date().toISOString().slice(0, 10),
    seed,
    asked,
    seconds: 0,
    ...(withoutDisks === undefined ? {} : { withoutDisks }),
    scenarios: Object.fromEntries(works.map(({ name, scenario, course }) => [name, countsOf(scenario.about, course)])),
    findings: [],
  };
}

function countsOf(about: string, { seconds, operations }: Work["course"]): ScenarioCounts {
  return {
    about,
    undisturbed: { seconds: Number(seconds.toFixed(2)), operations },
    kills: 0,
    moments: { time: 0, temporary: 0, operation: 0 },
    killsInWriting: 0,
    killsBeside: 0,
    fullDisks: 0,
    resumed: 0,
    ends: 0,
    findings: 0,
  };
}

export function addEpisode(record: SoakRecord, { work, episode }: Played): void {
  const counts = record.scenarios[work.name]!;
  const { disturbances, killsBeside, findings } = episode;
  counts.killsBeside += killsBeside;
  for (const { kind, moment, inWriting, isResumed } of disturbances) {
    if (kind === "kill") counts.kills++;
    else counts.fullDisks++;
    if (moment) counts.moments[moment]++;
    if (inWriting) counts.killsInWriting++;
    if (isResumed) counts.resumed++;
  }
  counts.ends++;
  counts.findings += findings.length;
  record.findings.push(...findings);
}

export function findingText({ scenario, episode, after, problem }: Finding, seed: number): string {
  return [
    `${scenario}, episode ${episode}: ${problem.trim()}`,
    ...after.map((one) => `  after: ${one}`),
    `  again: npm run soak -- --seed ${seed} --scenario ${scenario} --episode ${episode}`,
  ].join("\n");
}

/** Writes soak.json and soak.md to a folder. */
export async function storeRecord(record: SoakRecord, folder: string): Promise<void> {
  await writeFileAtomic(join(folder, "soak.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  await writeFileAtomic(join(folder, "soak.md"), recordMarkdown(record));
}

function recordMarkdown(record: SoakRecord): string {
  const { origin, date, seed, asked, seconds, scenarios, findings, withoutDisks } = record;
  const { machine, versions, commit } = origin;
  const total = (count: (one: ScenarioCounts) => number): number =>
    Object.values(scenarios).reduce((sum, one) => sum + count(one), 0);
  const rows = Object.entries(scenarios).map(([name, one]) => row([`${name}: ${one.about}`, ...cells(one)]));
  const columns = [
    "kills",
    "of these while writing",
    "kills beside",
    "full disks",
    "resumed",
    "ends compared",
    "findings",
  ];
  const totals = [
    total(({ kills }) => kills),
    total(({ killsInWriting }) => killsInWriting),
    total(({ killsBeside }) => killsBeside),
    total(({ fullDisks }) => fullDisks),
    total(({ resumed }) => resumed),
    total(({ ends }) => ends),
    findings.length,
  ];
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Soak test

\`npm run soak\` kills the program (SIGKILL) and fills its disk at random moments, lets it go on, and compares what it ends
with: metrics, weights and accuracies are those of an undisturbed run, byte for byte (measured times aside), nothing
half-written is ever read, and no temporary file stays. Made from \`soak.json\`; \`test/soak/scenarios.ts\` says what is
checked in each row.

${row(["scenario", ...columns])}
${row(["---", ...columns.map(() => "---:")])}
${rows.join("\n")}
${row(["all", ...totals.map(String)])}

- "while writing": killed at an operation on the file system (before it, or with half of a write done), or with a temporary
  file left behind; "beside": what served the work was killed, workers and the Redis of a queue; "resumed": the disturbed process had itself gone on with what an earlier one left.
- ${asked.kills} kills and ${asked.fullDisks} full disks were asked for${isWhole(record) ? "" : "; it was stopped before"}.
- Seed ${seed}, ${date}, ${formatDuration(seconds)}; commit \`${commit ?? "unknown"}\`.
- ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ${libraries.join(", ")}.
${withoutDisks === undefined ? "" : `- No disk was filled: ${withoutDisks}.\n`}
## Findings

${findings.length === 0 ? "None." : findings.map((one) => `\`\`\`\n${findingText(one, seed)}\n\`\`\``).join("\n\n")}
`;
}

function isWhole({ asked, scenarios }: SoakRecord): boolean {
  const all = Object.values(scenarios);
  const done = (count: (one: ScenarioCounts) => number): number => all.reduce((sum, one) => sum + count(one), 0);
  return done(({ kills }) => kills) >= asked.kills && done(({ fullDisks }) => fullDisks) >= asked.fullDisks;
}

function cells(counts: ScenarioCounts): string[] {
  const { kills, killsInWriting, killsBeside, fullDisks, resumed, ends, findings } = counts;
  return [kills, killsInWriting, killsBeside, fullDisks, resumed, ends, findings].map(String);
}

const row = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
