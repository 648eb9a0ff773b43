// The accuracy of each group as the map keeps it: a CSV a cell and seed, to which evaluations of `pudnet evaluate --out` are added.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { FormatError } from "pudnet/engine";
import { LEFT_OUT } from "pudnet/evaluation";
import {
  csvText,
  type EvaluationRecord,
  groupedBy,
  makeFolder,
  parseTable,
  readRecord,
  readText,
  type TableRow,
  writeFileAtomic,
} from "pudnet/files";
import { REPRODUCE } from "../../command.ts";
import { LABEL_COUNTS, LABELS, type Labels, METHODS, type Place, placeText, SPECIALISTS } from "./methods.ts";
import { CHOICES, chosenSpecialists } from "./specialists.ts";

export const ID = "map";

const SKETCHES = ["own", "other-classes", "mean", "other-domain"] as const;
const COLUMNS = {
  method: Object.keys(METHODS),
  sketch: [...SKETCHES, ...CHOICES],
  strength: ["1", "auto"],
  domain: "text",
  "trained on": ["yes", "no"],
  labels: LABEL_COUNTS,
  group: "digits",
  "centred centroids": "number",
  "closed form": "number",
} as const;
/** A group of five classes. */
export type MapRow = TableRow<typeof COLUMNS>;
/** With the squared error of the closed form on labelled images that are left out, where the record has it. */
export type JudgedRow = MapRow & { readonly error?: number };

/** Rows of one cell and seed. */
export interface MapFile extends Place {
  readonly seed: number;
  readonly rows: readonly MapRow[];
}

const FILE = /^groups-(\d+)-(\d+)-(\d+)-(\d+)\.csv$/;
/** METHOD-WIDTH-DOMAINS-STEPS-SEED; of a specialist METHOD-DOMAIN-WIDTH-DOMAINS-STEPS-SEED. */
const TRAINING = /^([a-z])(?:-(.+))?-(\d+)-(\d+)-(\d+)-(\d+)$/;

/** All that is kept in a folder, by width, domains and seed. @throws FormatError for a damaged file */
export async function keptFiles(folder: string): Promise<MapFile[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const files = names.flatMap((name) => {
    const numbers = FILE.exec(name)?.slice(1).map(Number);
    if (!numbers) return [];
    const [width, domains, steps, seed] = numbers as [number, number, number, number];
    return [{ width, domains, steps, seed }];
  });
  const order = files.toSorted((a, b) => a.width - b.width || a.domains - b.domains || a.steps - b.steps || a.seed - b.seed); // prettier-ignore
  return Promise.all(order.map(async (one) => ({ ...one, rows: await keptRows(fileOf(folder, one)) })));
}

/** Its name in the folder of the page. */
export function csvName({ width, domains, steps, seed }: Omit<MapFile, "rows">): string {
  return `groups-${[width, domains, steps, seed].join("-")}.csv`;
}

const fileOf = (folder: string, one: Omit<MapFile, "rows">): string => join(folder, csvName(one));

async function keptRows(file: string): Promise<MapRow[]> {
  if (!existsSync(file)) return [];
  const hint = `delete the file, and \`${REPRODUCE} ${ID}\` makes it of the evaluations anew`;
  return parseTable(await readText(file), file, COLUMNS, hint);
}

/**
 * Adds the evaluations below `work`, a folder a training (METHOD-WIDTH-DOMAINS-STEPS-SEED), to the files in `folder`; of one that is there already the
 * new rows are kept. What was judged by another protocol, or not to its end, is left out and told.
 * @throws FormatError for damaged records, and for a training that has two networks
 */
export async function collect(work: string, folder: string, tell: (line: string) => void): Promise<void> {
  const names = existsSync(work) ? await readdir(work) : [];
  const trainings = names.toSorted().flatMap((name) => trainingOf(name, tell) ?? []);
  for (const ofFile of groupedBy(trainings, (one) => fileOf(folder, one)).values()) {
    const added: MapRow[] = [];
    const specialists = new Map(SPECIALISTS.map((method) => [method, new Map<string, JudgedRow[]>()]));
    for (const { name, method, specialist } of ofFile) {
      const rows = await rowsOfTraining(join(work, name), method, tell);
      if (specialist === undefined) added.push(...rows);
      else specialists.get(method)!.set(specialist, rows);
    }
    const [place] = ofFile as [Judged];
    for (const [method, judged] of specialists) {
      if (judged.size === place.domains) added.push(...chosenSpecialists(judged));
      else if (judged.size > 0)
        tell(`${ID}: ${judged.size} of ${place.domains} specialists ${method} of ${placeText(place)}, seed ${place.seed}, are judged: none is chosen yet`); // prettier-ignore
    }
    if (added.length > 0) await keep(fileOf(folder, place), added);
  }
}

interface Judged extends Omit<MapFile, "rows"> {
  readonly name: string;
  readonly method: string;
  /** The domain that a specialist was trained on. */
  readonly specialist: string | undefined;
}

function trainingOf(name: string, tell: (line: string) => void): Judged | undefined {
  const [, method, specialist, ...numbers] = TRAINING.exec(name) ?? [];
  if (method !== undefined && method in METHODS && SPECIALISTS.includes(method) === (specialist !== undefined)) {
    const [width, domains, steps, seed] = numbers.map(Number) as [number, number, number, number];
    return { name, method, specialist, width, domains, steps, seed };
  }
  const methods = Object.keys(METHODS).filter((one) => !SPECIALISTS.includes(one));
  tell(`${ID}: ${name} is left out: expected METHOD-WIDTH-DOMAINS-STEPS-SEED with a method of ${methods.join()}, or METHOD-DOMAIN-WIDTH-DOMAINS-STEPS-SEED with one of ${SPECIALISTS.join()}`); // prettier-ignore
  return undefined;
}

async function keep(file: string, added: readonly MapRow[]): Promise<void> {
  const what = ({ method, sketch, strength, domain, labels }: MapRow): string =>
    [method, sketch, strength, domain, labels].join("\n");
  const isNew = new Set(added.map(what));
  const rows = [...(await keptRows(file)).filter((row) => !isNew.has(what(row))), ...added];
  const sorted = [...groupedBy(rows, what)].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, of]) => of);
  const header = Object.keys(COLUMNS) as (keyof MapRow)[];
  await makeFolder(join(file, ".."));
  await writeFileAtomic(file, csvText([header, ...sorted.map((row) => header.map((column) => row[column]))]));
}

/** What the identity of an evaluation on a domain says. */
const identitySchema = z.looseObject({
  network: z.looseObject({ method: z.literal("file"), sha256: z.string() }),
  strength: z.union([z.literal("auto"), z.number()]).optional(),
  protocol: z.looseObject({
    dataset: z.string(),
    classes: z.union([z.literal("all"), z.looseObject({ testOf: z.string() })]),
    ways: z.number(),
    shots: z.number(),
    generation: z.number(),
    test: z.number(),
    seed: z.number(),
  }),
  domain: z.looseObject({ sketch: z.enum(SKETCHES), classes: z.string() }),
});

async function rowsOfTraining(folder: string, method: string, tell: (line: string) => void): Promise<JudgedRow[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".csv")).toSorted();
  const rows: JudgedRow[] = [];
  const networks = new Set<string>();
  for (const name of files) {
    const file = join(folder, name);
    const record = (await readRecord(file.slice(0, -".csv".length)))!;
    const { data: identity } = identitySchema.safeParse(record.identity);
    const reason = identity ? otherProtocol(identity, record) : "not of one domain of several";
    if (identity && reason === undefined) {
      networks.add(identity.network.sha256);
      rows.push(...rowsOf(identity, record, method));
    } else tell(`${ID}: ${basename(folder)}/${name} is left out: ${reason}`);
  }
  if (networks.size <= 1) return rows;
  const hint = "delete the records of the one that is not meant";
  throw new FormatError(folder, `its records are of ${networks.size} networks, expected those of one training`, {
    hint,
  });
}

/** Why it is not judged as the map is; undefined where it is. */
function otherProtocol(
  { protocol, domain, strength = 1 }: z.infer<typeof identitySchema>,
  { groups }: EvaluationRecord,
): string | undefined {
  const { ways, shots, generation, test, seed } = protocol;
  const counts = LABEL_COUNTS.join(" or ");
  const labels = labelsOf(generation);
  if (domain.classes !== "test") return "judged on validation classes";
  if (labels === undefined || ![ways === 5, shots === generation, test === 10, seed === 0].every(Boolean))
    return `judged by ${generation} labels a class, ${ways} ways, ${test} test images, seed ${seed}; expected ${counts}, 5, 10 and 0`;
  if (strength !== 1 && strength !== "auto") return `judged at strength ${strength}`;
  const { groups: expected } = LABELS[labels];
  return groups.length < expected ? `${groups.length} of ${expected} groups are judged` : undefined;
}

const labelsOf = (generation: number): Labels | undefined => LABEL_COUNTS.find((one) => Number(one) === generation);

function rowsOf(
  { protocol, domain, strength = 1 }: z.infer<typeof identitySchema>,
  { groups }: EvaluationRecord,
  method: string,
): JudgedRow[] {
  const labels = labelsOf(protocol.generation)!;
  return groups.slice(0, LABELS[labels].groups).map(({ accuracy, error }, group) => ({
    method,
    sketch: domain.sketch,
    strength: String(strength),
    domain: protocol.dataset,
    "trained on": protocol.classes === "all" ? "no" : "yes",
    labels,
    group: String(group),
    "centred centroids": accuracy["centred centroids"]!,
    "closed form": accuracy["closed form"]!,
    ...(error?.[LEFT_OUT] === undefined ? {} : { error: error[LEFT_OUT] }),
  }));
}
