// Learned sketches of domains: a group's own is read and learns alone, as a constant one would; without a sketch network.

import { describe, expect, it } from "vitest";
import type { GroupShape } from "../data/groups.ts";
import { architecture } from "../models/architectures.ts";
import { gradientTree } from "../tensor/gradients.ts";
import { compile } from "../tensor/program.ts";
import { key, normal } from "../tensor/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type HostTensor, hostTensor, leaves, mapTree, sizeOf } from "../tensor/tree.ts";
import { type PudNetConfig, pudnetSchema } from "./config.ts";
import { knownSketch } from "./domain-sketch.ts";
import { metaLoss } from "./meta-loss.ts";
import { initPudNet, type PudNet } from "./pudnet.ts";

const DOMAINS = 3;
const OWN = 1;
const group: GroupShape = { ways: 2, shots: 2, queries: 2, extra: 1 };
const arch = architecture("convnet-3", 12, { width: 4 });
const images = hostTensor([10, 3, 12, 12], normal(key(2), sizeOf([10, 3, 12, 12])));
const classes = hostTensor([2, 3], [0, 0, 1, 1, 0, 0]);
const oneHot = hostTensor(
  [1, DOMAINS],
  Array.from({ length: DOMAINS }, (_, i) => Number(i === OWN)),
);

/** As after some steps: what a change starts from is no longer zero. */
const moved = (params: PudNet<HostTensor>): PudNet<HostTensor> =>
  mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) =>
    hostTensor(
      shape,
      (data as Float32Array).map((value, i) => value + 0.05 * Math.sin(i + path.length)),
    ),
  ) as PudNet<HostTensor>;

async function lossAndGradients(config: PudNetConfig, params: PudNet<HostTensor>) {
  const inputs = { params, images, classes, domain: oneHot };
  const build = (traced: { params: PudNet; images: Tensor; classes: Tensor; domain: Tensor }) => {
    const { total, sketch } = metaLoss(config, arch, traced.params, traced, group);
    expect(sketch !== undefined).toBe(config.sketch !== "domain");
    return { loss: total, grads: gradientTree(total, traced.params) };
  };
  const program = await compile(build, inputs, { lowering: "portable" });
  const results = new Map(leaves<HostTensor>(await program.run(inputs)));
  await program.release();
  return results;
}

const largest = (data: Iterable<number>): number => Math.max(...Array.from(data, Math.abs));

describe.each(["all", "change"] as const)("predict %s", (predict) => {
  const of = (sketch: PudNetConfig["sketch"]): PudNetConfig =>
    pudnetSchema.parse({ hiddenSize: 8, generatorWidth: 2, predict, sketch });
  const config = of("domain");
  const params = moved(initPudNet(key(1), config, arch, 3, DOMAINS).params);

  it("the sketch of a group's domain learns with all else; the others do not", async () => {
    const results = await lossAndGradients(config, params);
    const { data, shape } = results.get("grads.domainSketches")!;
    expect(shape).toEqual([DOMAINS, 16]);
    const rows = Array.from({ length: DOMAINS }, (_, row) =>
      largest((data as Float32Array).slice(row * 16, row * 16 + 16)),
    );
    expect(rows.map((gradient) => gradient > 0)).toEqual([false, true, false]);
    const idle = [...results].filter(([, gradient]) => largest(gradient.data as Float32Array) === 0);
    expect(idle.map(([path]) => path)).toEqual([]);
  });

  it("is as a constant sketch of these numbers", async () => {
    const rows = knownSketch(params.domainSketches!, OWN, config);
    const { sketch } = initPudNet(key(1), of("constant"), arch, 3).params;
    const { domainSketches: _, ...rest } = params;
    const constant = await lossAndGradients(of("constant"), { ...rest, sketch: sketch!, constantSketch: { rows } });
    const named = await lossAndGradients(config, params);
    expect(named.get("loss")).toEqual(constant.get("loss"));
    const own = Array.from(named.get("grads.domainSketches")!.data as Float32Array).slice(OWN * 16, OWN * 16 + 16);
    const expected = Array.from(constant.get("grads.constantSketch.rows")!.data as Float32Array);
    own.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });
});

it("a domain that is not known has the mean of all sketches", () => {
  const config = pudnetSchema.parse({ hiddenSize: 2, gruLayers: 1, sketch: "domain" });
  const sketches = hostTensor([3, 2], [1, 2, 3, 4, 8, 0]);
  expect(knownSketch(sketches, 1, config)).toEqual(hostTensor([1, 2], [3, 4]));
  expect(knownSketch(sketches, undefined, config)).toEqual(hostTensor([1, 2], [4, 2]));
});
