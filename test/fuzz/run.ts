// npm run fuzz [-- --reader NAME ...] [--inputs N] [--seed N]: gives readers damaged and hostile input.

import pMap from "p-map";
import { Command } from "@commander-js/extra-typings";
import { wholeNumber } from "../../src/cli/options.ts";
import { printFailure } from "../../src/cli/output.ts";
import { requireKnown } from "../../src/errors.ts";
import { groupedBy } from "../../src/node/grouped-by.ts";
import { type Column, tableHead, tableLine, tableRow } from "../../src/report/progress-table.ts";
import { fuzzReader } from "./fuzz-reader.ts";
import { READERS } from "./readers.ts";
import { type FuzzRow, keepFinding, rowOf, store } from "./results.ts";

/** Fewer inputs are for trying things out: their figures are not stored. */
const LEAST_INPUTS = 1000;
/** npm runs scripts at the root of the repository. */
const RESULTS = "results";
/** So many findings of a reader that say the same are kept as files. */
const KEPT = 3;

const COLUMNS: readonly Column[] = [
  { name: "reader", kind: "text", width: 20 },
  { name: "inputs", kind: "count" },
  { name: "accepted", kind: "count" },
  { name: "refused", kind: "count" },
  { name: "findings", kind: "count" },
  { name: "slowest, s", kind: "text", width: 10 },
  { name: "peak, MB", kind: "text", width: 8 },
];

const program = new Command("fuzz")
  .description("Give readers made-up, damaged and hostile input; all readers by default.")
  .option(
    "--reader <name>",
    "only this one; repeat for more",
    (value, all: string[]) => [...all, value],
    [] as string[],
  )
  .option("--inputs <n>", `inputs a reader; fewer than ${LEAST_INPUTS} are not stored`, wholeNumber(1), 10_000)
  .option("--seed <n>", "decides the inputs", wholeNumber(1), 1)
  .option("--findings <folder>", "where the inputs of findings are written", "fuzz-findings")
  .option("--list", "print the readers")
  .option("--no-store", `do not write to ${RESULTS}`)
  .option("--jobs <n>", "readers at the same time", wholeNumber(1), 1)
  .action(async ({ reader: asked, list, jobs, ...options }) => {
    if (list)
      return void console.log(
        Object.entries(READERS)
          .map(([name, { reads }]) => `${name}: ${reads}`)
          .join("\n"),
      );
    for (const name of asked) requireKnown("reader", name, Object.keys(READERS));
    console.log(tableHead(COLUMNS).join("\n"));
    let storing = Promise.resolve();
    const one = async (name: string): Promise<void> => {
      const row = await run(name, options);
      if (row.findings.length > 0) process.exitCode = 1;
      // at once, so that a failure later loses nothing; one after the other, as each reads what is there
      if (options.store && options.inputs >= LEAST_INPUTS) await (storing = storing.then(() => store(row, RESULTS)));
    };
    await pMap(asked.length > 0 ? asked : Object.keys(READERS), one, { concurrency: jobs });
    console.log(tableLine(COLUMNS));
  });

interface Options {
  readonly seed: number;
  readonly inputs: number;
  readonly findings: string;
}

async function run(name: string, { seed, inputs, findings: folder }: Options): Promise<FuzzRow> {
  const onProgress = (done: number): void => {
    if (process.stderr.isTTY && done % 100 === 0) process.stderr.write(`\r${name}: ${done} of ${inputs}\x1b[K`);
  };
  const result = await fuzzReader(name, { seed, inputs, onProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const { accepted, refused, findings, slowest, peakMegabytes } = result;
  const [seconds, megabytes] = [slowest.seconds.toFixed(3), String(Math.round(peakMegabytes))];
  console.log(
    tableRow(COLUMNS, {
      reader: name,
      inputs,
      accepted,
      refused,
      findings: findings.length,
      "slowest, s": seconds,
      "peak, MB": megabytes,
    }),
  );
  const alike = groupedBy(findings, ({ what }) => what.replaceAll(/\d+/g, "N"));
  for (const group of alike.values()) {
    const places = await Promise.all(group.slice(0, KEPT).map((found) => keepFinding(folder, name, seed, found)));
    note(
      `${name}, seed ${seed}, input ${group
        .map(({ index }) => index)
        .slice(0, 10)
        .join(", ")} (${group.length} in all): ${group[0]!.what}\n  ${places.join("\n  ")}`,
    );
  }
  return rowOf(name, { seed, inputs }, result);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = printFailure(error);
}
