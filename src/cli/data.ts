// pudnet data: getting public datasets.

import { Command } from "@commander-js/extra-typings";
import { fetchDataset, type FetchProgress } from "../node/datasets/fetch-dataset.ts";
import { FETCHABLE } from "../node/datasets/published-sets.ts";
import { isTerminal, live, print } from "./output.ts";

const EXAMPLES = `
Files that are there and right are kept; half a download goes on where it broke off; every file is checked.

Examples:
  pudnet data fetch fashion-mnist
  pudnet data fetch fashion-mnist --root /data/sets
  pudnet data fetch fashion-mnist --from ~/Downloads`;

export function dataCommand() {
  const fetching = new Command("fetch")
    .description("download a public dataset from its mirrors, or take its files from a folder, with checksums")
    .argument("<name>", `one of: ${Object.keys(FETCHABLE).join(", ")}`)
    .option("--root <dir>", "folder that holds the named datasets", "data")
    .option("--from <folder>", "take the published files from here instead of the network")
    .addHelpText("after", EXAMPLES)
    .action(async (name, { root, from }) => {
      const { folder, files } = await fetchDataset(name, { root, from, onProgress: downloadProgress() });
      for (const file of files) print(`${file.name}: ${file.how}`);
      print(`${name} is in ${folder}`);
    });
  return new Command("data").addCommand(fetching);
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
