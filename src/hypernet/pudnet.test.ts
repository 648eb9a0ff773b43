// A meta-training step of PudNet beside PyTorch, and its ablations.

import { beforeAll, describe, test } from "vitest";
import { expect, largest } from "../../test/close.ts";
import { golden, LOWERINGS, oneHot } from "../../test/golden.ts";
import { trainOn } from "../../test/training-step.ts";
import { type Arch, architecture, layerSpecs } from "../models/architectures.ts";
import { freshStats, updateRunningStats } from "../models/network.ts";
import { adam } from "../optim/adam.ts";
import { clipByGlobalNorm, globalNorm } from "../optim/clip.ts";
import { applyUpdates, chain } from "../optim/transform.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { concat } from "../tensor/ops.ts";
import { compile } from "../tensor/program.ts";
import { key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  fillTree,
  type Host,
  type HostTensor,
  hostTensor,
  leaves,
  mapTree,
  sizeOf,
  type Tree,
} from "../tensor/tree.ts";
import { ahru } from "./ahru.ts";
import { type PudNetConfig, pudnetSchema } from "./config.ts";
import type { GroupShape } from "../data/groups.ts";
import { metaLoss } from "./meta-loss.ts";
import { initPudNet, predictWeights, type PudNet, type PudNetStats, sketchOf } from "./pudnet.ts";
import {
  initSketchNet,
  initSketchStats,
  type SketchNet,
  sketchRows,
  type SketchStats,
  updateSketchStats,
} from "./sketch.ts";

async function run<I extends object>(
  build: (inputs: I) => object,
  inputs: NoInfer<Host<I>>,
  lowering: "portable" | "blocked",
): Promise<ReadonlyMap<string, HostTensor>> {
  const program = await compile(build, inputs, { lowering });
  const results = await program.run(inputs);
  await program.release();
  return new Map(leaves(results));
}

describe.each(LOWERINGS)("a meta-training step beside PyTorch, %s", (lowering) => {
  const file = golden("pudnet");
  const expected = (name: string): HostTensor => file.tensor(`convnet-3/${name}`);
  const sizes = file.cases.get("convnet-3") as Record<string, number> & GroupShape;
  const arch = architecture("convnet-3", sizes["side"]!, { width: sizes["targetWidth"]! });
  const config = pudnetSchema.parse({
    hiddenSize: sizes["hidden"],
    gruLayers: sizes["gruLayers"],
    generatorWidth: sizes["m"],
    beta: sizes["beta"],
  });
  const group: GroupShape = sizes;
  const images = ["support", "query", "extra"].map((part) => expected(`images/${part}`));
  const inputs = {
    params: goldenParams(),
    stats: { sketch: initSketchStats(config), target: freshStats(layerSpecs(arch)) },
    images: hostTensor(
      [21, 3, 16, 16],
      images.flatMap(({ data }) => Array.from(data as Float32Array)),
    ),
    classes: oneHot(expected("classes"), sizes["trainClasses"]!),
  };
  type Traced = { params: PudNet; stats: PudNetStats; images: Tensor; classes: Tensor };

  /** The golden name of one of our paths: generators are numbered, the target's norms have a prefix. */
  function goldenName(path: string): string {
    const layers = layerSpecs(arch).map(({ name }) => name);
    return path
      .replace(/^generators\.([^.]+)/, (_, layer: string) => `generators.${layers.indexOf(layer)}`)
      .replace(/^norms\./, "target.");
  }

  function goldenParams(): PudNet<HostTensor> {
    const { params } = initPudNet(key(0), config, arch, sizes["trainClasses"]!);
    const byPath = new Map(leaves<HostTensor>(params).map(([path]) => [path, expected(`params/${goldenName(path)}`)]));
    return fillTree<HostTensor, HostTensor>(params, byPath, (path) => expect.fail(path)) as PudNet<HostTensor>;
  }

  describe("the first step", () => {
    let results: ReadonlyMap<string, HostTensor>;

    beforeAll(async () => {
      const build = ({ params, stats, ...batch }: Traced) => {
        const loss = metaLoss(config, arch, params, batch, group);
        const sketch = sketchOf(loss.sketch!.rows, config);
        return {
          sketch,
          representations: concat(ahru(params.ahru!, sketch, 3), 0),
          kernels: Object.values(predictWeights(config, arch, params, sketch).kernels),
          features: loss.target.features,
          loss: { metric: loss.metric, full: loss.full, kl: loss.kl, total: loss.total },
          accuracy: loss.accuracy,
          grads: gradientTree(loss.total, params),
          stats: {
            sketch: updateSketchStats(stats.sketch!, loss.sketch!),
            target: updateRunningStats(stats.target, loss.target),
          },
        };
      };
      results = await run(build, inputs, lowering);
    }, 60_000);

    test.each([
      "sketch",
      "representations",
      "kernels.0",
      "kernels.1",
      "kernels.2",
      "features",
      "loss.metric",
      "loss.full",
      "loss.kl",
      "loss.total",
      "accuracy",
    ])("%s", (path) => {
      const value = results.get(path)!;
      const name = path.replace("kernels.", "kernels/");
      expect(value.shape).toEqual(expected(name).shape);
      expect(value).toBeAllClose(expected(name), { rtol: 2e-5 });
    });

    test("gradients of all parameters", () => {
      const paths = [...results.keys()].filter((path) => path.startsWith("grads."));
      expect(paths.length).toBe(file.under("convnet-3/grads/").size);
      // a batch norm follows these: their gradient is nothing but rounding
      const cancelled = ["grads.sketch.head.linear.bias", "grads.sketch.blocks.2.norm.bias"];
      for (const path of paths) {
        const value = expected(`grads/${goldenName(path.replace("grads.", ""))}`);
        if (cancelled.includes(path)) expect(results.get(path), path).toBeAllClose(value, { rtol: 0, atol: 1e-5 });
        else expect(results.get(path), path).toBeAllClose(value, { rtol: 1e-4 });
      }
    });

    test("running statistics", () => {
      const names = [
        ...[0, 1, 2].map((i) => [`sketch.blocks.${i}`, `sketch.blocks.${i}.norm`]),
        ["sketch.head", "sketch.head.norm"],
        ...[1, 2, 3].map((i) => [`target.bn${i}`, `target.bn${i}`]),
      ];
      for (const [ours, name] of names) {
        expect(results.get(`stats.${ours}.mean`), name).toBeAllClose(expected(`stats/${name}.running_mean`));
        expect(results.get(`stats.${ours}.variance`), name).toBeAllClose(expected(`stats/${name}.running_var`));
      }
    });
  });

  test("ten steps of Adam with clipping", async () => {
    const optimizer = chain(clipByGlobalNorm(sizes["clip"]!), adam({ learningRate: sizes["lr"]! }));
    const { params, images: pixels, classes } = inputs;
    const step = (state: { params: PudNet; optimizer: Tree<Tensor> }, batch: { images: Tensor; classes: Tensor }) => {
      const { total } = metaLoss(config, arch, state.params, batch, group);
      const gradient = gradientTree(total, state.params);
      const { updates, state: next } = optimizer.update(gradient, state.optimizer, state.params);
      const metrics = { loss: total, gradientNorm: globalNorm(gradient) };
      return { state: { params: applyUpdates(state.params, updates), optimizer: next }, metrics };
    };
    const start = { params, optimizer: optimizer.init(params) };
    const batches = Array.from({ length: 10 }, () => ({ images: pixels, classes }));
    const { metrics } = await trainOn(step, start, batches, { lowering, stepsPerCall: 10 });
    metrics.forEach(({ loss, gradientNorm }, i) => {
      expect(loss!, `loss of step ${i + 1}`).toBeAllClose(Number(expected("losses").data[i]), { rtol: 1e-3 });
      const norm = Number(expected("gradientNorms").data[i]);
      expect(gradientNorm!, `gradient norm of step ${i + 1}`).toBeAllClose(norm, { rtol: 1e-2 });
    });
  });
});

describe("ablations", () => {
  const group: GroupShape = { ways: 2, shots: 2, queries: 2, extra: 1 };
  const small = { hiddenSize: 8, generatorWidth: 2 };
  const convnet = architecture("convnet-3", 12, { width: 4 });
  const resnet = architecture("resnet-18", 16, { width: 4 });

  /** The paths (up to the first two names) of parameters that get no gradient, and of those that are there. */
  async function gradientsOf(
    options: Partial<PudNetConfig>,
    arch: Arch,
    extra = group.extra,
    start = (params: PudNet<HostTensor>) => params,
  ) {
    const config = pudnetSchema.parse({ ...small, ...options });
    const size = { ...group, extra };
    const params = start(initPudNet(key(1), config, arch, 3).params);
    const shape = [2 * (4 + extra), 3, arch.side, arch.side];
    const classes = hostTensor([2, 3], [0, 0, 1, 1, 0, 0]);
    const inputs = { params, images: hostTensor(shape, normal(key(2), sizeOf(shape))), classes };
    const build = (traced: { params: PudNet; images: Tensor; classes: Tensor }) => {
      const { total } = metaLoss(config, arch, traced.params, traced, size);
      return { loss: total, grads: gradientTree(total, traced.params) };
    };
    const results = await run(build, inputs, "portable");
    const grads = [...results].filter(([path]) => path.startsWith("grads."));
    const none = grads.filter(([, grad]) => largest(grad) === 0).map(([path]) => path.replace("grads.", ""));
    for (const [path, { data }] of results) expect((data as Float32Array).every(Number.isFinite), path).toBe(true);
    return { none, results };
  }

  test("as it is, every parameter learns", async () => {
    expect((await gradientsOf({}, convnet)).none).toEqual([]);
    expect((await gradientsOf({}, convnet, 0)).none).toEqual([]);
  });

  test("with the sketch's norms first, every parameter learns; the losses are others", async () => {
    const [usual, first] = [
      await gradientsOf({}, convnet),
      await gradientsOf({ sketchOrder: "conv-norm-act" }, convnet),
    ];
    expect(first.none).toEqual([]);
    expect(first.results.get("loss")!.data[0]).not.toBe(usual.results.get("loss")!.data[0]);
  });

  test.each(["layer", "none"] as const)(
    "sketchNorm %s: an image's row does not depend on other images",
    async (norm) => {
      const config = pudnetSchema.parse({ ...small, sketchNorm: norm });
      expect((await gradientsOf({ sketchNorm: norm }, convnet)).none).toEqual([]);
      const { params } = initPudNet(key(4), config, convnet, 3);
      const images = normal(key(5), 4 * 3 * 12 * 12);
      const rowsOf = async (of: PudNetConfig, from: number, to: number): Promise<number[]> => {
        const x = hostTensor([to - from, 3, 12, 12], images.subarray(from * 432, to * 432));
        const build = (traced: { net: SketchNet; x: Tensor }) => ({
          rows: sketchRows(of, traced.net, traced.x).rows,
        });
        const results = await run(build, { net: params.sketch!, x }, "portable");
        return Array.from(results.get("rows")!.data as Float32Array);
      };
      const [all, last] = [await rowsOf(config, 0, 4), await rowsOf(config, 2, 4)];
      expect(all.slice(all.length / 2)).toBeAllClose(last, { rtol: 1e-5, atol: 1e-6 });
      const usual = pudnetSchema.parse(small);
      const [allNormed, lastNormed] = [await rowsOf(usual, 0, 4), await rowsOf(usual, 2, 4)];
      expect(Math.abs(allNormed[allNormed.length / 2]! - lastNormed[0]!)).toBeGreaterThan(1e-3);
    },
  );

  test("without context no gradient reaches the recurrent unit", async () => {
    const { none } = await gradientsOf({ context: false }, convnet);
    expect(none.length).toBeGreaterThan(0);
    expect(none.every((path) => path.startsWith("ahru."))).toBe(true);
    expect(none).toContain("ahru.a0");
  });

  test("with a constant sketch its rows learn, the sketch network does not", async () => {
    const { none, results } = await gradientsOf({ sketch: "constant" }, convnet);
    expect(none.length).toBeGreaterThan(0);
    expect(none.every((path) => path.startsWith("sketch."))).toBe(true);
    expect(results.get("grads.constantSketch.rows")!.shape).toEqual([2, 8]);
  });

  test.each([
    ["no-stem", ["conv1"]],
    ["no-shortcut", ["layer2.0.downsample.0", "layer3.0.downsample.0", "layer4.0.downsample.0"]],
  ] as const)("%s: those kernels are learned as they are", async (predict, learned) => {
    const { none, results } = await gradientsOf({ predict }, resnet);
    expect(none).toEqual([]);
    for (const { name } of layerSpecs(resnet)) {
      const isLearned = (learned as readonly string[]).includes(name);
      expect(results.has(`grads.learned.${name}`), name).toBe(isLearned);
      expect(results.has(`grads.generators.${name}.bank`), name).toBe(!isLearned);
    }
  });

  test("predict none: a static network, all of which learns, without sketch, recurrent unit or generators", async () => {
    const { none, results } = await gradientsOf({ predict: "none" }, resnet);
    expect(none).toEqual([]);
    const learned = layerSpecs(resnet).map(({ name }) => `grads.learned.${name}`);
    const kernels = [...results.keys()].filter((path) => !/^grads\.(norms|head)\.|^grads\.tau$|^loss$/.test(path));
    expect(kernels.toSorted()).toEqual(learned.toSorted());
    expect((await gradientsOf({ predict: "none", sketch: "constant" }, convnet)).none).toEqual([]);
  });

  describe("predict change", () => {
    const config = pudnetSchema.parse({ ...small, predict: "change" });
    /** As after some steps: nothing is zero. */
    const moved = (params: PudNet<HostTensor>): PudNet<HostTensor> =>
      mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) =>
        hostTensor(
          shape,
          (data as Float32Array).map((value, i) => value + 0.05 * Math.sin(i + path.length)),
        ),
      ) as PudNet<HostTensor>;
    const weightsOf = (params: PudNet<HostTensor>) =>
      run(
        (traced: { params: PudNet; sketch: Tensor }) => predictWeights(config, resnet, traced.params, traced.sketch),
        { params, sketch: hostTensor([2, 8], normal(key(6), 16)) },
        "portable",
      );

    test("starts with the learned weights", async () => {
      const { params } = initPudNet(key(1), config, resnet, 3);
      const weights = await weightsOf(params);
      for (const [path, leaf] of leaves<HostTensor>({ kernels: params.learned, norms: params.norms })) {
        expect(Array.from(weights.get(path)!.data as Float32Array), path).toEqual(
          Array.from(leaf.data as Float32Array),
        );
      }
    });

    test("changes all kernels and norms but the stem's", async () => {
      const params = moved(initPudNet(key(1), config, resnet, 3).params);
      const weights = await weightsOf(params);
      for (const [path, leaf] of leaves<HostTensor>({ kernels: params.learned, norms: params.norms })) {
        const isStem = path === "kernels.conv1" || path.startsWith("norms.bn1.");
        const difference = largest(
          hostTensor(
            leaf.shape,
            (leaf.data as Float32Array).map((value, i) => value - (weights.get(path)!.data[i] as number)),
          ),
        );
        expect(difference > 1e-6, path).toBe(!isStem);
      }
    });

    test("every parameter learns once the first step is made, and in it those that start at zero", async () => {
      const { none } = await gradientsOf({ predict: "change" }, resnet);
      expect(none.length).toBeGreaterThan(0);
      expect(none.filter((path) => !/^(sketch|ahru)\.|^generators\..*\.(norm|linear|mix)\./.test(path))).toEqual([]);
      expect((await gradientsOf({ predict: "change" }, resnet, group.extra, moved)).none).toEqual([]);
    });
  });

  test("losses of weight zero leave their part alone", async () => {
    expect((await gradientsOf({ fullLoss: 0, klLoss: 0 }, convnet)).none).toEqual(["head.weight", "head.bias"]);
    expect((await gradientsOf({ learnTemperature: false }, convnet)).none).toEqual(["tau"]);
  });

  test("prototypes pass a gradient where asked to", async () => {
    const [detached, attached] = [
      await gradientsOf({}, convnet),
      await gradientsOf({ detachPrototypes: false }, convnet),
    ];
    expect(attached.results.get("loss")).toEqual(detached.results.get("loss"));
    const path = "grads.generators.conv3.bank";
    expect(attached.results.get(path)!.data).not.toEqual(detached.results.get(path)!.data);
  });

  test("without initial residual the sketch still gets there, through the recurrent unit", async () => {
    expect((await gradientsOf({ beta: 0 }, convnet)).none).toEqual([]);
    expect((await gradientsOf({ beta: 1 }, convnet)).none.every((path) => path.startsWith("ahru."))).toBe(true);
  });
});

describe("sizes", () => {
  const entries = (tree: unknown): number =>
    leaves<HostTensor>(tree as Tree<HostTensor>).reduce((total, [, { shape }]) => total + sizeOf(shape), 0);
  const without = (generators: PudNet<HostTensor>["generators"]): unknown =>
    Object.values(generators).map(({ linear, mix, bank }) => ({ linear, mix, bank }));

  test.each([
    ["convnet-3", 32, 171_680, 170_824, 768],
    ["resnet-18", 32, 171_680, 23_842_016, 5_120],
    ["resnet-18", 80, 859_808, 23_883_296, 5_120],
  ] as const)(
    "%s at %i px: sketch network %i, generators %i, their norms %i",
    (name, side, sketch, generators, norms) => {
      const arch = architecture(name, side);
      const { params } = initPudNet(key(0), pudnetSchema.parse({}), arch, 80);
      expect(entries(params.sketch)).toBe(sketch);
      expect(entries(params.ahru)).toBe(215_040);
      expect(entries(without(params.generators))).toBe(generators);
      expect(entries(params.generators)).toBe(generators + norms);
    },
  );

  test.each([
    [28, 512],
    [32, 512],
    [80, 3200],
    [84, 3872],
    [128, 8192],
  ])("the last block of the sketch network for %i px has %i numbers", (side, features) => {
    const { head } = initSketchNet(key(0), pudnetSchema.parse({ hiddenSize: 2 }), side);
    expect(head.linear.weight.shape).toEqual([4, features]);
  });
});

test("with given statistics each image's row is its own: a sketch can stream", async () => {
  const config = pudnetSchema.parse({ hiddenSize: 8 });
  const { params } = initPudNet(key(4), config, architecture("convnet-3", 16), 3);
  const stats = fillTree<HostTensor, HostTensor>(initSketchStats(config), new Map(), (path, { shape }) =>
    hostTensor(
      shape,
      normal(key(path.length), sizeOf(shape)).map((value) => 1 + value ** 2),
    ),
  ) as SketchStats<HostTensor>;
  const rowsOf = async (n: number, from: number): Promise<number[]> => {
    const all = normal(key(5), 5 * 768);
    const inputs = {
      net: params.sketch!,
      stats,
      x: hostTensor([n, 3, 16, 16], all.subarray(from * 768, (from + n) * 768)),
    };
    const build = (traced: { net: SketchNet; stats: SketchStats; x: Tensor }) => ({
      rows: sketchRows(config, traced.net, traced.x, traced.stats).rows,
    });
    return Array.from((await run(build, inputs, "portable")).get("rows")!.data as Float32Array);
  };
  const together = await rowsOf(5, 0);
  expect([...(await rowsOf(2, 0)), ...(await rowsOf(3, 2))]).toBeAllClose(together, { rtol: 1e-6 });
});
