// Whole commands as processes: ours, what sharp alone needs where that is the yardstick, and a Python program, in turn.

import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../src/errors.ts";
import { PACKAGE_ROOT } from "../src/node/package-root.ts";
import type { WholeCase } from "./cases.ts";
import { peerScript } from "./children.ts";
import { median, ratioColumns, round, type Row, row, timeColumns } from "./rows.ts";
import type { Settings } from "./settings.ts";
import { type Pictures, picturesOf } from "./whole-pictures.ts";

/** What one process took; megabytes at its peak. CPU time is user and system, of all its threads, until it begins to end. */
interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly megabytes: number;
}

interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const MAIN = join(PACKAGE_ROOT, "dist", "cli", "main.js");
const beside = (name: string): URL => new URL(`./${name}`, import.meta.url);
const EPOCHS = 5;
/** Of the network for clothes. */
const SIDE = 28;

export async function measureWhole(name: string, wanted: WholeCase, settings: Settings): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-"));
  try {
    const pictures = await picturesOf(wanted.pictures, settings.onProgress);
    const { contestants, lost } = await prepare(wanted, pictures, folder, settings);
    const usages = new Map<string, Usage[]>(contestants.map((one) => [one.name, []]));
    for (let block = 0; block < settings.blocks; block++) {
      for (let i = 0; i < contestants.length; i++) {
        const one = contestants[(i + block) % contestants.length]!; // another one first each time
        usages.get(one.name)!.push(await run(one, folder));
      }
      settings.onProgress(`${name}: ${block + 1} of ${settings.blocks}`);
    }
    return rowsOf(name, wanted, pictures, { usages, lost });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Who takes part; whatever they need to be there (a classifier, decoded pictures in the cache) is made. */
async function prepare(
  { command, isCached, model = "clothes", target }: WholeCase,
  pictures: Pictures,
  folder: string,
  settings: Settings,
) {
  const { threads, peers } = settings;
  const cache = join(folder, "cache");
  await mkdir(cache);
  const environment = { PUDNET_CACHE: isCached ? cache : "off" };
  const classifier = join(folder, "classifier");
  const ours = (args: readonly string[]): Contestant => ({ name: "ours", ...nodeRun(MAIN, args), environment });
  const count = ["--threads", String(threads)];
  const predicting = ["--model", model, "--force", ...count];
  const samples = (await picturesOf("samples", settings.onProgress)).paths;
  if (command === "classify") await run(ours(["predict", ...samples, "--out", classifier, ...predicting]), folder);
  const args = {
    predict: ["predict", ...pictures.paths, "--out", join(folder, "predicted"), ...predicting],
    classify: ["classify", classifier, ...pictures.paths, ...count],
    finetune: ["finetune", ...pictures.paths, "--out", join(folder, "tuned"), ...predicting].concat([
      "--epochs",
      String(EPOCHS),
      "--no-compare",
    ]),
  }[command];
  const contestants = [ours(args)];
  if (isCached) await run(contestants[0]!, folder);
  if (target.share !== undefined) {
    for (const how of ["all-pixels", "shrunk"]) {
      const decoding = nodeRun(fileURLToPath(beside("decode-only.js")), [how, String(SIDE), ...pictures.paths]);
      contestants.push({ name: `sharp ${how}`, ...decoding, environment: {} });
    }
  }
  if (model !== "clothes") return { contestants, lost: "" };
  if ("missing" in peers) return { contestants, lost: peers.missing };
  if (spawnSync(peers.python, ["-c", "import PIL"]).status !== 0)
    return { contestants, lost: `${peers.python} has no PIL: apt-get install python3-pil` };
  const peer = (mode: string, paths: readonly string[], to: string): Contestant => ({
    name: "pytorch",
    command: peers.python,
    args: [peerScript("whole.py"), mode, ...paths, "--side", String(SIDE), "--model", join(folder, to), ...count],
    environment: {},
  });
  if (command === "classify") await run(peer("predict", samples, "peer.pt"), folder);
  contestants.push(peer(command, pictures.paths, command === "classify" ? "peer.pt" : "other.pt"));
  return { contestants, lost: "" };
}

function nodeRun(script: string, args: readonly string[]): Pick<Contestant, "command" | "args"> {
  return { command: process.execPath, args: ["--import", beside("usage-at-exit.js").href, script, ...args] };
}

/** From the start of the process to its end. @throws UserError where it fails, with what it said */
async function run({ name, command, args, environment }: Contestant, folder: string): Promise<Usage> {
  const usage = join(folder, "usage.json");
  await rm(usage, { force: true });
  const start = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...environment, BENCH_USAGE: usage },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  const wallMs = performance.now() - start;
  if (code !== 0) throw new UserError(`${name} ended with exit code ${code}:\n${errors.trim()}`);
  return { wallMs, ...(JSON.parse(await readFile(usage, "utf8")) as Omit<Usage, "wallMs">) };
}

interface Measured {
  readonly usages: ReadonlyMap<string, readonly Usage[]>;
  readonly lost: string;
}

/** On the clock, of CPU, of memory; and beside sharp alone. */
function rowsOf(name: string, { isCached, target }: WholeCase, { count }: Pictures, { usages, lost }: Measured): Row[] {
  const of = (who: string, what: keyof Usage): number[] => usages.get(who)!.map((usage) => usage[what]);
  const peer = (what: keyof Usage) =>
    usages.has("pytorch") ? ratioColumns(of("ours", what), new Map([["pytorch", of("pytorch", what)]])) : {};
  const note = `${count} pictures${isCached ? ", decoded ones in the cache" : ""}${lost === "" ? "" : `; no peer: ${lost}`}`;
  const wall = timeColumns(of("ours", "wallMs"));
  const megabytes = round(median(of("ours", "megabytes")));
  const theirs = usages.has("pytorch") ? `; PyTorch ${round(median(of("pytorch", "megabytes")))} MB` : "";
  const [least, most] = [Math.min, Math.max].map((pick) => round(pick(...of("ours", "megabytes"))));
  return [
    row({
      name,
      ...wall,
      ...peer("wallMs"),
      ...(target.ms === undefined ? { target: "" } : { target: `${target.ms} ms`, met: wall.median_ms! <= target.ms }),
      note,
    }),
    row({ name: `${name}-cpu`, target: "", ...timeColumns(of("ours", "cpuMs")), ...peer("cpuMs"), note }),
    row({
      name: `${name}-memory`,
      n: wall.n,
      value: megabytes,
      unit: "MB",
      ...(target.megabytes === undefined
        ? { target: "" }
        : { target: `${target.megabytes} MB`, met: megabytes <= target.megabytes }),
      note: `${least} to ${most} MB${theirs}; ${note}`,
    }),
    ...(target.share === undefined ? [] : besideSharp(name, target.share, count, of)),
  ];
}

/** The share of sharp's own rate: with all pixels decoded, as our rule needs them, and shrunk by sharp while it decodes. */
function besideSharp(
  name: string,
  share: number,
  count: number,
  of: (who: string, what: keyof Usage) => number[],
): Row[] {
  return ["all-pixels", "shrunk"].map((how) => {
    const who = `sharp ${how}`;
    const ours = of("ours", "wallMs");
    const compared = ratioColumns(ours, new Map([[who, of(who, "wallMs")]]));
    const rate = (ms: number): number => round((1e3 * count) / ms);
    const threads = `libuv's 4 threads on ${availableParallelism()} cores`;
    return row({
      name: `${name}-beside-sharp-${how}`,
      ...timeColumns(ours),
      ...compared,
      ...(how === "all-pixels" ? { target: `${share} of sharp's rate`, met: compared.ratio >= share } : { target: "" }),
      note:
        `pictures a second: ours ${rate(median(ours))}, sharp alone ${rate(compared.peer_median_ms)}, both decoding in ${threads}; ` +
        `ms of CPU: ours ${round(median(of("ours", "cpuMs")))}, sharp alone ${round(median(of(who, "cpuMs")))}`,
    });
  });
}
