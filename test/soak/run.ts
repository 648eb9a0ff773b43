// npm run soak [-- --kills N --full-disks N --seed N --scenario NAME]: disturbs the program's work, looks at what is left, and
// stores what was found.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { wholeNumber } from "../../src/cli/options.ts";
import { printFailure } from "../../src/cli/output.ts";
import { requireKnown } from "../../src/errors.ts";
import { formatTimeLeft } from "../../src/report/progress-table.ts";
import { ROOT } from "../built-program.ts";
import { noRedis } from "../redis.ts";
import { Disk } from "./disk.ts";
import { learnCourse, type Work } from "./episodes.ts";
import { layGround } from "./ground.ts";
import { killAll } from "./process.ts";
import { addEpisode, findingText, type SoakRecord, startRecord, storeRecord } from "./record.ts";
import { LEAST_QUEUE_KILLS, queueSummary, soakQueue, storeQueueRecord } from "./queue-soak.ts";
import { SCENARIOS } from "./scenarios.ts";
import { soak } from "./soak.ts";

/** Fewer disturbances are for trying things out: what they find is not stored. */
const LEAST = { kills: 300, fullDisks: 100 };
const RESULTS = join(ROOT, "results");
const STOPPED = 130;

const program = new Command("soak")
  .description("Kill the program and fill its disk at random moments; what it ends with must be as if undisturbed.")
  .option("--kills <n>", "kills in all", wholeNumber(0), LEAST.kills)
  .option("--full-disks <n>", "full disks in all (needs the right to mount)", wholeNumber(0), LEAST.fullDisks)
  .option("--seed <n>", "decides all moments", wholeNumber(0), 1)
  .option("--scenario <name>", `of: ${Object.keys(SCENARIOS).join(", ")}; repeat for more`, collect, [])
  .option("--episode <n>", "play this episode of the scenarios alone, as a finding says", wholeNumber(0))
  .option("--no-store", "do not write to results/")
  .action(async ({ kills, fullDisks, seed, scenario: names, episode, store }) => {
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        stop.abort();
        killAll();
      });
    }
    const folder = await mkdtemp(join(tmpdir(), "pudnet-soak-"));
    const isAll = names.length === 0 && episode === undefined;
    const isStored = store && isAll && kills >= LEAST.kills && fullDisks >= LEAST.fullDisks;
    let record: SoakRecord | undefined;
    try {
      using disk = fullDisks > 0 ? Disk.mount() : undefined;
      const withoutDisks = fullDisks === 0 || disk ? undefined : "mounting one is not allowed here";
      if (withoutDisks !== undefined) note(`no disk is filled: ${withoutDisks}`);
      if (noRedis !== undefined) note(`no queue is disturbed: ${noRedis}`);
      const works = await learnCourses(names, folder, stop.signal);
      record = await startRecord(works, { seed, asked: { kills, fullDisks }, withoutDisks });
      const wanted = { kills, fullDisks: disk ? fullDisks : 0 };
      await play(works, record, { ...wanted, seed, episode, folder, disk, signal: stop.signal });
      await conclude(record, isStored);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      if (record) await conclude(record, isStored);
      note("stopped");
      process.exitCode = STOPPED;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

async function learnCourses(names: readonly string[], folder: string, signal: AbortSignal): Promise<Work[]> {
  for (const name of names) requireKnown("scenario", name, Object.keys(SCENARIOS));
  const ground = await layGround(join(folder, "ground"));
  const works: Work[] = [];
  for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) {
    const work = await learnCourse(name, SCENARIOS[name]!, ground, folder);
    signal.throwIfAborted();
    note(`${name}: undisturbed ${work.course.seconds.toFixed(1)} s, ${work.course.operations} operations on files`);
    works.push(work);
  }
  return works;
}

async function play(works: readonly Work[], record: SoakRecord, options: Parameters<typeof soak>[1]): Promise<void> {
  const start = performance.now();
  const show = progressLine();
  const total = options.kills + options.fullDisks;
  let [kills, fullDisks] = [0, 0];
  for await (const played of soak(works, options)) {
    addEpisode(record, played);
    for (const { kind } of played.episode.disturbances) {
      if (kind === "kill") kills++;
      else fullDisks++;
    }
    record.seconds = Math.round((performance.now() - start) / 1000);
    for (const finding of played.episode.findings) note(findingText(finding, options.seed));
    const left = formatTimeLeft(kills + fullDisks, total, record.seconds);
    const counts = `kills ${kills}/${options.kills}, full disks ${fullDisks}/${options.fullDisks}`;
    show(`${counts}, ${record.findings.length} findings, ${left} left (${played.work.name})`);
  }
  show(undefined);
}

/** What a stopped test has done so far is kept too, and says so. */
async function conclude(record: SoakRecord, isStored: boolean): Promise<void> {
  if (isStored) await storeRecord(record, RESULTS);
  for (const [name, counted] of Object.entries(record.scenarios)) {
    const { kills, killsInWriting, killsBeside, fullDisks, resumed, ends, findings } = counted;
    const counts = `${kills} kills (${killsInWriting} while writing), ${killsBeside} beside, ${fullDisks} full disks, ${resumed} resumed`;
    console.log(`${name}: ${counts}, ${ends} ends compared, ${findings} findings`);
  }
  console.log(isStored ? `stored in ${join(RESULTS, "soak.md")}` : "not stored");
  if (record.findings.length === 0) return;
  console.log(`${record.findings.length} findings: see above`);
  process.exitCode = 1;
}

/** A live line on a terminal; elsewhere a line now and then. */
function progressLine(): (line: string | undefined) => void {
  let shownAt = 0;
  return (line) => {
    if (process.stderr.isTTY) process.stderr.write(line === undefined ? "\r\x1b[K" : `\r${line}\x1b[K`);
    else if (line !== undefined && performance.now() - shownAt > 30_000) {
      shownAt = performance.now();
      note(line);
    }
  };
}

program
  .command("queue")
  .description("Kill workers, submitters and the Redis of cells that go through a queue.")
  .option("--kills <n>", `in all; fewer than ${LEAST_QUEUE_KILLS} are not stored`, wholeNumber(1), LEAST_QUEUE_KILLS)
  .option("--seed <n>", "decides all moments", wholeNumber(0), 1)
  .option("--episode <n>", "play this one alone, as a finding says", wholeNumber(0))
  .option("--no-store", "do not write to results/")
  .action(async ({ store, ...options }) => {
    const folder = await mkdtemp(join(tmpdir(), "pudnet-soak-"));
    try {
      const record = await soakQueue(await layGround(join(folder, "ground")), options, note);
      const isStored = store && options.episode === undefined && record.asked >= LEAST_QUEUE_KILLS;
      if (isStored) await storeQueueRecord(record, RESULTS);
      console.log(queueSummary(record));
      if (record.findings.length > 0) process.exitCode = 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

function collect(value: string, all: string[]): string[] {
  return [...all, value];
}

function note(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = printFailure(error);
}
