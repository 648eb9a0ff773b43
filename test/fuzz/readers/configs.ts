// Readers of what users write: configs, settings of the command line.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseAnyConfig, readTrainConfig } from "../../../src/node/runs/train-config.ts";
import type { BaseConfig, TrainConfig } from "../../../src/train/config-schema.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { attempt, mutated, roundTrip, text, writeFiles } from "../subjects.ts";

const CONFIG = `# a comment
name: tiny
seed: 3
data: { dataset: pictures, split: split.json, side: 16 }
target:
  arch: convnet-3
  width: 8
pudnet: { hiddenSize: 16, generatorWidth: 2, beta: 0.25 }
group: { ways: 3, shots: 2, queries: 2, extra: 1 }
steps: 240
optimizer: { warmUp: 20, learningRate: 1e-3, decay: linear }
validation: { every: 80, groups: 2, generation: 4, test: 2 }
logEvery: 5
threads: 1
`;

const MIXTURE = `name: tiny
data:
  side: 16
  sources:
    - { dataset: pictures, split: split.json, weight: 2 }
    - { dataset: signs, leaveOut: [stop, go], turnedClasses: true, weight: 1 }
    - { dataset: letters, role: validation }
group:
  shapes: [{ ways: 3, shots: 2 }, { ways: 2, extra: 0 }]
pudnet: { predict: none }
`;

const SUPERVISED = `method: supervised
name: small
data: { sources: [{ dataset: pictures, split: split.json }, { dataset: letters, role: validation }] }
target: { arch: resnet-8, stem: 3x3, width: 16 }
teacher: { checkpoint: runs/base-1/checkpoints/last.safetensors, weight: 0.5, similarity: 10 }
variation: { mirrored: [pictures] }
steps: 2000
`;

/** Reading a config of ours again changes nothing. */
function isResolved(config: TrainConfig | BaseConfig): void {
  demand(
    JSON.stringify(parseAnyConfig(config, "again")) === JSON.stringify(config),
    "a resolved config is read as another",
  );
  demand(!("x" in {}) && !("a" in {}), "Object.prototype was changed");
}

export const config: Reader = {
  reads: "configs (--config, YAML or JSON)",
  accepted: "sound",
  prepare: async (folder) =>
    mutated(
      {
        samples: configSamples(),
        read: (files) => {
          writeFiles(folder, files);
          return readTrainConfig(join(folder, [...files.keys()][0]!));
        },
        check: isResolved,
      },
      "sound",
    ),
};

function configSamples(): Files[] {
  const shipped = ["configs/fashion-convnet-3.yaml"]
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path));
  const asJson = JSON.stringify({ name: "tiny", data: { dataset: "a", split: "b" }, steps: 1000 }, undefined, 2);
  return [
    ...[text(CONFIG), text(MIXTURE), text(SUPERVISED), ...shipped].map(
      (bytes) => new Map([["config.yaml", new Uint8Array(bytes)]]),
    ),
    new Map([["config.json", text(asJson)]]),
  ];
}

const KEYS = [
  "steps",
  "optimizer.learningRate",
  "data.dataset",
  "pudnet.beta",
  "group",
  "name",
  "target.width",
  "seed",
  "__proto__.x",
  "constructor.prototype.x",
  "name.a",
  "a..b",
  "toString.a",
  "data.__proto__.a",
  "",
];
const VALUES = [
  "1",
  "5000",
  "1e-4",
  "{}",
  "[1, 2]",
  "{a: b}",
  "",
  "a: b",
  "[",
  "*a",
  "&a [*a]",
  "!!x y",
  '"',
  "null",
  "~",
  "- 1",
  "1e400",
  "[".repeat(1000),
  "{a: ".repeat(2000),
  "a=b",
];

/** --set, on a config that is right. */
export const settings: Reader = {
  reads: "settings of the command line (--set)",
  accepted: "sound",
  prepare: async (folder) => {
    writeFiles(folder, new Map([["config.yaml", text(CONFIG)]]));
    const setting = fc.oneof(
      fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES)).map(([name, value]) => `${name}=${value}`),
      fc.tuple(fc.constantFrom(...KEYS), fc.string()).map(([name, value]) => `${name}=${value}`),
      fc.string(),
    );
    return fc.array(setting, { minLength: 1, maxLength: 3 }).map((list) =>
      attempt(
        () => new Map([["settings.txt", text(list.join("\n"))]]),
        async () => {
          isResolved(await readTrainConfig(join(folder, "config.yaml"), list));
          return "accepted";
        },
      ),
    );
  },
};

const count = fc.integer({ min: 1, max: 10_000 });

export const configWritten: Reader = {
  reads: "made-up configs, written as JSON and read as YAML",
  accepted: "same",
  prepare: async (folder) =>
    roundTrip({
      content: fc.record({
        name: fc.string({ minLength: 1 }),
        seed: fc.nat(),
        data: fc.record({ dataset: fc.string({ unit: "grapheme" }), split: fc.string(), augment: fc.boolean() }),
        optimizer: fc.record({ learningRate: fc.double({ min: 1e-9, max: 1, noNaN: true }) }),
        group: fc.record({ queries: count, extra: count }),
        checkpointSeconds: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
      }),
      write: (content) => new Map([["config.yaml", text(JSON.stringify(content))]]),
      read: (files) => {
        writeFiles(folder, files);
        return readTrainConfig(join(folder, "config.yaml"));
      },
      expected: (content) => parseAnyConfig(content, "expected"),
    }),
};
