// A small PudNet that nobody has trained, and pictures of classes that even it can tell apart.

import { type PudNetConfig, pudnetSchema } from "../src/hypernet/config.ts";
import { initPudNet } from "../src/hypernet/pudnet.ts";
import { architecture, layerSpecs, type Readout, type Stem } from "../src/models/architectures.ts";
import { fold, key, uniform } from "../src/tensor/random.ts";
import { hostTensor } from "../src/tensor/tree.ts";
import type { PudNetModel } from "../src/predict/model.ts";
import { type ImageSource, imageSource } from "../src/predict/image-source.ts";

export interface TinyOptions {
  readonly arch?: string;
  readonly side?: number;
  readonly width?: number;
  readonly stem?: Stem;
  readonly readout?: Readout;
  readonly seed?: number;
  readonly predict?: PudNetConfig["predict"];
  readonly sketch?: PudNetConfig["sketch"];
  /** What has a learned sketch, where `sketch` says so. */
  readonly domains?: readonly string[];
}

export function tinyPudNet({
  arch = "convnet-3",
  side = 8,
  width = 4,
  stem,
  readout,
  seed = 0,
  predict = "all",
  sketch = "dataset",
  domains,
}: TinyOptions = {}): PudNetModel {
  const config = pudnetSchema.parse({ hiddenSize: 8, gruLayers: 1, generatorWidth: 2, predict, sketch });
  const target = architecture(arch, side, { width, stem, readout });
  const { params, stats } = initPudNet(key(seed), config, target, 3, domains?.length);
  const normalization = { mean: [0.5, 0.4, 0.3], deviation: [0.3, 0.25, 0.2] } as const;
  const named = domains ? { domains } : {};
  return { config, arch: target, normalization, trainClasses: ["a", "b", "c"], ...named, params, stats };
}

/**
 * A PudNet that changes a base network. `better`: the base's last norm lets nothing through, and the whole change mends that;
 * `worse`: the other way round, half of the change being as bad as all of it.
 */
export function changingPudNet(change: "better" | "worse", options: TinyOptions = {}): PudNetModel {
  const { params, ...model } = tinyPudNet({ ...options, predict: "change" });
  const last = layerSpecs(model.arch).at(-1)!.norm;
  const shift = (name: "norms" | "normChanges", by: number) => {
    const { weight, bias } = params[name]![last]!;
    const own = bias.data as Float32Array;
    const before = own.length - model.arch.width; // a change has those of scales first
    const shifted = own.map((value, i) => (i < before ? value : value + by));
    return { [name]: { ...params[name], [last]: { weight, bias: hostTensor(bias.shape, shifted) } } };
  };
  const shifts =
    change === "better" ? { ...shift("norms", -10), ...shift("normChanges", 10) } : shift("normChanges", -10);
  return { ...model, params: { ...params, ...shifts } };
}

/** Noise around a colour per class: [classes * perClass, 3, side, side], class after class. */
export function colouredImages(ways: number, perClass: number, side: number, seed = 0) {
  const stride = 3 * side * side;
  const pixels = new Uint8Array(ways * perClass * stride);
  const labels: number[] = [];
  for (let i = 0; i < ways * perClass; i++) {
    const way = Math.floor(i / perClass);
    labels.push(way);
    const noise = uniform(fold(key(seed), i), stride, 0, 120);
    for (let j = 0; j < stride; j++) {
      const plane = Math.floor(j / (side * side));
      pixels[i * stride + j] = noise[j]! + (plane === way % 3 ? 120 : 10 * way);
    }
  }
  const images: ImageSource = imageSource(pixels, stride);
  return { pixels, images, labels, classes: Array.from({ length: ways }, (_, way) => `class-${way}`) };
}
