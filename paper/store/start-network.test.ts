import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { architecture, initWeights, key } from "pudnet/engine";
import { ADAM, MUSML_OPTIONS, parseSingleConfig } from "pudnet/methods";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import type { EpisodicRecipe, MusmlRecipe, NetworkRecipe, PretrainedRecipe } from "../recipes/recipe.ts";
import { imageSource } from "../../src/predict/image-source.ts";
import { startNetwork } from "./start-network.ts";
import { Store } from "./store.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "pudnet-start-"));
  writeFashionStandIn(home, { train: 20, test: 10 });
});
afterEach(() => rmSync(home, { recursive: true }));
const store = () => new Store({ out: join(home, "out"), root: home, threads: 1, print: () => undefined });

const source = { dataset: "fashion-mnist", split: "fashion-set", side: 28, trainOn: "train" } as const;
const target = { arch: "convnet-3", width: 4, stem: "3x3" } as const;
const common = { source, target, seed: 0, optimizer: ADAM, augment: false } as const;
const task = { ways: 3, shots: 2, queries: 2 };
const pretrained: PretrainedRecipe = { ...common, method: "pretrained", epochs: 1, batch: 20, neck: "meta-deepbdc" };
const deepBdc: EpisodicRecipe = {
  ...common,
  method: "episodic",
  rule: "meta-deepbdc",
  task,
  tasksPerStep: 1,
  steps: 2,
  start: pretrained,
};
const pudnet: NetworkRecipe = {
  method: "pudnet",
  config: parseSingleConfig(
    {
      name: "pudnet",
      seed: 0,
      steps: 4,
      logEvery: 2,
      data: { dataset: "fashion-mnist", split: "fashion-set", trainOn: "train" },
      target: { arch: "convnet-3", width: 4 },
      pudnet: { hiddenSize: 8, generatorWidth: 2 },
      group: { ways: 3, shots: 2, queries: 2, extra: 2 },
      validation: { every: 4, groups: 1, generation: 4, test: 4 },
    },
    "a test",
  ),
};
const images = (shade: number) =>
  imageSource(
    new Uint8Array(6 * 3 * 28 * 28).map((_, i) => (i * shade) % 251),
    3 * 28 ** 2,
  );

describe("what fine-tuning starts from", () => {
  const shapes = (network: { weights: object; stats: object }) =>
    JSON.stringify(network, (_, value: unknown) =>
      value !== null && typeof value === "object" && "shape" in value ? value.shape : value,
    );
  const like = initWeights(key(0), architecture("convnet-3", 28, { width: 4 }));

  it("is the target network alone where a method has learned layers behind it", async () => {
    const { startOf } = await startNetwork(store(), deepBdc);
    const [one, other] = [await startOf(images(3)), await startOf(images(7))];
    expect(shapes(one)).toBe(shapes({ weights: like.weights, stats: like.stats }));
    expect(other).toBe(one); // whatever the images
  });

  it("is what PudNet predicts from the images to be learned", async () => {
    const { startOf, normalization } = await startNetwork(store(), pudnet);
    const [one, again, other] = [await startOf(images(3)), await startOf(images(3)), await startOf(images(7))];
    expect(shapes(one)).toBe(shapes({ weights: like.weights, stats: like.stats }));
    expect(again).toEqual(one);
    expect(other.weights.kernels).not.toEqual(one.weights.kernels);
    expect(normalization.mean).toHaveLength(3);
  });

  it("cannot be MUSML's, which has no network without a task", async () => {
    const musml: MusmlRecipe = {
      ...common,
      method: "musml",
      task,
      steps: 1,
      options: { ...MUSML_OPTIONS, subspaces: 1, innerSteps: 1, secondOrder: false },
    };
    await expect(startNetwork(store(), musml)).rejects.toThrow("MUSML has no network without a task");
  });
});
