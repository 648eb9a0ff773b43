// Methods whose network is the same for every group (all baselines but MUSML and training from scratch): each image is
// embedded once, and the groups classify embeddings.

import { gatherImages } from "../../data/dataset.ts";
import type { EpisodicMethod } from "../../baselines/method.ts";
import { compile, type Program } from "../../tensor/program.ts";
import { constant } from "../../tensor/ops.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type HostTensor, hostTensor, mapTree, type Tree } from "../../tensor/tree.ts";
import { type HeadName, Heads, labelledNeeded, ruleTitle } from "../../heads/heads.ts";
import { type Network, NetworkRunner, type RunnerTarget } from "../../predict/network-runner.ts";
import { featureSize } from "../../models/architectures.ts";
import { topAccuracy } from "../../heads/top-accuracy.ts";
import { type GroupEvaluator, type Groups, groupOf } from "./evaluator.ts";

export interface FixedNetwork extends RunnerTarget {
  readonly network: Network;
  /** The method's own rule for few shots; without it, cosine to class centroids. */
  readonly rule?: { readonly method: EpisodicMethod; readonly params: Tree<HostTensor> };
}

/** Bytes of embeddings that are kept at once; above that, each group's images are embedded for it alone, a rule's queries in pieces. */
const MOST_BYTES = 2 ** 30;

/**
 * Embeds all images of the pool first where they fit. With a rule of its own, a method's few-shot figure is that of the rule:
 * see ruleTitle.
 */
export async function embeddingEvaluator(
  fixed: FixedNetwork,
  groups: Groups,
  names: readonly HeadName[],
  mostBytes: number = MOST_BYTES,
): Promise<GroupEvaluator> {
  const rows = await embeddings(fixed, groups, mostBytes);
  try {
    const { rule } = fixed;
    const heads = new Heads(rule ? names.filter((name) => name !== "few") : names, rows.d, groups);
    const few = rule && names.includes("few") ? await FewShotRule.create(rule, rows.d, groups, mostBytes) : undefined;
    return evaluatorOf(groups, rows, heads, few);
  } catch (error) {
    await rows.release();
    throw error;
  }
}

function evaluatorOf(groups: Groups, rows: Embeddings, heads: Heads, few: FewShotRule | undefined): GroupEvaluator {
  const { shape } = groups;
  return {
    async evaluate(group) {
      const pair = groupOf(groups, group);
      const firstOf = (count: number) => rows.of(pair.generation.filter((_, i) => i % shape.generation < count));
      const byHead = async (): Promise<Record<string, number>> => {
        const support = await firstOf(labelledNeeded(heads.names, shape));
        return heads.accuracies(support, await rows.of(pair.test), shape);
      };
      const accuracy = heads.names.length > 0 ? await byHead() : {};
      if (!few) return { accuracy, seconds: {} };
      const found = await few.accuracy(await firstOf(shape.shots), (from, to) => rows.of(pair.test.subarray(from, to)));
      return { accuracy: { [ruleTitle(shape.shots)]: found, ...accuracy }, seconds: {} };
    },
    async release() {
      await heads.release();
      await few?.release();
      await rows.release();
    },
  };
}

type Positions = Int32Array | readonly number[];

/** Embeddings of images by their positions in the data set. */
interface Embeddings {
  readonly d: number;
  of(positions: Positions): Promise<Float32Array>;
  release(): Promise<void>;
}

async function embeddings(fixed: FixedNetwork, groups: Groups, mostBytes: number): Promise<Embeddings> {
  const { dataset, pool } = groups.data;
  const d = fixed.neck?.size ?? featureSize(fixed.arch);
  const runner = await NetworkRunner.create(fixed, groups);
  const embed = (positions: Positions): Promise<Float32Array> =>
    runner.features(fixed.network, {
      count: positions.length,
      read: (from, to) => gatherImages(dataset, positions.slice(from, to)),
    });
  const all = pool.classes.flatMap((c) => pool.positions[c]!);
  if (all.length * d * Float32Array.BYTES_PER_ELEMENT > mostBytes) {
    return { d, of: embed, release: () => runner.release() };
  }
  try {
    const known = await embed(all);
    const at = new Map(all.map((position, i) => [position, i]));
    return { d, of: async (positions) => gatherRows(known, d, positions, at), release: async () => undefined };
  } finally {
    await runner.release();
  }
}

function gatherRows(all: Float32Array, d: number, positions: Positions, at: ReadonlyMap<number, number>): Float32Array {
  const out = new Float32Array(positions.length * d);
  positions.forEach((position, i) => {
    const row = at.get(position)!;
    out.set(all.subarray(row * d, (row + 1) * d), i * d);
  });
  return out;
}

type RuleInputs = { support: Tensor; query: Tensor };

/** A method's own classification, compiled for the groups' shape: so many queries at a time as fit. */
class FewShotRule {
  readonly #program: Program<RuleInputs, { readonly logits: Tensor }>;
  readonly #shape: Groups["shape"];
  readonly #queries: number;

  private constructor(
    program: Program<RuleInputs, { readonly logits: Tensor }>,
    shape: Groups["shape"],
    queries: number,
  ) {
    this.#program = program;
    this.#shape = shape;
    this.#queries = queries;
  }

  static async create(
    { method, params }: NonNullable<FixedNetwork["rule"]>,
    d: number,
    groups: Groups,
    mostBytes: number,
  ) {
    const { ways, shots, test } = groups.shape;
    const fits = Math.floor(mostBytes / (d * Float32Array.BYTES_PER_ELEMENT));
    const queries = Math.max(1, Math.min(ways * test, fits));
    const learned = mapTree<HostTensor, Tensor>(params, ({ data, shape }) => constant(data as Float32Array, shape));
    const program = await compile(
      ({ support, query }: { support: Tensor; query: Tensor }) => ({
        logits: method.logits(learned, support, query, { ways, shots }),
      }),
      { support: hostTensor([ways * shots, d]), query: hostTensor([queries, d]) },
      groups,
    );
    return new FewShotRule(program, groups.shape, queries);
  }

  /** `queriesOf` gives the embeddings of queries `from` to `to` - 1. */
  async accuracy(
    support: Float32Array,
    queriesOf: (from: number, to: number) => Promise<Float32Array>,
  ): Promise<number> {
    const { ways, shots, test, top } = this.#shape;
    const d = support.length / (ways * shots);
    const all = new Float32Array(ways * test * ways);
    for (let from = 0; from < ways * test; from += this.#queries) {
      const to = Math.min(ways * test, from + this.#queries);
      const query = hostTensor([this.#queries, d]); // what is left over of the last piece stays zero
      query.data.set(await queriesOf(from, to));
      const { logits } = await this.#program.run({ support: hostTensor([ways * shots, d], support), query });
      all.set((logits.data as Float32Array).subarray(0, (to - from) * ways), from * ways);
    }
    return topAccuracy(all, ways, test, top);
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}
