// npm run bench [-- NAME ...] [--json], npm run bench -- profile NAME: runs the benchmarks against the PyTorch peers, prints and stores their rows.

import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { wholeNumber } from "../src/cli/options.ts";
import { printFailure } from "../src/cli/output.ts";
import { requireKnown } from "../src/errors.ts";
import { DEVICES } from "../src/tensor/runtime.ts";
import { CASES } from "./cases.ts";
import { findLibraries, findPeers } from "./children.ts";
import { describeMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { measurePage } from "./page/measure.ts";
import { profile, workOf } from "./profile.ts";
import { profileTable } from "./profile-table.ts";
import { measureQueue } from "./queue/measure.ts";
import { readMeasurement, storeMeasurement } from "./queue/measurement.ts";
import { ASSUMPTIONS, besideNoQueue, simulated, simulatedTable } from "./queue/scenarios.ts";
import { store, table } from "./results.ts";
import type { Row } from "./rows.ts";

/** Fewer blocks are for trying things out: their figures are not stored. */
const LEAST_BLOCKS = 7;
const LEAST_REPEATS = 3;
/** npm runs scripts at the root of the repository. */
const RESULTS = join("bench", "results");

const program = new Command("bench")
  .enablePositionalOptions() // --threads after "profile" is that of profile
  .description("Run benchmarks; all of them by default. Nothing else should run on the machine meanwhile.")
  .argument(
    "[names...]",
    `of: ${Object.keys(CASES).join(", ")}; the first words of names stand for all that begin with them`,
  )
  .option("--json", "one JSON object a row on stdout; everything else goes to stderr")
  .option("--blocks <n>", `measured blocks; fewer than ${LEAST_BLOCKS} are not stored`, wholeNumber(1), 9)
  .option("--threads <n>", "of ours and of the peers", wholeNumber(1), 2)
  .addOption(
    new Option("--device <device>", "of ours; the peers compute on CUDA beside webgpu")
      .choices(DEVICES)
      .default("cpu" as const),
  )
  .option("--python <path>", "a Python with torch, for the peers")
  .option("--no-peers", "do not compare")
  .option("--no-store", "do not write to bench/results")
  .action(async (names, options) => {
    const chosen = names.flatMap(chosenBy);
    const { blocks, device, threads } = options;
    const candidates = options.python ? [options.python] : ["/usr/bin/python3", "python3"];
    const none = { missing: "--no-peers" };
    const peers = options.peers ? findPeers(candidates) : none;
    const libraries = options.peers ? findLibraries() : none;
    if ("missing" in peers) note(`without PyTorch peers: ${peers.missing}`);
    const isStored = options.store && blocks >= LEAST_BLOCKS;
    const machine = await describeMachine("torch" in peers ? peers.torch : undefined, { device, threads });
    const rows: Row[] = [];
    for (const name of names.length > 0 ? chosen : Object.keys(CASES)) {
      const measured = await measure(name, CASES[name]!, {
        blocks,
        device,
        threads,
        peers,
        libraries,
        onProgress: note,
      });
      if (options.json) for (const row of measured) console.log(JSON.stringify(row));
      // at once, so that a failure later loses nothing
      if (isStored) note(`stored in ${await store(measured, machine, RESULTS)}`);
      rows.push(...measured);
    }
    if (!options.json) console.log(table(rows));
    if (blocks < LEAST_BLOCKS) note(`not stored: ${blocks} blocks, ${LEAST_BLOCKS} are needed`);
  });

program
  .command("profile")
  .description("Where the time of a step goes, by kind of node.")
  .argument("<name>", "a step or a prediction, such as meta-step-convnet-3")
  .option("--by-shape", "a row for each kind and shape", false)
  .option("--calls <n>", "calls that are measured", wholeNumber(1), 10)
  .option("--rows <n>", "rows that are printed", wholeNumber(1), 25)
  .option("--threads <n>", "of ours", wholeNumber(1), 2)
  .action(async (name, { rows, ...options }) => {
    requireKnown("benchmark", name, Object.keys(CASES));
    console.log(profileTable(await profile(workOf(name, CASES[name]!), options), rows));
    process.exit(); // sessions keep their threads alive
  });

/** A benchmark's name, or the first words of several: `whole` for all of `whole-*`, `meta-step` for those of both networks. */
function chosenBy(name: string): string[] {
  const all = Object.keys(CASES);
  const group = all.filter((one) => one.startsWith(`${name}-`));
  if (all.includes(name) || group.length === 0) {
    requireKnown("benchmark", name, all);
    return [name];
  }
  return group;
}

program
  .command("queue")
  .description(
    "How well one worker and two of a queue are used, and many by a simulation from that. Needs redis-server.",
  )
  .option("--parcels <n>", "of cells", wholeNumber(2), 8)
  .option("--steps <n>", "groups that each parcel's network is trained on", wholeNumber(10), 100)
  .option("--repeats <n>", `of all cells; fewer than ${LEAST_REPEATS} are not stored`, wholeNumber(1), LEAST_REPEATS)
  .option("--rounds <n>", "of each training", wholeNumber(1), 9)
  .option("--figures <file>", "measure nothing: simulate from a stored measurement")
  .option("--no-store", "do not write to bench/results")
  .action(async ({ figures, store: isWanted, ...plan }) => {
    const measurement = figures === undefined ? await measureQueue(plan, note) : await readMeasurement(figures);
    if (figures === undefined && isWanted && plan.repeats >= LEAST_REPEATS) {
      const machine = await describeMachine(undefined, { device: "cpu", threads: 1 });
      note(`stored in ${await storeMeasurement(measurement, machine, RESULTS)}`);
    }
    console.log(simulatedTable(simulated(measurement)));
    console.log(besideNoQueue(measurement).join("\n"));
    console.log(["Assumed of rows without a measurement:", ...ASSUMPTIONS].join("\n- "));
  });

program
  .command("page")
  .description("What the page takes in a headless Chromium, beside Teachable Machine's way. Needs Chromium.")
  .option("--json", "one JSON object a row on stdout; everything else goes to stderr", false)
  .option("--blocks <n>", `fresh browsers; fewer than ${LEAST_BLOCKS} are not stored`, wholeNumber(1), LEAST_BLOCKS)
  .option("--repeats <n>", "of what takes minutes", wholeNumber(1), LEAST_REPEATS)
  .option(
    "--percent <n>",
    "of the pictures where there are thousands; fewer than all are not stored",
    wholeNumber(1),
    100,
  )
  .option("--no-peers", "do not compare")
  .option("--no-store", "do not write to bench/results")
  .action(async ({ json, store: isWanted, percent, ...plan }) => {
    const rows = await measurePage({ ...plan, share: percent / 100 }, note);
    if (isWanted && plan.blocks >= LEAST_BLOCKS && percent === 100) {
      const machine = await describeMachine(undefined, { device: "cpu", threads: 1 });
      note(`stored in ${await store(rows, machine, RESULTS)}`);
    }
    if (json) for (const row of rows) console.log(JSON.stringify(row));
    else console.log(table(rows));
  });

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = printFailure(error);
}
