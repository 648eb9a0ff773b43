// The results of all experiments on disk: a summary, a page an experiment, figures and CSVs.

import { join } from "node:path";
import { makeFolder, rasterise, writeFileAtomic } from "pudnet/files";
import type { ExperimentResults } from "./cell-text.ts";
import { figureSvg } from "./graph.ts";
import { experimentPage, type PageContext } from "./page.ts";
import { pointsCsv, resultsCsv } from "./results-csv.ts";
import { summaryPage } from "./summary.ts";
import type { StudyPage } from "../studies/study.ts";

export interface PagesOptions extends PageContext {
  /** Hand-written Markdown for the top of the summary. */
  readonly conclusions?: string;
  /** Pages of studies, for the summary's contents. */
  readonly others?: readonly StudyPage[];
}

/**
 * Writes <out>/README.md, <out>/results.csv and, for every experiment, <out>/<id>/README.md; graphs have figure.svg and
 * figure.png (once a point is measured) and points.csv beside it. Takes all experiments, not only those just run: what
 * is not among them is not in the summary either. Returns the paths written.
 * @throws UserError where a folder or file cannot be written
 */
export async function writePages(
  out: string,
  experiments: readonly ExperimentResults[],
  options: PagesOptions,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (folder: string, name: string, bytes: Uint8Array | string) => {
    await makeFolder(folder);
    await writeFileAtomic(join(folder, name), bytes);
    written.push(join(folder, name));
  };
  for (const one of experiments) {
    const { experiment, results } = one;
    const folder = join(out, experiment.id);
    if (experiment.form !== "table") {
      const svg = figureSvg(one);
      if (svg !== undefined) {
        await write(folder, "figure.svg", svg);
        await write(folder, "figure.png", rasterise(svg));
      }
      await write(folder, "points.csv", pointsCsv(one));
    }
    await write(folder, "README.md", experimentPage(experiment, results, options));
  }
  await write(out, "results.csv", resultsCsv(experiments, options.budget));
  await write(out, "README.md", summaryPage(experiments, options.conclusions, options, options.others));
  return written;
}
