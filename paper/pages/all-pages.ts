// All pages from what is known: experiments, studies, the summary.

import { makeFolder, provenance, rasterise, writeFileAtomic } from "pudnet/files";
import type { Budget } from "../recipes/budgets.ts";
import { EXPERIMENTS } from "../tables/tables.ts";
import { pairsOf } from "../tables/pairs.ts";
import { cellResults } from "./cell-results.ts";
import { STUDIES } from "../studies/studies.ts";
import type { StudyPage } from "../studies/study.ts";
import type { Store } from "../store/store.ts";
import { writePages } from "./write-pages.ts";

/** Writes every page; returns the paths. */
export async function writeAllPages(store: Store, budget: Budget, conclusions?: string): Promise<string[]> {
  const studies: StudyPage[] = [];
  for (const study of Object.values(STUDIES)) {
    const page = await study.page(store, budget);
    if (page) studies.push(page);
  }
  const experiments = [];
  for (const make of Object.values(EXPERIMENTS)) {
    const experiment = make(budget);
    experiments.push({ experiment, results: await cellResults(store, experiment) });
  }
  const written = await writePages(store.options.out, experiments, {
    budget: budget.name,
    machine: await machineLines(),
    pairs: Object.fromEntries(experiments.map(({ experiment }) => [experiment.id, pairsOf(experiment)])),
    ...(conclusions === undefined ? {} : { conclusions }),
    others: studies,
  });
  for (const page of studies) written.push(...(await writeStudy(store, page)));
  return written;
}

async function writeStudy(store: Store, { id, files }: StudyPage): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, bytes: string | Uint8Array): Promise<void> => {
    const path = store.path(id, name);
    await writeFileAtomic(path, bytes);
    written.push(path);
  };
  await makeFolder(store.path(id));
  for (const [name, text] of Object.entries(files)) {
    await write(name, text);
    if (name.endsWith(".svg")) await write(name.replace(/\.svg$/, ".png"), rasterise(text));
  }
  return written;
}

async function machineLines(): Promise<string[]> {
  const { machine, versions } = await provenance();
  const { cpu, cores, memoryGiB, system } = machine;
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`Pages made on ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`, libraries.join(", ")];
}
