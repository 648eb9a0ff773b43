// Runs a target network on images: features, and batch norm fitted to a data set.

import { invariant } from "../errors.ts";
import { featureSize } from "../models/architectures.ts";
import { forward, networkShapes, type Stats, type Weights } from "../models/network.ts";
import { constant } from "../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, mapTree } from "../tensor/tree.ts";
import { fullChunk, imageSource, imageSpec, type ImageSource, imagesAt, spreadPositions } from "./image-source.ts";
import type { PudNetModel } from "./model.ts";
import type { Neck } from "./neck.ts";
import { normalize } from "./normalize.ts";

/** Batch norm fitted to the generation set looks at no more images than this. */
export const STATS_IMAGES = 500;
/** Images per call by default: few are left over of most numbers of pictures. */
export const FEATURE_CHUNK = 100;
/** Programs that fit batch norm are of one number of images each, and keep the memory of a run: those who ask for ever more hold so many. */
const FITS = 2;

/** A predicted (or trained) target network: weights and batch-norm statistics. */
export interface Network {
  readonly weights: Weights<HostTensor>;
  readonly stats: Stats<HostTensor>;
}

/** A network with batch norm fitted to images, and what came of these on the way. */
export interface Fitted {
  readonly network: Network;
  /** Places of the images that it was fitted to, ascending, each once. */
  readonly positions: readonly number[];
  /** Their features under the network, row by row. */
  readonly features: Float32Array;
}

/** A network with the statistics that it came with. */
export const unfitted = (network: Network): Fitted => ({ network, positions: [], features: new Float32Array() });

type NetworkInputs = { weights: Weights; stats: Stats; images: Tensor };
type FitProgram = Program<Omit<NetworkInputs, "stats">, { readonly stats: Stats; readonly features: Tensor }>;

/** What a NetworkRunner runs. */
export interface RunnerTarget extends Pick<PudNetModel, "arch" | "normalization"> {
  /** Where images are embedded otherwise than by the network's own features: by a trained neck. */
  readonly neck?: Neck;
  /** Images a call, 100 by default: each takes as long as if there were so many. The numbers do not depend on it. */
  readonly chunk?: number;
}

/** Runs target networks of one architecture on images, whatever their weights. */
export class NetworkRunner {
  readonly #arch: PudNetModel["arch"];
  readonly #hasNeck: boolean;
  readonly #size: number;
  readonly #chunk: number;
  readonly #options: CompileOptions;
  readonly #normalization: PudNetModel["normalization"];
  readonly #program: Program<NetworkInputs, { readonly features: Tensor }>;
  #bound: Network | undefined;
  readonly #fits = new Map<number, FitProgram>();

  private constructor(
    model: RunnerTarget,
    options: CompileOptions,
    program: Program<NetworkInputs, { readonly features: Tensor }>,
  ) {
    this.#arch = model.arch;
    this.#hasNeck = model.neck !== undefined;
    this.#size = model.neck?.size ?? featureSize(model.arch);
    this.#chunk = model.chunk ?? FEATURE_CHUNK;
    this.#normalization = model.normalization;
    this.#options = options;
    this.#program = program;
  }

  /** Compiles the target network. @throws UserError where `options.device` is not there */
  static async create(model: RunnerTarget, options: CompileOptions = {}): Promise<NetworkRunner> {
    const { arch, normalization, neck, chunk = FEATURE_CHUNK } = model;
    const constants =
      neck && mapTree<HostTensor, Tensor>(neck.initial, ({ data, shape }) => constant(data as Float32Array, shape));
    const program = await compile(
      ({ weights, stats, images }: NetworkInputs) => {
        const embedding = neck?.embedding(constants!);
        return { features: forward(arch, weights, normalize(images, normalization), stats, embedding).features };
      },
      { ...networkShapes(arch, neck?.layers), images: imageSpec(arch.side, chunk) },
      options,
    );
    return new NetworkRunner(model, options, program);
  }

  /** Features [n, d] of n images, row by row; a network is bound once for as long as it stays the same object. */
  async features(network: Network, images: ImageSource): Promise<Float32Array> {
    const d = this.#size;
    const size = { side: this.#arch.side, chunk: this.#chunk };
    const out = new Float32Array(images.count * d);
    for (let from = 0; from < images.count; from += size.chunk) {
      const chunk = fullChunk(images, from, size);
      if (this.#bound !== network) this.#program.bind(network);
      this.#bound = network;
      const { features } = await this.#program.run({ images: chunk.images });
      out.set((features.data as Float32Array).subarray(0, chunk.count * d), from * d);
    }
    return out;
  }

  /** Features of the images at `positions` (all by default) under a network fitted to these images: what is known is not computed again. */
  async fittedFeatures(
    fitted: Fitted,
    images: ImageSource,
    positions: readonly number[] = spreadPositions(images.count, images.count),
  ): Promise<Float32Array> {
    const d = this.#size;
    const known = new Map(fitted.positions.map((position, row) => [position, row]));
    const others = positions.filter((position) => !known.has(position));
    const pixels = 3 * this.#arch.side ** 2;
    const computed = await this.features(fitted.network, imageSource(imagesAt(images, others, pixels), pixels));
    const out = new Float32Array(positions.length * d);
    let next = 0;
    positions.forEach((position, at) => {
      const row = known.get(position);
      const rows = row === undefined ? computed : fitted.features;
      const start = (row ?? next++) * d;
      out.set(rows.subarray(start, start + d), at * d);
    });
    return out;
  }

  /** Batch norm statistics of evenly spread generation images: one more forward pass, no gradient. */
  async fitStats(network: Network, images: ImageSource): Promise<Network> {
    return (await this.fit(network, images)).network;
  }

  /** The same, with the features of these images, which need not be computed again. Not of a network with a neck. */
  async fit({ weights }: Network, images: ImageSource): Promise<Fitted> {
    invariant(!this.#hasNeck, () => "batch norm fitted to images under a neck, whose features these are not");
    const count = Math.min(images.count, STATS_IMAGES);
    const program = await this.#fitProgram(count);
    const positions = spreadPositions(images.count, count);
    const pixels = imagesAt(images, positions, 3 * this.#arch.side ** 2);
    const shape = imageSpec(this.#arch.side, count).shape;
    const { stats, features } = await program.run({ weights, images: { shape, data: pixels } });
    return { network: { weights, stats }, positions, features: features.data as Float32Array };
  }

  async #fitProgram(count: number): Promise<FitProgram> {
    const known = this.#fits.get(count);
    if (known) return known;
    const [oldest] = this.#fits;
    if (oldest && this.#fits.size >= FITS) {
      this.#fits.delete(oldest[0]);
      await oldest[1].release();
    }
    const program = await compile(
      ({ weights, images }: Omit<NetworkInputs, "stats">) => {
        const pixels = normalize(images, this.#normalization);
        const { stats, features } = forward(this.#arch, weights, pixels);
        return { stats, features };
      },
      {
        weights: networkShapes(this.#arch).weights,
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
