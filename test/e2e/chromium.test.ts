// pudnet in a browser: bundled as a user's project bundles it, and run in Chromium on the pictures and the checkpoint that
// the package brings, beside the same in Node.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askPage, bundlePage, findChromium } from "../../scripts/in-chromium.mjs";
import {
  classifierFiles,
  ClassifierSession,
  imageSource,
  loadPudNet,
  predictClassifier,
  readImageFolder,
} from "../../src/index.ts";
import { ROOT, temporaryFolder } from "./pudnet.ts";

const CHECKPOINT = join(ROOT, "checkpoints/fashion-convnet-3.safetensors");
const PICTURES = join(ROOT, "samples/fashion-unseen");
const chromium = findChromium();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let site: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  site = await bundlePage(join(ROOT, "scripts/classify-page.mjs"), folder.path);
});
afterAll(() => folder[Symbol.asyncDispose]());

it("a bundler makes a page of 0.4 MB and plain WebAssembly of it, with nothing of Node", () => {
  const names = readdirSync(join(site, "assets"));
  const ending = (end: string): string[] => names.filter((name) => name.endsWith(end));
  expect(ending(".wasm")).toEqual([expect.stringMatching(/^ort-wasm-simd-threaded-[\w-]+\.wasm$/)]);
  const size = (name: string): number => statSync(join(site, "assets", name)).size;
  expect(size(ending(".wasm")[0]!)).toBeLessThan(15e6);
  expect(ending(".js").reduce((total, name) => total + size(name), 0)).toBeLessThan(400e3);
  const code = ending(".js").map((name) => readFileSync(join(site, "assets", name), "utf8"));
  expect(code.join().match(/from ?"node:|resvg|linkedom|dejavu/g)).toBeNull();
});

it.runIf(chromium === undefined)("SKIPPED: there is no Chromium here (Debian: apt-get install chromium)", () => {});

describe.skipIf(chromium === undefined)("in Chromium", () => {
  it("pictures become the same squares, and classifiers give the same labels and scores as in Node", async () => {
    const model = await loadPudNet(CHECKPOINT);
    const { side } = model.arch;
    const { dataset } = await readImageFolder(PICTURES, { side, cache: false });
    const chosen = [...dataset.labels.keys()].filter((i) => i % 10 === 0);
    const stride = 3 * side ** 2;
    const planes = chosen.flatMap((i) => [...dataset.images.subarray(i * stride, (i + 1) * stride)]);
    const images = imageSource(Uint8Array.from(planes), stride);
    const { classes } = dataset;
    const labels = chosen.map((i) => dataset.labels[i]!);
    const { classifier } = await predictClassifier(model, images, labels, classes);
    const session = await ClassifierSession.create(classifier);
    const scores = await session.probabilities(images);
    await session.release();
    const files = await classifierFiles(classifier);
    const pictures = chosen.map((i) => [`/${i}.png`, dataset.sources![i]!] as const);
    const job = {
      side,
      pictures: pictures.map(([path]) => path),
      checkpoint: "/checkpoint",
      labels,
      classes,
      classifier: { description: "/classifier.json", weights: "/weights" },
    };
    const answer = await askPage(chromium!, site, {
      ...Object.fromEntries(pictures),
      "/job.json": new TextEncoder().encode(JSON.stringify(job)),
      "/checkpoint": CHECKPOINT,
      "/classifier.json": files["classifier.json"],
      "/weights": files["weights.safetensors"],
    });
    expect(answer.planes).toEqual(planes);
    for (const found of [answer.scores, answer.predictedScores] as number[][]) {
      expect(found.length).toBe(scores.length);
      expect(Math.max(...found.map((score, i) => Math.abs(score - scores[i]!)))).toBeLessThan(1e-4);
      expect(bestOf(found, classes.length)).toEqual(bestOf(scores, classes.length));
    }
    expect(answer.onnxBytes).toBeGreaterThan(1e5);
  });

  it("a page that fails says why", async () => {
    const files = { "/job.json": new TextEncoder().encode('{"side": 8, "pictures": ["/none.png"]}') };
    await expect(askPage(chromium!, site, files)).rejects.toThrow(/InvalidStateError/);
  });
});

/** For each image the class of the highest score. */
function bestOf(scores: ArrayLike<number>, ways: number): number[] {
  return Array.from({ length: scores.length / ways }, (_, i) => {
    const row = Array.from({ length: ways }, (_score, way) => scores[i * ways + way]!);
    return row.indexOf(Math.max(...row));
  });
}
