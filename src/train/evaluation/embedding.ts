// Methods whose network is the same for every group (all baselines but MUSML and training from scratch): each image is
// embedded once, and the groups classify embeddings.

import { gatherImages } from "../../data/dataset.ts";
import type { EpisodicMethod } from "../../baselines/method.ts";
import { compile, type Program } from "../../tensor/program.ts";
import { constant } from "../../tensor/ops.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type HostTensor, hostTensor, mapTree, type Tree } from "../../tensor/tree.ts";
import { type HeadName, Heads, labelledNeeded, ruleTitle } from "../../heads/heads.ts";
import { imageSource, type Network, NetworkRunner, type RunnerTarget } from "../predictor.ts";
import { featureSize } from "../../models/architectures.ts";
import { topAccuracy } from "../../heads/top-accuracy.ts";
import { type GroupEvaluator, type Groups, pairOf } from "./evaluator.ts";

export interface FixedNetwork extends RunnerTarget {
  readonly network: Network;
  /** The method's own rule for few shots; without it, cosine to class centroids. */
  readonly rule?: { readonly method: EpisodicMethod; readonly params: Tree<HostTensor> };
}

/** Embeds all images of the pool first. With a rule of its own, a method's few-shot figure is that of the rule: see ruleTitle. */
export async function embeddingEvaluator(
  fixed: FixedNetwork,
  groups: Groups,
  names: readonly HeadName[],
): Promise<GroupEvaluator> {
  const { shape } = groups;
  const rows = await embedPool(fixed, groups);
  const heads = await Heads.create(fixed.rule ? names.filter((name) => name !== "few") : names, rows.d, groups);
  const few = fixed.rule && names.includes("few") ? await FewShotRule.create(fixed.rule, rows.d, groups) : undefined;
  return {
    async evaluate(group) {
      const pair = pairOf(groups, group);
      const labelled = labelledNeeded(heads.names, shape);
      const support = rows.of(pair.generation.filter((_, i) => i % shape.generation < labelled));
      const query = rows.of(pair.test);
      const accuracy = heads.names.length > 0 ? await heads.accuracies(support, query, shape) : {};
      if (!few) return { accuracy, seconds: {} };
      const shots = rows.of(pair.generation.filter((_, i) => i % shape.generation < shape.shots));
      return { accuracy: { [ruleTitle(shape.shots)]: await few.accuracy(shots, query), ...accuracy }, seconds: {} };
    },
    async release() {
      await heads.release();
      await few?.release();
    },
  };
}

/** Embeddings of the images of a pool's classes, by position in the data set. */
async function embedPool(fixed: FixedNetwork, groups: Groups) {
  const { dataset, pool } = groups.data;
  const positions = pool.classes.flatMap((c) => pool.positions[c]!);
  const at = new Map(positions.map((position, i) => [position, i]));
  const d = fixed.neck?.size ?? featureSize(fixed.arch);
  const runner = await NetworkRunner.create(fixed, groups);
  try {
    const stride = 3 * dataset.side ** 2;
    const images = {
      count: positions.length,
      read: (from: number, to: number) => gatherImages(dataset, positions.slice(from, to)),
    };
    const all = await runner.features(fixed.network, images.count > 0 ? images : imageSource(new Uint8Array(), stride));
    const of = (wanted: ArrayLike<number>): Float32Array => {
      const out = new Float32Array(wanted.length * d);
      for (let i = 0; i < wanted.length; i++) {
        const row = at.get(wanted[i]!)!;
        out.set(all.subarray(row * d, (row + 1) * d), i * d);
      }
      return out;
    };
    return { d, of };
  } finally {
    await runner.release();
  }
}

type RuleInputs = { support: HostTensor; query: HostTensor };

/** A method's own classification, compiled for the groups' shape. */
class FewShotRule {
  readonly #program: Program<RuleInputs, { readonly logits: Tensor }>;
  readonly #shape: Groups["shape"];

  private constructor(program: Program<RuleInputs, { readonly logits: Tensor }>, shape: Groups["shape"]) {
    this.#program = program;
    this.#shape = shape;
  }

  static async create({ method, params }: NonNullable<FixedNetwork["rule"]>, d: number, groups: Groups) {
    const { ways, shots, test } = groups.shape;
    const learned = mapTree<HostTensor, Tensor>(params, ({ data, shape }) => constant(data as Float32Array, shape));
    const program = await compile(
      ({ support, query }: { support: Tensor; query: Tensor }) => ({
        logits: method.logits(learned, support, query, { ways, shots }),
      }),
      { support: hostTensor([ways * shots, d]), query: hostTensor([ways * test, d]) },
      groups,
    );
    return new FewShotRule(program, groups.shape);
  }

  async accuracy(support: Float32Array, query: Float32Array): Promise<number> {
    const { ways, shots, test, top } = this.#shape;
    const d = support.length / (ways * shots);
    const { logits } = await this.#program.run({
      support: hostTensor([ways * shots, d], support),
      query: hostTensor([ways * test, d], query),
    });
    return topAccuracy(logits.data as Float32Array, ways, test, top);
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}
