// Exported files of a real classifier, opened by readers that are not ours: onnxruntime, plain JavaScript, and gcc where it is.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Classifier, predictClassifier } from "../src/classifier/classifier.ts";
import { ClassifierSession } from "../src/classifier/classify.ts";
import { exportClassifier, type ExportOptions } from "../src/export/export-classifier.ts";
import { largest } from "../src/heads/centroid-head.ts";
import { loadPudNet } from "../src/node/checkpoints/pudnet.ts";
import { readImageFolder } from "../src/node/datasets/image-folder.ts";
import { imageSource, type ImageSource } from "../src/predict/image-source.ts";
import { loadRuntime } from "../src/tensor/runtime.ts";
import { compiledC, noGcc } from "./compiled-c.ts";
import { importText } from "./import-text.ts";

const ROOT = resolve(import.meta.dirname, "..");

let classifier: Classifier;
let made: ImageSource;
/** Pictures that the classifier was not made from. */
let others: { readonly images: ImageSource; readonly labels: readonly number[] };
let ofLibrary: readonly number[];

beforeAll(async () => {
  const model = await loadPudNet(join(ROOT, "checkpoints/fashion-convnet-3.safetensors"));
  const { side } = model.arch;
  const { dataset } = await readImageFolder(join(ROOT, "samples/fashion-unseen"), { side, cache: false });
  const stride = 3 * side ** 2;
  const half = (rest: number) => {
    const chosen = [...dataset.labels.keys()].filter((i) => i % 2 === rest);
    const pixels = new Uint8Array(chosen.length * stride);
    chosen.forEach((i, at) => pixels.set(dataset.images.subarray(i * stride, (i + 1) * stride), at * stride));
    return { images: imageSource(pixels, stride), labels: chosen.map((i) => dataset.labels[i]!) };
  };
  const first = half(0);
  ({ classifier } = await predictClassifier(model, first.images, first.labels, dataset.classes, {
    heldOut: 0,
    threads: 1,
  }));
  made = first.images;
  others = half(1);
  const session = await ClassifierSession.create(classifier, { threads: 1 });
  ofLibrary = labelsOf(await session.probabilities(others.images));
  await session.release();
}, 600_000);

function labelsOf(scores: Float32Array): number[] {
  const ways = classifier.classes.length;
  return Array.from({ length: scores.length / ways }, (_, i) => largest(scores.subarray(i * ways, (i + 1) * ways)));
}

const right = (labels: readonly number[]): number => labels.filter((label, i) => label === others.labels[i]).length;
const alike = (a: readonly number[], b: readonly number[]): number =>
  a.filter((label, i) => label === b[i]).length / a.length;

async function exported(options: ExportOptions): Promise<Uint8Array> {
  const { files } = await exportClassifier(classifier, { pictures: made, ...options });
  return files[0]!.bytes;
}

async function byOnnxruntime(bytes: Uint8Array, runtime: "node" | "web"): Promise<number[]> {
  const { ort } = await loadRuntime(runtime);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const { side } = classifier.arch;
  const images = new ort.Tensor("uint8", others.images.read(0, others.images.count), [
    others.images.count,
    3,
    side,
    side,
  ]);
  const { probabilities } = await session.run({ images });
  await session.release();
  return labelsOf(probabilities!.data as Float32Array);
}

async function byJavaScript(bytes: Uint8Array): Promise<number[]> {
  const module = await importText<{ probabilities(planes: Uint8Array): Float32Array }>(bytes);
  return Array.from({ length: others.images.count }, (_, i) =>
    largest(module.probabilities(others.images.read(i, i + 1))),
  );
}

describe("of the clothes network, on pictures that it was not made from", { timeout: 600_000 }, () => {
  it("JavaScript in floats gives the labels of the library", async () => {
    expect(alike(await byJavaScript(await exported({ format: "js" })), ofLibrary)).toBeGreaterThanOrEqual(0.999);
  });

  it("8 bits lose less than a point in onnxruntime, and JavaScript and C give the same labels", async () => {
    const onnx = await exported({ format: "onnx", numbers: "int8" });
    const ofOnnx = await byOnnxruntime(onnx, "node");
    expect(right(ofOnnx)).toBeGreaterThan(right(ofLibrary) - others.labels.length / 100);
    expect(alike(await byOnnxruntime(onnx, "web"), ofOnnx)).toBeGreaterThanOrEqual(0.995);
    const script = await exported({ format: "js", numbers: "int8" });
    expect(alike(await byJavaScript(script), ofOnnx)).toBeGreaterThanOrEqual(0.995);
    if (!noGcc) {
      const { files } = await exportClassifier(classifier, { format: "c", pictures: made, name: "clothes" });
      const [source, header] = files.map(({ bytes }) => new TextDecoder().decode(bytes)) as [string, string];
      const planes = others.images.read(0, others.images.count);
      const folder = mkdtempSync(join(tmpdir(), "pudnet-clothes-"));
      const { best } = compiledC(folder, "clothes", { header, source }, planes, classifier.arch.side);
      rmSync(folder, { recursive: true });
      expect(alike(best, ofOnnx)).toBeGreaterThanOrEqual(0.995);
    }
    expect([onnx.length, script.length].every((length) => length < 150_000)).toBe(true);
  });
});
