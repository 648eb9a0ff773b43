// Algorithm 2, inference on an unseen dataset: sketch of all generation images, one pass through AHRU and the weight
// generators, features of images under the predicted network. Images stream through in chunks, so memory stays constant.

import { UserError } from "../errors.ts";
import { predictKernels, type PudNet, type PudNetStats } from "../hypernet/pudnet.ts";
import { sketchRows } from "../hypernet/sketch.ts";
import { featureSize } from "../models/architectures.ts";
import { forward, initWeights, type Kernels, type Stats, type Weights } from "../models/network.ts";
import { constant, matmul } from "../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import { key } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, mapTree } from "../tensor/tree.ts";
import type { PudNetModel } from "./model.ts";
import { normalize } from "./normalize.ts";
import type { Neck } from "./scratch-step.ts";

/** Images per call. */
const CHUNK = 250;
/** Batch norm fitted to the generation set looks at no more images than this. */
const STATS_IMAGES = 500;

/** A predicted (or trained) target network: weights and batch-norm statistics. */
export interface Network {
  readonly weights: Weights<HostTensor>;
  readonly stats: Stats<HostTensor>;
}

/** A source of images: `read(from, to)` gives the pixels [to - from, 3, side, side] of a part, so that all need not be in memory. */
export interface ImageSource {
  readonly count: number;
  read(from: number, to: number): Uint8Array;
}

/**
 * Images that lie one after the other in memory.
 * @param pixels uint8 [n, 3, side, side]
 * @param pixelsPerImage 3 * side * side
 * @throws UserError where `pixels` ends within an image
 * @example imageSource(pixels, 3 * 32 * 32).count // n
 */
export function imageSource(pixels: Uint8Array, pixelsPerImage: number): ImageSource {
  const count = pixels.length / pixelsPerImage;
  if (!Number.isInteger(count)) {
    throw new UserError(`${pixels.length} pixels are no whole number of images of ${pixelsPerImage} pixels`, {
      hint: "an image has 3 * side * side pixels: is the side right?",
    });
  }
  return {
    count,
    read: (from, to) => pixels.subarray(from * pixelsPerImage, to * pixelsPerImage),
  };
}

type SketchInputs = { params: PudNet; stats: PudNetStats; images: Tensor; shares: Tensor };
type KernelInputs = { params: PudNet; sketch: Tensor };

/** Predicts networks for datasets, and runs them. Compiled once per model; call `release` when done. */
export class Predictor {
  readonly #model: PudNetModel;
  readonly #sketch: Program<SketchInputs, { readonly sum: Tensor }>;
  readonly #kernels: Program<KernelInputs, { readonly kernels: Kernels }>;
  readonly #features: NetworkRunner;

  private constructor(
    model: PudNetModel,
    sketch: Program<SketchInputs, { readonly sum: Tensor }>,
    kernels: Program<KernelInputs, { readonly kernels: Kernels }>,
    features: NetworkRunner,
  ) {
    this.#model = model;
    this.#sketch = sketch;
    this.#kernels = kernels;
    this.#features = features;
  }

  /** Compiles the sketch, the generators and the target network. @throws UserError where `options.device` is not there */
  static async create(model: PudNetModel, options: CompileOptions = {}): Promise<Predictor> {
    const { config, arch, params, stats, normalization } = model;
    const images = { shape: [CHUNK, 3, arch.side, arch.side], dtype: "uint8" } as const;
    const shares = { shape: [1, CHUNK] };
    const sketch = await compile(
      (inputs: SketchInputs) => {
        const pixels = normalize(inputs.images, normalization);
        const { rows } = sketchRows(config, inputs.params.sketch, pixels, inputs.stats.sketch);
        return { sum: matmul(inputs.shares, rows) };
      },
      { params, stats, images, shares },
      options,
    );
    const sketchShape = { shape: [config.gruLayers, config.hiddenSize] };
    const kernels = await compile(
      (inputs: KernelInputs) => ({
        kernels: predictKernels(config, arch, inputs.params, inputs.sketch),
      }),
      { params, sketch: sketchShape },
      options,
    );
    const features = await NetworkRunner.create(model, options);
    const predictor = new Predictor(model, sketch, kernels, features);
    predictor.use(params, stats);
    return predictor;
  }

  /** Goes on with other parameters of the same shapes (as training changes them). */
  use(params: PudNet<HostTensor>, stats: PudNetStats<HostTensor>): void {
    const bound = { params, stats };
    this.#sketch.bind(bound);
    this.#kernels.bind(bound);
    this.#current = { params, stats };
  }

  #current!: { readonly params: PudNet<HostTensor>; readonly stats: PudNetStats<HostTensor> };

  /** What it predicts with. */
  get model(): PudNetModel {
    return { ...this.#model, ...this.#current };
  }

  /** Eq. 3 over any number of images -> [G, H]. A constant sketch ignores them. */
  async sketch(images: ImageSource): Promise<HostTensor> {
    const { config, arch } = this.#model;
    const shape = [config.gruLayers, config.hiddenSize];
    if (config.sketch === "constant") return this.#current.params.constantSketch.rows!;
    const total = new Float64Array(config.gruLayers * config.hiddenSize);
    for (let from = 0; from < images.count; from += CHUNK) {
      const chunk = fullChunk(images, from, arch.side);
      const shares = hostTensor([1, CHUNK], new Float32Array(CHUNK).fill(1 / images.count, 0, chunk.count));
      const { sum } = await this.#sketch.run({ images: chunk.images, shares });
      (sum.data as Float32Array).forEach((value, i) => (total[i]! += value));
    }
    return hostTensor(shape, total);
  }

  /** Eq. 4 to 6: all kernels of the target network from a sketch [G, H]. */
  async kernels(sketch: HostTensor): Promise<Kernels<HostTensor>> {
    return (await this.#kernels.run({ sketch })).kernels;
  }

  /** The whole prediction, with the running statistics of meta-training. */
  async predict(images: ImageSource): Promise<Network> {
    const kernels = await this.kernels(await this.sketch(images));
    const { params, stats } = this.#current;
    return { weights: { kernels, norms: params.norms }, stats: stats.target };
  }

  /** The same network with batch norm fitted to (at most 500 evenly spread) images instead. */
  fitStats(network: Network, images: ImageSource): Promise<Network> {
    return this.#features.fitStats(network, images);
  }

  /** Features [n, d] of n images under a network, row by row. */
  features(network: Network, images: ImageSource): Promise<Float32Array> {
    return this.#features.features(network, images);
  }

  async release(): Promise<void> {
    await this.#sketch.release();
    await this.#kernels.release();
    await this.#features.release();
  }
}

type NetworkInputs = { weights: Weights; stats: Stats; images: Tensor };

/** What a NetworkRunner runs. */
export interface RunnerTarget extends Pick<PudNetModel, "arch" | "normalization"> {
  /** Where images are embedded otherwise than by the network's own features: by a trained neck. */
  readonly neck?: Neck;
}

/** Runs target networks of one architecture on images, whatever their weights. */
export class NetworkRunner {
  readonly #arch: PudNetModel["arch"];
  readonly #size: number;
  readonly #options: CompileOptions;
  readonly #normalization: PudNetModel["normalization"];
  readonly #program: Program<NetworkInputs, { readonly features: Tensor }>;
  #bound: Network | undefined;
  readonly #fits = new Map<number, Program<Omit<NetworkInputs, "stats">, { readonly stats: Stats }>>();

  private constructor(
    model: RunnerTarget,
    options: CompileOptions,
    program: Program<NetworkInputs, { readonly features: Tensor }>,
  ) {
    this.#arch = model.arch;
    this.#size = model.neck?.size ?? featureSize(model.arch);
    this.#normalization = model.normalization;
    this.#options = options;
    this.#program = program;
  }

  /** Compiles the target network. @throws UserError where `options.device` is not there */
  static async create(model: RunnerTarget, options: CompileOptions = {}): Promise<NetworkRunner> {
    const { arch, normalization, neck } = model;
    const constants =
      neck && mapTree<HostTensor, Tensor>(neck.initial, ({ data, shape }) => constant(data as Float32Array, shape));
    const program = await compile(
      ({ weights, stats, images }: NetworkInputs) => {
        const embedding = neck?.embedding(constants!);
        return { features: forward(arch, weights, normalize(images, normalization), stats, embedding).features };
      },
      { ...initWeights(key(0), arch, neck?.layers), images: imageSpec(arch.side, CHUNK) },
      options,
    );
    return new NetworkRunner(model, options, program);
  }

  /** Features [n, d] of n images, row by row; a network is bound once for as long as it stays the same object. */
  async features(network: Network, images: ImageSource): Promise<Float32Array> {
    if (this.#bound !== network) this.#program.bind(network);
    this.#bound = network;
    const d = this.#size;
    const out = new Float32Array(images.count * d);
    for (let from = 0; from < images.count; from += CHUNK) {
      const chunk = fullChunk(images, from, this.#arch.side);
      const { features } = await this.#program.run({ images: chunk.images });
      out.set((features.data as Float32Array).subarray(0, chunk.count * d), from * d);
    }
    return out;
  }

  /** Batch norm statistics of evenly spread generation images: one more forward pass, no gradient. */
  async fitStats({ weights }: Network, images: ImageSource): Promise<Network> {
    const count = Math.min(images.count, STATS_IMAGES);
    const program = await this.#fitProgram(count);
    const pixels = spread(images, count, 3 * this.#arch.side ** 2);
    const shape = imageSpec(this.#arch.side, count).shape;
    const { stats } = await program.run({ weights, images: { shape, data: pixels } });
    return { weights, stats };
  }

  async #fitProgram(count: number): Promise<Program<Omit<NetworkInputs, "stats">, { readonly stats: Stats }>> {
    const known = this.#fits.get(count);
    if (known) return known;
    const program = await compile(
      (inputs: Omit<NetworkInputs, "stats">) => ({
        stats: forward(this.#arch, inputs.weights, normalize(inputs.images, this.#normalization)).stats,
      }),
      {
        weights: initWeights(key(0), this.#arch).weights,
        images: imageSpec(this.#arch.side, count),
      },
      this.#options,
    );
    this.#fits.set(count, program);
    return program;
  }

  async release(): Promise<void> {
    await this.#program.release();
    for (const program of this.#fits.values()) await program.release();
  }
}

const imageSpec = (side: number, count: number) => ({ shape: [count, 3, side, side], dtype: "uint8" }) as const;

/** The next images, padded to a whole chunk. */
function fullChunk(images: ImageSource, from: number, side: number): { images: HostTensor; count: number } {
  const count = Math.min(CHUNK, images.count - from);
  const { shape } = imageSpec(side, CHUNK);
  const pixels = images.read(from, from + count);
  if (count === CHUNK) return { images: { shape, data: pixels }, count };
  const padded = new Uint8Array(CHUNK * 3 * side * side);
  padded.set(pixels);
  return { images: { shape, data: padded }, count };
}

function spread(images: ImageSource, count: number, pixelsPerImage: number): Uint8Array {
  const out = new Uint8Array(count * pixelsPerImage);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * images.count) / count);
    out.set(images.read(at, at + 1), i * pixelsPerImage);
  }
  return out;
}
