// Exported C, compiled by gcc: what it answers, what it takes, and names that may hold anything.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledC, noGcc } from "../../test/compiled-c.ts";
import { HOSTILE } from "../../test/hostile-names.ts";
import { roughClassifier, type RoughOptions } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import type { Classifier } from "../classifier/classifier.ts";
import type { ImageSource } from "../predict/image-source.ts";
import { exportC } from "./c.ts";
import { pack } from "./pack.ts";
import { quantised } from "./quantise.ts";
import { runPlan } from "./runtime.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-c-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A threshold that some pictures are above and others below, and none is near. */
function middleSimilarity(classifier: Classifier, images: ImageSource): number {
  const { packed, bytes } = pack(quantised(classifier, images));
  const { similarity } = runPlan(packed, bytes);
  const all = Array.from({ length: images.count }, (_, i) => similarity(images.read(i, i + 1))).toSorted(
    (a, b) => a - b,
  );
  const gaps = all.slice(1).map((value, i) => value - all[i]!);
  const widest = gaps.indexOf(Math.max(...gaps));
  return (all[widest]! + all[widest + 1]!) / 2;
}

function exported(options: RoughOptions, name: string) {
  const rough = roughClassifier(options);
  const { images, pixels } = colouredImages(3, 3, rough.arch.side);
  const classifier = { ...rough, unknown: { ...rough.unknown!, threshold: middleSimilarity(rough, images) } };
  const plan = quantised(classifier, images);
  return { classifier, images, pixels, plan, files: exportC(classifier, plan, name, { command: "pudnet '*/ /*'" }) };
}

it.runIf(noGcc)("SKIPPED: there is no gcc here (Debian: apt-get install gcc)", () => {});

describe.skipIf(noGcc)("compiled by gcc without a warning", { timeout: 600_000 }, () => {
  it.each([
    { arch: "convnet-3", head: "linear", classes: HOSTILE },
    { arch: "convnet-4", head: "closed-form", side: 23 },
    { arch: "resnet-8", readout: "stages", stem: "3x3+pool" },
    { arch: "resnet-18", head: "closed-form" },
    { arch: "resnet-8", stem: "7x7+pool", side: 40, width: 6, readout: "stages" },
  ] satisfies RoughOptions[])("$arch, $stem, $head: the scores of the runtime", (options) => {
    const { images, pixels, plan, files } = exported(options, "my-pets");
    const { packed, bytes } = pack(plan);
    const running = runPlan(packed, bytes);
    const { labels, scores, best, unknown } = compiledC(folder, "my-pets", files, pixels, plan.side);
    const expected = Array.from({ length: images.count }, (_, i) => [...running.probabilities(images.read(i, i + 1))]);
    expect(Math.max(...scores.flat().map((score, i) => Math.abs(score - expected.flat()[i]!)))).toBeLessThan(0.002);
    expect(best).toEqual(scores.map((row) => row.indexOf(Math.max(...row))));
    const refused = Array.from({ length: images.count }, (_, i) => running.similarity(images.read(i, i + 1)));
    expect(unknown).toEqual(refused.map((similarity) => similarity < plan.unknown!.threshold));
    expect(new Set(unknown)).toEqual(new Set([true, false]));
    const written = plan.classes.map((label) => new TextDecoder().decode(new TextEncoder().encode(label)));
    expect(labels).toEqual(written.map((label) => label.split("\0")[0])); // where strings of C end
  });

  it("a ResNet-8 of width 16 and 20 classes takes less than 512 kB of flash and 256 kB of RAM, and says so", () => {
    const classes = Array.from({ length: 20 }, (_, i) => `class ${i}`);
    const { files } = exported({ arch: "resnet-8", width: 16, side: 32, readout: "stages", classes }, "tiny");
    writeFileSync(join(folder, "tiny.h"), files.header);
    writeFileSync(join(folder, "tiny.c"), files.source);
    execFileSync("gcc", ["-std=c99", "-Os", "-c", "tiny.c", "-o", "tiny.o"], { cwd: folder });
    const [, numbers] = spawnSync("size", ["tiny.o"], { cwd: folder, encoding: "utf8" }).stdout.split("\n");
    const [text, data, bss] = numbers!.trim().split(/\s+/).map(Number) as [number, number, number];
    expect(text + data).toBeLessThan(512_000);
    expect(bss).toBeLessThan(256_000);
    expect(text + data - files.memory.flash).toBeGreaterThan(0);
    expect(text + data - files.memory.flash).toBeLessThan(12_000); // code, and pointers of 64 bits
    expect(bss - files.memory.ram).toBeGreaterThanOrEqual(0);
    expect(bss - files.memory.ram).toBeLessThan(256);
  });
});

it("is plain ASCII, whatever the names", () => {
  const { header, source } = exported({ arch: "convnet-3", classes: HOSTILE }, "3 pets".replace(" ", "-")).files;
  for (const text of [header, source]) expect(/^[\n -~]*$/.test(text)).toBe(true);
  expect(header).toContain("int c3_pets_classify(");
});

it("refuses names that are none of files of C", () => {
  expect(() => exported({ arch: "convnet-3" }, 'a".h')).toThrow("can be no name of a C file");
  expect(() => exported({ arch: "convnet-3" }, "Time")).toThrow('"Time.h" is a header of C');
});
