// Readers of files that PudNet writes: nothing damaged may be accepted, and nothing with a right checksum may break them.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { sha256 as hashOf } from "../../../src/formats/sha256.ts";
import { FormatError } from "../../../src/errors.ts";
import { featureSize } from "../../../src/models/architectures.ts";
import { readKeptPictures, writeKeptPictures } from "../../../src/classifier/kept-pictures.ts";
import { initWeights } from "../../../src/models/network.ts";
import type { Classifier } from "../../../src/classifier/classifier.ts";
import type { ClassifierHead } from "../../../src/heads/classifier-head.ts";
import { descriptionHash } from "../../../src/classifier/classifier-file.ts";
import { loadClassifier, saveClassifier } from "../../../src/node/classifier/classifier-folder.ts";
import { contentHash } from "../../../src/formats/checkpoint.ts";
import { loadCheckpoint } from "../../../src/node/checkpoints/checkpoint.ts";
import { loadPudNet, savePudNet } from "../../../src/node/checkpoints/pudnet.ts";
import { leaves, hostTensor, type HostTensor, sizeOf } from "../../../src/tensor/tree.ts";
import { key } from "../../../src/tensor/random.ts";
import { tinyPudNet } from "../../tiny-pudnet.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, text, textOf, writeFiles } from "../subjects.ts";

/** All files below a folder, by their paths in it. */
export function filesBelow(folder: string, at = folder): Files {
  return new Map(
    readdirSync(at)
      .toSorted()
      .flatMap((name): [string, Uint8Array][] => {
        const path = join(at, name);
        if (statSync(path).isDirectory()) return [...filesBelow(folder, path)];
        return [[relative(folder, path), new Uint8Array(readFileSync(path))]];
      }),
  );
}

async function checkpointSample(folder: string): Promise<Files> {
  await savePudNet(join(folder, "best.safetensors"), tinyPudNet({ width: 2 }), { step: "40", best: "0.75" });
  return filesBelow(folder);
}

export const checkpoint: Reader = {
  reads: "checkpoints, damaged",
  accepted: "same",
  prepare: async (folder) => {
    const samples = [await checkpointSample(folder)];
    return mutated(
      {
        samples,
        read: async (files) => {
          writeFiles(folder, files);
          return loadCheckpoint(join(folder, "best.safetensors"));
        },
      },
      "same",
    );
  },
};

/** A checkpoint whose checksum is right whatever it says; what is no safetensors file stays as it is. */
export async function sealCheckpoint(files: Files): Promise<Files> {
  return new Map(await Promise.all(Array.from(files, async ([path, bytes]) => [path, await sealed(bytes)] as const)));
}

async function sealed(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const { tensors, metadata } = readSafetensors(bytes, "edited");
    const { format: _, version: __, sha256: ___, ...rest } = metadata;
    const own = { format: "pudnet-checkpoint", version: "1", sha256: await contentHash({ tensors, metadata: rest }) };
    return writeSafetensors(tensors, { ...rest, ...own });
  } catch (error) {
    if (error instanceof FormatError || error instanceof RangeError) return bytes;
    throw error;
  }
}

const GROWING = { arch: tinyPudNet({ width: 2 }).arch, classes: ["cat", "dog"] };

export const keptPictures: Reader = {
  reads: "what classifiers keep of their pictures, changed but with a right checksum",
  accepted: "sound",
  prepare: async () => {
    const weights = text("weights");
    const kept = {
      pictures: [0, 1, 1].map((label, i) => ({ path: `pets/${i}.png`, sha256: String(i).repeat(64), label })),
      features: new Float32Array(3 * featureSize(GROWING.arch)).map((_, i) => Math.sin(i)),
    };
    const samples = [new Map([["pictures.safetensors", await writeKeptPictures(kept, weights)]])];
    const hash = await hashOf(weights);
    return mutated(
      {
        samples,
        seal: sealCheckpoint,
        read: (files) => readKeptPictures(files.get("pictures.safetensors")!, GROWING, hash, "pictures.safetensors"),
        check: ({ pictures, features }) => {
          demand(features.length === pictures.length * featureSize(GROWING.arch), "features of other pictures");
          demand(features.every(Number.isFinite), "features that are not finite");
          demand(
            pictures.every(({ label }) => label in GROWING.classes),
            "a picture of no class",
          );
        },
      },
      "sound",
    );
  },
};

export const hypernetwork: Reader = {
  reads: "checkpoints of a PudNet, changed but with a right checksum",
  accepted: "sound",
  prepare: async (folder) => {
    const samples = [await checkpointSample(folder)];
    return mutated(
      {
        samples,
        seal: sealCheckpoint,
        read: async (files) => {
          writeFiles(folder, files);
          return loadPudNet(join(folder, "best.safetensors"));
        },
        check: ({ params, stats }) => {
          for (const [path, { shape, data }] of leaves<HostTensor>({ params, stats })) {
            demand(data.length === sizeOf(shape) && data instanceof Float32Array, `"${path}" is no tensor of numbers`);
          }
        },
      },
      "sound",
    );
  },
};

const HEAD_KINDS = ["centroids", "closed-form", "linear"] as const;

function someClassifier(head: (typeof HEAD_KINDS)[number]): Classifier {
  const { arch, normalization } = tinyPudNet({ width: 2 });
  const { weights, stats } = initWeights(key(1), arch);
  const numbers = hostTensor([2, 2], [1, 2, 4, 3]);
  const heads: Record<string, ClassifierHead> = {
    centroids: { kind: "centroids", centroids: numbers, temperature: 8.5 },
    "closed-form": { kind: "closed-form", mean: hostTensor([2], [1, -1]), weight: numbers, temperature: 8.5 },
    linear: { kind: "linear", weight: numbers, bias: hostTensor([2], [3, -2]) },
  };
  const about = { arch, normalization, classes: ["cat", "dög"], resize: "square-1" } as const;
  return { ...about, network: { weights, stats }, head: heads[head]! };
}

/** Without classifier.onnx, which no command of ours reads: its checksum in classifier.json is for those who do. */
export async function classifierSamples(folder: string): Promise<Files[]> {
  const samples: Files[] = [];
  for (const head of HEAD_KINDS) {
    const facts = { images: { total: 20 }, heldOut: { accuracy: 0.75, interval95: [0.5, 0.9] }, data: "pets" };
    await saveClassifier(join(folder, head), someClassifier(head), { facts });
    samples.push(new Map([...filesBelow(join(folder, head))].filter(([path]) => path !== "classifier.onnx")));
  }
  return samples;
}

export const classifier: Reader = {
  reads: "classifier folders, damaged",
  accepted: "same",
  prepare: async (folder) =>
    mutated(
      {
        samples: await classifierSamples(folder),
        read: async (files) => {
          writeFiles(folder, files);
          return loadClassifier(folder);
        },
      },
      "same",
    ),
};

/** Right checksums whatever the files say; what is no JSON object stays as it is. */
export async function sealClassifier(files: Files): Promise<Files> {
  const weights = files.get("weights.safetensors")!;
  const digest = createHash("sha256").update(weights).digest("hex");
  try {
    const json = JSON.parse(textOf(files, "classifier.json")) as { sha256: Record<string, unknown> };
    const resealed = { ...json, sha256: { ...json.sha256, "weights.safetensors": digest } };
    const sha256 = { ...resealed.sha256, description: await descriptionHash(resealed) };
    return new Map([...files, ["classifier.json", text(JSON.stringify({ ...resealed, sha256 }))]]);
  } catch {
    return files;
  }
}

export const classifierSealed: Reader = {
  reads: "classifier folders, changed but with right checksums",
  accepted: "sound",
  prepare: async (folder) =>
    mutated(
      {
        samples: await classifierSamples(folder),
        seal: sealClassifier,
        read: async (files) => {
          writeFiles(folder, files);
          return loadClassifier(folder);
        },
        check: ({ classifier: { classes, head, network, normalization } }) => {
          const rows = head.kind === "centroids" ? head.centroids : head.weight;
          demand(rows.shape[0] === classes.length, "classes and rows of the head differ in number");
          demand(new Set(classes).size === classes.length, "two classes of one name");
          demand(Math.min(...normalization.deviation) > 0, "colours are divided by a deviation of 0 or less");
          const more =
            head.kind === "linear" ? { bias: head.bias } : head.kind === "closed-form" ? { mean: head.mean } : {};
          for (const [path, { shape, data }] of leaves<HostTensor>({ ...network, head: { rows, ...more } })) {
            const numbers = data instanceof Float32Array ? data : [];
            demand(
              numbers.length === sizeOf(shape) && numbers.every(Number.isFinite),
              `"${path}" is no tensor of numbers`,
            );
          }
        },
      },
      "sound",
    ),
};
