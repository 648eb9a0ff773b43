// Algorithm 2, inference on an unseen dataset: sketch of all generation images, one pass through AHRU and the weight
// generators, features of images under the predicted network.

import { UserError } from "../errors.ts";
import { checkStrength, interpolated } from "../hypernet/change.ts";
import { knownSketch } from "../hypernet/domain-sketch.ts";
import { predictsKernels, predictWeights, type PudNet, type PudNetStats } from "../hypernet/pudnet.ts";
import { sketchRows } from "../hypernet/sketch.ts";
import type { Weights } from "../models/network.ts";
import { matmul } from "../tensor/ops.ts";
import { compile, type CompileOptions, type Program } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor } from "../tensor/tree.ts";
import { fullChunk, imageSpec, type ImageSource } from "./image-source.ts";
import type { PudNetModel } from "./model.ts";
import { type Fitted, type Network, NetworkRunner } from "./network-runner.ts";
import { normalize } from "./normalize.ts";

type SketchInputs = { params: PudNet; stats: PudNetStats; images: Tensor; shares: Tensor };
type WeightInputs = { params: PudNet; sketch: Tensor };

/** What predicts weights. */
interface Programs {
  /** None where domains have learned sketches. */
  readonly sketch?: Program<SketchInputs, { readonly sum: Tensor }>;
  readonly weights: Program<WeightInputs, Weights>;
}

/** Images per call of the sketch; the sums, and with them the last bits of all weights, depend on it. */
const CHUNK = 250;

/** Predicts networks for datasets, and runs them. Compiled once per model; call `release` when done. */
export class Predictor {
  readonly #model: PudNetModel;
  /** None for a static network. */
  readonly #programs: Programs | undefined;
  readonly #features: NetworkRunner;

  private constructor(model: PudNetModel, programs: Programs | undefined, features: NetworkRunner) {
    this.#model = model;
    this.#programs = programs;
    this.#features = features;
  }

  /** Compiles the sketch, the generators and the target network. @throws UserError where `options.device` is not there */
  static async create(model: PudNetModel, options: CompileOptions = {}): Promise<Predictor> {
    const programs = predictsKernels(model.config) ? await compilePrograms(model, options) : undefined;
    const features = await NetworkRunner.create(model, options);
    const predictor = new Predictor(model, programs, features);
    predictor.use(model.params, model.stats);
    return predictor;
  }

  /** Goes on with other parameters of the same shapes (as training changes them). */
  use(params: PudNet<HostTensor>, stats: PudNetStats<HostTensor>): void {
    const bound = { params, stats };
    this.#programs?.sketch?.bind(bound);
    this.#programs?.weights.bind(bound);
    this.#current = { params, stats };
  }

  #current!: { readonly params: PudNet<HostTensor>; readonly stats: PudNetStats<HostTensor> };

  /** What it predicts with. */
  get model(): PudNetModel {
    return { ...this.#model, ...this.#current };
  }

  /**
   * Eq. 3 over any number of images -> [G, H]. A learned sketch ignores them, be it a constant or that of `domain`: of one that was not
   * trained on it is the mean of those that were. That of a static network, which has none, is zero.
   */
  async sketch(images: ImageSource, domain?: string): Promise<HostTensor> {
    const { config, arch, domains } = this.#model;
    const { constantSketch, domainSketches } = this.#current.params;
    const shape = [config.gruLayers, config.hiddenSize];
    if (!this.#programs) return hostTensor(shape);
    if (config.sketch === "constant") return constantSketch.rows!;
    if (domainSketches) return knownSketch(domainSketches, domainRow(domains, domain), config);
    const program = this.#programs.sketch!;
    const total = new Float64Array(config.gruLayers * config.hiddenSize);
    for (let from = 0; from < images.count; from += CHUNK) {
      const chunk = fullChunk(images, from, { side: arch.side, chunk: CHUNK });
      const shares = hostTensor([1, CHUNK], new Float32Array(CHUNK).fill(1 / images.count, 0, chunk.count));
      const { sum } = await program.run({ images: chunk.images, shares });
      (sum.data as Float32Array).forEach((value, i) => (total[i]! += value));
    }
    return hostTensor(shape, total);
  }

  /** The whole prediction for images, of a domain where that is known, with the running statistics of meta-training. */
  async predict(images: ImageSource, strength = 1, domain?: string): Promise<Network> {
    return (await this.predictEach(images, [strength], domain))[0]!;
  }

  /** The same at several strengths, for little more than the price of one: they share the sketch, and what comes of it. */
  async predictEach(images: ImageSource, strengths: readonly number[], domain?: string): Promise<Network[]> {
    return this.networksOf(isRead(strengths) ? await this.sketch(images, domain) : undefined, strengths);
  }

  /**
   * Eq. 4 to 6: target networks from a sketch [G, H], with the running statistics of meta-training. A static network's weights are as
   * learned. Where a change of learned weights is predicted, each strength (0 to 1) says how much of it is made; nothing of it needs no sketch.
   * @throws UserError for another strength than 1 where no change is predicted, and where a sketch is missing
   */
  async networksOf(sketch: HostTensor | undefined, strengths: readonly number[]): Promise<Network[]> {
    for (const strength of strengths) if (strength !== 1) checkStrength(this.#model.config, strength);
    if (!sketch && this.#programs && isRead(strengths))
      throw new UserError("weights predicted without a sketch", {
        hint: "give the sketch of the images, as `sketch` makes it",
      });
    const whole = sketch && isRead(strengths) ? await this.#predicted(sketch) : this.#learned;
    const { target: stats } = this.#current.stats;
    return strengths.map((strength) => ({ weights: this.#inPart(whole, strength), stats }));
  }

  /** What is learned as it is: all of a static network, and what a change starts from. */
  get #learned(): Weights<HostTensor> {
    const { learned: kernels, norms } = this.#current.params;
    return { kernels, norms };
  }

  async #predicted(sketch: HostTensor): Promise<Weights<HostTensor>> {
    return this.#programs ? await this.#programs.weights.run({ sketch }) : this.#learned;
  }

  #inPart(whole: Weights<HostTensor>, strength: number): Weights<HostTensor> {
    if (strength === 0) return this.#learned;
    return strength === 1 ? whole : interpolated(this.#learned, whole, strength);
  }

  /** The same network with batch norm fitted to (at most 500 evenly spread) images instead. */
  fitStats(network: Network, images: ImageSource): Promise<Network> {
    return this.#features.fitStats(network, images);
  }

  /** The same, with the features of these images. */
  fit(network: Network, images: ImageSource): Promise<Fitted> {
    return this.#features.fit(network, images);
  }

  /** Features of the images at `positions` (all by default) under a network fitted to these images. */
  fittedFeatures(fitted: Fitted, images: ImageSource, positions?: readonly number[]): Promise<Float32Array> {
    return this.#features.fittedFeatures(fitted, images, positions);
  }

  /** Features [n, d] of n images under a network, row by row. */
  features(network: Network, images: ImageSource): Promise<Float32Array> {
    return this.#features.features(network, images);
  }

  async release(): Promise<void> {
    await this.#programs?.sketch?.release();
    await this.#programs?.weights.release();
    await this.#features.release();
  }
}

/** Whether a network of one of these strengths depends on its sketch. */
const isRead = (strengths: readonly number[]): boolean => strengths.some((strength) => strength !== 0);

/** The place of a domain among those that were trained on; undefined for another. */
function domainRow(domains: readonly string[] = [], domain?: string): number | undefined {
  const row = domains.findIndex((name) => name === domain);
  return row < 0 ? undefined : row;
}

async function compilePrograms(
  { config, arch, params, stats, normalization }: PudNetModel,
  options: CompileOptions,
): Promise<Programs> {
  const sketchShape = { shape: [config.gruLayers, config.hiddenSize] };
  const weights = await compile(
    (inputs: WeightInputs) => predictWeights(config, arch, inputs.params, inputs.sketch),
    { params, sketch: sketchShape },
    options,
  );
  if (!params.sketch) return { weights };
  const images = imageSpec(arch.side, CHUNK);
  const shares = { shape: [1, CHUNK] };
  const sketch = await compile(
    (inputs: SketchInputs) => {
      const pixels = normalize(inputs.images, normalization);
      const { rows } = sketchRows(config, inputs.params.sketch!, pixels, inputs.stats.sketch);
      return { sum: matmul(inputs.shares, rows) };
    },
    { params, stats, images, shares },
    options,
  );
  return { sketch, weights };
}
