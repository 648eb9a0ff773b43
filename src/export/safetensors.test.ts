// Exported weights in PyTorch: by torchvision's names, all of them and no others, and with the library's scores.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { roughClassifier } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { ClassifierSession } from "../classifier/classify.ts";
import { exportClassifier } from "./export-classifier.ts";

const SCRIPT = resolve(import.meta.dirname, "../../test/torch-resnet.py");
const python = ["/usr/bin/python3", "python3"].find((path) => spawnSync(path, ["-c", "import torch"]).status === 0);

it.runIf(python === undefined)(
  "SKIPPED: there is no Python with torch here (Debian: apt-get install python3-torch)",
  () => {},
);

describe.skipIf(python === undefined)("of a ResNet-18 with a linear head, in PyTorch", { timeout: 600_000 }, () => {
  it.each([
    ["float32", 1e-4],
    ["float16", 2e-2],
  ] as const)("%s", async (numbers, most) => {
    const folder = mkdtempSync(join(tmpdir(), "pudnet-torch-"));
    const classifier = roughClassifier({ arch: "resnet-18", head: "linear", width: 4 });
    const { images, pixels } = colouredImages(3, 2, 16);
    const { mean, deviation } = classifier.normalization;
    const normal = Float32Array.from(pixels, (value, i) => {
      const colour = Math.floor(i / 256) % 3;
      return (value / 255 - mean[colour]!) / deviation[colour]!;
    });
    writeFileSync(join(folder, "pixels"), normal);
    const { files } = await exportClassifier(classifier, { format: "safetensors", numbers });
    writeFileSync(join(folder, "weights"), files[0]!.bytes);
    const args = [SCRIPT, join(folder, "weights"), "4", join(folder, "pixels")];
    const scores = (JSON.parse(execFileSync(python!, args, { encoding: "utf8" })) as number[][]).flat();
    rmSync(folder, { recursive: true });
    const session = await ClassifierSession.create(classifier);
    const expected = await session.probabilities(images);
    await session.release();
    expect(scores.length).toBe(expected.length);
    expect(Math.max(...scores.map((score, i) => Math.abs(score - expected[i]!)))).toBeLessThan(most);
  });
});
