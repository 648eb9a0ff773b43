// Readers of what `pudnet reproduce` kept: groups of evaluations, records, samples of weights, figures' numbers.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BUDGETS } from "../../../paper/recipes/budgets.ts";
import { withinProtocol } from "../../../paper/recipes/datasets.ts";
import type { EvaluationRecipe } from "../../../paper/recipes/recipe.ts";
import { writeSafetensors } from "../../../src/formats/safetensors.ts";
import { evaluationIdentity, identityHash } from "../../../src/node/records/identity.ts";
import { type EvaluationRecord, readRecord, writeRecord } from "../../../src/node/records/record.ts";
import { evaluationName } from "../../../paper/store/evaluations.ts";
import {
  GROUPS,
  type PublishedRecord,
  readPublished,
  RECIPES,
  writePublished,
} from "../../../paper/store/published.ts";
import { knownSamples, sampleSets, samplesName } from "../../../paper/studies/figure-1/samples.ts";
import { STUDIES } from "../../../paper/studies/studies.ts";
import { Store } from "../../../paper/store/store.ts";
import type { GroupResult } from "../../../src/train/evaluation/evaluator.ts";
import { hostTensor } from "../../../src/tensor/tree.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, text, textOf, writeFiles } from "../subjects.ts";

const storeAt = (out: string): Store => new Store({ out, root: join(out, "data"), print: () => {} });

const recipe: EvaluationRecipe = {
  kind: "pixels",
  target: { arch: "convnet-3", width: 4, stem: "3x3" },
  normalization: { dataset: "fashion-mnist", split: "fashion-set", side: 28, trainOn: "train" },
  protocol: { ...withinProtocol("fashion-set", 5), shots: 3, generation: 8, test: 10 },
};

const groups = [
  { accuracy: { "3-shot centroids": 0.5, "centroids of all": 0.75 }, seconds: { prediction: 0.01 } },
  { accuracy: { "3-shot centroids": 0.6 }, seconds: { prediction: 0.012 } },
  { accuracy: { "3-shot centroids": 1, "centroids of all": 0 }, seconds: { prediction: 1e-7 } },
];
const machine = { cpu: "a CPU", cores: 2, memoryGiB: 4, system: "linux" };
const session = { fromGroup: 0, pudnet: "0.1.0", command: "npm run reproduce", machine, versions: { node: "20.20.2" } };
const record: PublishedRecord = {
  name: evaluationName(recipe),
  identity: evaluationIdentity(recipe),
  madeFrom: { "fashion-mnist@28": "0123456789abcdef", "class split fashion-set": "fedcba9876543210" },
  sessions: [session],
  groups,
};

function checkGroups(found: readonly GroupResult[]): void {
  const accuracies = found.flatMap(({ accuracy }) => Object.values(accuracy));
  const seconds = found.flatMap((group) => Object.values(group.seconds));
  demand(
    [...accuracies, ...seconds].every((value) => Number.isFinite(value)),
    "a figure that is no number",
  );
  demand(
    accuracies.every((value) => value >= 0 && value <= 1),
    "an accuracy that is no share",
  );
}

/** Files that `write` leaves in a folder. */
async function written(folder: string, write: () => Promise<unknown>): Promise<Map<string, Uint8Array>> {
  writeFiles(folder, new Map());
  await write();
  return new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
}

/** One of the files that `write` leaves is edited, the others stay; `seal` makes them fit together again. */
const evaluation = (
  edited: string,
  reads: string,
  {
    write,
    read,
    seal = (files) => files,
  }: {
    readonly write: (folder: string) => Promise<unknown>;
    readonly read: (folder: string) => Promise<readonly EvaluationRecord[]>;
    readonly seal?: (files: Files) => Files;
  },
): Reader => ({
  reads: `${reads} (${edited})`,
  accepted: "sound",
  prepare: async (folder) => {
    const whole = await written(folder, () => write(folder));
    return mutated(
      {
        samples: [new Map([[edited, whole.get(edited)!]])],
        read: (changed) => {
          writeFiles(folder, seal(new Map([...whole, ...changed])));
          return read(folder);
        },
        check: (found) => {
          for (const one of found) checkGroups(one.groups);
        },
      },
      "sound",
    );
  },
});

const stored = {
  write: (folder: string) => writeRecord(join(folder, "evaluation"), record),
  read: async (folder: string) => [(await readRecord(join(folder, "evaluation")))!],
};
export const evaluationGroups: Reader = evaluation("evaluation.csv", "evaluations in a store, their groups", stored);
export const evaluationRecord: Reader = evaluation("evaluation.json", "evaluations in a store, their heads", stored);

const hash = identityHash(record.identity);
const published = {
  write: (folder: string) => writePublished(folder, new Map([[hash, record]])),
  read: async (folder: string) => [...(await readPublished(folder)).values()],
};
export const publishedGroups: Reader = evaluation(GROUPS, "published evaluations, their groups", published);
export const publishedRecipes: Reader = evaluation(RECIPES, "published evaluations, their recipes", {
  ...published,
  seal: (files) => {
    try {
      const line = JSON.parse(textOf(files, RECIPES)) as Record<string, unknown>;
      const own = identityHash(line["identity"]);
      const sealed = text(`${JSON.stringify({ ...line, evaluation: own })}\n`);
      return new Map([...files, [RECIPES, sealed], [GROUPS, text(textOf(files, GROUPS).replaceAll(hash, own))]]);
    } catch {
      return files; // not JSON any more
    }
  },
});

export const weightSamples: Reader = {
  reads: "samples of weights for Figure 1 (safetensors)",
  accepted: "sound",
  prepare: async (folder) => {
    const { recipe: of } = sampleSets(BUDGETS.quick)[0]!;
    const tensors = new Map([
      ["x", hostTensor([2, 3], [1, 2, 3, 4, 5, 6])],
      ["loss", hostTensor([2, 1], [0.5, 0.25])],
      ["images", hostTensor([2, 1], [60, 70])],
      ["y.conv1", hostTensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8])],
    ]);
    return mutated(
      {
        samples: [
          new Map([
            [join("store", "networks", `${samplesName(of)}.safetensors`), writeSafetensors(tensors, { recipe: "{}" })],
          ]),
        ],
        read: (files) => {
          writeFiles(folder, files);
          return knownSamples(storeAt(folder), of);
        },
        check: (rows) => {
          for (const { x, y, loss, images } of rows) {
            demand(x.length === rows[0]!.x.length, "samples of different lengths");
            demand(Number.isFinite(loss) && Number.isFinite(images), "a loss or a number of images that is none");
            for (const [layer, weights] of Object.entries(y))
              demand(weights.length === rows[0]!.y[layer]!.length, "weights of different lengths");
          }
        },
      },
      "sound",
    );
  },
};

/** The first lines of a file of this repository. */
function beginning(path: string, lines: number): Uint8Array {
  return text(`${readFileSync(path, "utf8").split("\n").slice(0, lines).join("\n")}\n`);
}

/** The folder of a study below reproduce/, and how many lines of its files are enough for a page. */
const study = (id: string, files: Readonly<Record<string, number>>): Reader => ({
  reads: `numbers of the study ${id} (CSV), made into a page`,
  accepted: "sound",
  prepare: async (folder) => {
    const sample: Files = new Map(
      Object.entries(files).map(([name, lines]) => [join(id, name), beginning(join("reproduce", id, name), lines)]),
    );
    return mutated(
      {
        samples: [sample],
        read: async (changed) => {
          writeFiles(folder, changed);
          return STUDIES[id]!.page(storeAt(folder), BUDGETS.cpu);
        },
        check: (page) => {
          for (const [name, content] of Object.entries(page.files)) {
            // in quotes it is part of a data set's name, which edits may change to anything
            demand(!/(?<!["\w])(NaN|undefined|Infinity|null)(?!["\w])/.test(content), `${name} says NaN or the like`);
          }
        },
      },
      "sound",
    );
  },
});

export const equation15: Reader = study("equation-15", { "errors.csv": 20 });
export const speed: Reader = study("speed", { "seconds.csv": 107 });
export const figure1: Reader = study("figure-1", { "sets.csv": 20, "correlations.csv": 100 });
export const figure7: Reader = study("figure-7", { "curves.csv": 40 });
