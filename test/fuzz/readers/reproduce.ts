// Readers of what `pudnet reproduce` kept: groups of evaluations, records, samples of weights, figures' numbers.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BUDGETS } from "../../../paper/recipes/budgets.ts";
import { withinProtocol } from "../../../paper/recipes/datasets.ts";
import type { EvaluationRecipe } from "../../../paper/recipes/recipe.ts";
import { writeSafetensors } from "../../../src/formats/safetensors.ts";
import { checkRecord } from "../../../src/node/records/record.ts";
import { evaluationName, knownGroups } from "../../../paper/store/evaluations.ts";
import { knownSamples, sampleSets, samplesName } from "../../../paper/studies/figure-1/samples.ts";
import { STUDIES } from "../../../paper/studies/studies.ts";
import { Store } from "../../../paper/store/store.ts";
import { hostTensor } from "../../../src/tensor/tree.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, text, writeFiles } from "../subjects.ts";

const storeAt = (out: string): Store => new Store({ out, root: join(out, "data"), print: () => {} });

const recipe: EvaluationRecipe = {
  kind: "pixels",
  target: { arch: "convnet-3", width: 4, stem: "3x3" },
  normalization: { dataset: "fashion-mnist", split: "fashion-set", side: 28, trainOn: "train" },
  heads: ["few", "all"],
  protocol: { ...withinProtocol("fashion-set", 5), shots: 3, generation: 8, test: 10 },
};

export const evaluationGroups: Reader = {
  reads: "evaluations of `pudnet reproduce` (CSV, a row a group)",
  accepted: "sound",
  prepare: async (folder) => {
    const csv =
      "group,accuracy: 3-shot centroids,accuracy: centroids of all,seconds: prediction\n0,0.5,0.75,0.01\n1,0.6,0.8,0.012\n2,1,0,1e-7\n";
    return mutated(
      {
        samples: [new Map([[join("evaluations", `${evaluationName(recipe)}.csv`), text(csv)]])],
        read: (files) => {
          writeFiles(folder, files);
          return knownGroups(storeAt(folder), recipe);
        },
        check: (groups) => {
          const numbers = groups.flatMap(({ accuracy, seconds }) => [
            ...Object.values(accuracy),
            ...Object.values(seconds),
          ]);
          demand(
            numbers.every((value) => Number.isFinite(value)),
            "a figure that is no number",
          );
          demand(
            groups.flatMap(({ accuracy }) => Object.values(accuracy)).every((value) => value >= 0 && value <= 1),
            "an accuracy that is no share",
          );
        },
      },
      "sound",
    );
  },
};

export const evaluationRecord: Reader = {
  reads: "records beside evaluations (JSON)",
  accepted: "sound",
  prepare: async (folder) => {
    const madeFrom = { "fashion-mnist@28": "0123456789abcdef", "class split fashion-set": "fedcba9876543210" };
    return mutated(
      {
        samples: [
          new Map([
            [
              "record.json",
              text(
                `${JSON.stringify({ recipe, madeFrom, pudnet: "0.1.0", command: "pudnet reproduce" }, undefined, 1)}\n`,
              ),
            ],
          ]),
        ],
        read: async (files) => {
          writeFiles(folder, files);
          await checkRecord(join(folder, "record.json"), madeFrom);
          return true;
        },
      },
      "sound",
    );
  },
};

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
          new Map([[join("networks", `${samplesName(of)}.safetensors`), writeSafetensors(tensors, { recipe: "{}" })]]),
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
