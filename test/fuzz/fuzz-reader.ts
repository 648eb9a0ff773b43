// All inputs of one reader, in child processes: one that crashes, hangs or takes too much memory costs one input and is named.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLOCK_SECONDS, MEGABYTES, type Report } from "./limits.ts";
import { type Files, Finding } from "./reader.ts";
import { READERS } from "./readers.ts";
import { inputFiles } from "./try-input.ts";

export interface FoundInput {
  readonly index: number;
  readonly what: string;
  readonly files: Files;
}

export interface ReaderResult {
  readonly accepted: number;
  readonly refused: number;
  readonly findings: readonly FoundInput[];
  /** Of the processor, for the slowest input. */
  readonly slowest: { readonly index: number; readonly seconds: number };
  /** Of the process that reads, Node and libraries included. */
  readonly peakMegabytes: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  readonly onProgress: (done: number) => void;
}

/** Tries inputs 0 to `inputs` - 1; after one that ends its process, the next one begins a new process. */
export async function fuzzReader(name: string, { seed, inputs, onProgress }: FuzzOptions): Promise<ReaderResult> {
  const counts = { accepted: 0, refused: 0 };
  const findings: FoundInput[] = [];
  let slowest = { index: 0, seconds: 0 };
  let peakMegabytes = 0;
  const filesOf = (index: number): Promise<Files> => remake(name, seed, index);
  for (let next = 0; next < inputs;) {
    const end = await watch(name, [seed, next, inputs], async (report) => {
      next = report.index + 1;
      onProgress(next);
      if (report.seconds > slowest.seconds) slowest = { index: report.index, seconds: report.seconds };
      peakMegabytes = Math.max(peakMegabytes, report.megabytes);
      if (report.kind !== "finding") counts[report.kind]++;
      else findings.push({ index: report.index, what: report.what, files: unpacked(report) });
      if (report.megabytes > MEGABYTES) {
        const what = `the process takes ${Math.round(report.megabytes)} MB`;
        findings.push({ index: report.index, what, files: await filesOf(report.index) });
      }
    });
    if (end === undefined) continue;
    findings.push({ index: end.index, what: end.what, files: await filesOf(end.index) });
    next = end.index + 1;
  }
  return { ...counts, findings, slowest, peakMegabytes };
}

const unpacked = ({ files }: Report & { readonly kind: "finding" }): Files =>
  new Map(files.map(([path, base64]) => [path, Buffer.from(base64, "base64")]));

/** The files of an input whose process is gone: made here, not read. */
async function remake(name: string, seed: number, index: number): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), "pudnet-fuzz-"));
  try {
    return inputFiles(await READERS[name]!.prepare(folder), { seed, index });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Answer = Exclude<Report, { kind: "try" }>;

/** Runs one process to its end; tells which input ended it, if any did. */
async function watch(
  name: string,
  range: readonly number[],
  onAnswer: (answer: Answer) => Promise<void>,
): Promise<{ index: number; what: string } | undefined> {
  const worker = fileURLToPath(new URL("./worker.js", import.meta.url));
  const child = fork(worker, [name, ...range.map(String)], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  let trying: number | undefined;
  let hangs = false;
  let timer: NodeJS.Timeout | undefined;
  let answers = Promise.resolve();
  child.on("message", (report: Report) => {
    clearTimeout(timer);
    if (report.kind === "try") {
      trying = report.index;
      timer = setTimeout(() => (hangs = child.kill("SIGKILL")), 1000 * CLOCK_SECONDS);
    } else {
      trying = undefined;
      answers = answers.then(() => onAnswer(report));
    }
  });
  const ended = await endOf(child);
  clearTimeout(timer);
  await answers;
  if (trying === undefined && ended === "exit code 0") return undefined;
  if (trying === undefined) throw new Finding(`the reader "${name}" cannot be tried (${ended}):\n${errors}`);
  return {
    index: trying,
    what: hangs ? `hangs: no answer in ${CLOCK_SECONDS} s` : `ends the process (${ended}): ${reason(errors)}`,
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, signal) => done(signal ?? `exit code ${code}`));
  });
}

/** The line that says why, of what Node printed. */
function reason(errors: string): string {
  return /^.*(?:FATAL|Error|rror:).*$/m.exec(errors)?.[0] ?? errors.trim().split("\n").at(-1) ?? "";
}
