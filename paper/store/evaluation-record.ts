// What stands beside an evaluation's CSV: the recipe that its hash stands for, what it was made from, and which commits, commands
// and machines made its rows.

import { existsSync } from "node:fs";
import { z } from "zod";
import { FormatError, issueLines } from "pudnet/engine";
import {
  fileHash,
  type Materials,
  parseJson,
  type Provenance,
  provenance,
  readText,
  writeFileAtomic,
} from "pudnet/files";
import type { EvaluationRecipe } from "../recipes/recipe.ts";
import { checkResult, dataMaterials } from "./materials.ts";
import { judgedCheckpoint } from "./networks.ts";
import type { Store } from "./store.ts";

interface EvaluationRecord extends Provenance {
  readonly recipe: unknown;
  readonly madeFrom: Materials;
  /** Who added rows later. */
  readonly continued?: readonly (Provenance & { readonly fromGroup: number })[];
}

/** Images and classes of an evaluation's groups, and the checkpoint that it judges or starts from, which must be there. */
export async function materialsOf(store: Store, recipe: EvaluationRecipe): Promise<Materials> {
  const protocols = [recipe.protocol, ...("wrongSketch" in recipe && recipe.wrongSketch ? [recipe.wrongSketch] : [])];
  const data = await Promise.all(
    protocols.map(({ dataset, side, classes }) =>
      dataMaterials(store, { dataset, side, ...(classes === "all" ? {} : { split: classes.testOf }) }),
    ),
  );
  const network = "network" in recipe ? recipe.network : recipe.kind === "scratch" ? recipe.start : undefined;
  const weights = network && { network: (await fileHash(judgedCheckpoint(store, network))).slice(0, 16) };
  return Object.assign({}, ...data, weights) as Materials;
}

/** @throws UserError where the rows on disk were made from other images or weights than those at hand */
export async function checkRecord(file: string, madeFrom: Materials): Promise<void> {
  if (existsSync(file)) checkResult(file, (await readRecord(file)).madeFrom, madeFrom);
}

interface Session {
  readonly recipe: unknown;
  readonly madeFrom: Materials;
  readonly fromGroup: number;
}

/** Notes who makes the rows from `fromGroup` on. */
export async function noteSession(file: string, { recipe, madeFrom, fromGroup }: Session): Promise<void> {
  const own = await provenance();
  const known = existsSync(file) ? await readRecord(file) : undefined;
  const record: EvaluationRecord = known
    ? { ...known, continued: [...(known.continued ?? []), { fromGroup, ...own }] }
    : { recipe, madeFrom, ...own };
  await writeFileAtomic(file, `${JSON.stringify(record, undefined, 1)}\n`);
}

const recordSchema = z.looseObject({
  madeFrom: z.record(z.string(), z.string()),
  continued: z.array(z.looseObject({ fromGroup: z.number() })).optional(),
});

async function readRecord(file: string): Promise<EvaluationRecord> {
  const hint = "delete the file and the CSV beside it";
  const record = parseJson(await readText(file), file, hint);
  const parsed = recordSchema.safeParse(record, { reportInput: true });
  if (parsed.success) return record as EvaluationRecord;
  throw new FormatError(file, "not the record of an evaluation", { details: issueLines(parsed.error.issues), hint });
}
