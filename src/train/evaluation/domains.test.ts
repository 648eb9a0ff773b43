// A PudNet judged on a domain: right on easy classes, by a few labels; and what its weights are predicted from, the group's own images or
// others, while all else stays.

import { afterEach, describe, expect, it, vi } from "vitest";
import { easyDataset } from "../../../test/easy-data.ts";
import { tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { gatherImages, positionsByClass } from "../../data/dataset.ts";
import type { PudNetModel } from "../../predict/model.ts";
import { Predictor } from "../../predict/predictor.ts";
import { type HostTensor, hostTensor, mapTree } from "../../tensor/tree.ts";
import { type DomainEvaluation, domainEvaluator, LEFT_OUT } from "./domains.ts";
import { type GroupResult, type Groups, groupOf } from "./evaluator.ts";
import { type EvaluationData, evaluationKey } from "./groups.ts";
import type { SketchSource } from "./sketch-sources.ts";

const SHAPE = { ways: 3, shots: 4, generation: 4, test: 6, groups: 4 };
const sets = Object.fromEntries(
  ["food", "signs", "coins"].map((name, seed) => [
    name,
    { ...easyDataset({ classes: 8, perClass: 12, noise: 60, seed }), name },
  ]),
);
const dataOf = (name: string, classes: readonly number[]): EvaluationData => {
  const dataset = sets[name]!;
  const pool = { positions: positionsByClass(dataset), classes };
  return { dataset, pool, domains: [{ name, pool }] };
};
const TRAINED = [0, 1, 2, 3];
const groups: Groups = { threads: 1, data: dataOf("signs", [4, 5, 6, 7]), shape: SHAPE, key: evaluationKey(0) };
const trained = Object.keys(sets).map((name) => dataOf(name, TRAINED));

/** As after some steps of training: nothing is zero. */
const moved = ({ params, ...model }: PudNetModel): PudNetModel => ({
  ...model,
  params: mapTree<HostTensor, HostTensor>(params, ({ shape, data }, path) =>
    hostTensor(
      shape,
      (data as Float32Array).map((value, i) => value + 0.1 * Math.cos(i + path.length)),
    ),
  ) as PudNetModel["params"],
});

afterEach(() => vi.restoreAllMocks());

async function judged(model: PudNetModel, how: Partial<DomainEvaluation> = {}, which: readonly number[] = [0, 1]) {
  const predictor = await Predictor.create(model, { threads: 1 });
  const [sketch, networks] = [vi.spyOn(predictor, "sketch"), vi.spyOn(predictor, "networksOf")];
  const evaluator = domainEvaluator(predictor, groups, { sketch: "own", trained, ...how });
  const results: GroupResult[] = [];
  for (const group of which) results.push(await evaluator.evaluate(group));
  await predictor.release();
  const sketched = sketch.mock.calls.map(([images, name]) => ({ images: bytes(images.read(0, images.count)), name }));
  return {
    results,
    sketched,
    read: networks.mock.calls.flatMap(([from]) => from ?? []),
    strengths: networks.mock.calls.map(([, at]) => at),
  };
}

const bytes = (pixels: Uint8Array): string => Buffer.from(pixels).toString("hex");
const own = (group: number): string => bytes(gatherImages(sets["signs"]!, groupOf(groups, group).generation));
const seen = new Map(
  Object.entries(sets).flatMap(([name, dataset]) =>
    Array.from(dataset.labels, (label, i) => [bytes(gatherImages(dataset, [i])), { name, label }] as const),
  ),
);
/** Domain and class of each image. */
function imagesOf(images: string) {
  const length = 2 * 3 * 8 * 8;
  return Array.from({ length: images.length / length }, (_, i) =>
    seen.get(images.slice(i * length, (i + 1) * length))!,
  );
}

describe("a domain's groups", () => {
  it("are judged by both heads, alike in any order", async () => {
    const model = tinyPudNet({ width: 16 });
    const { results } = await judged(model);
    for (const { accuracy, seconds, error } of results) {
      expect(error![LEFT_OUT]).toBeGreaterThan(0);
      expect(error![LEFT_OUT]).toBeLessThan(2 / 3); // that of scores that know nothing
      expect(Object.keys(accuracy)).toEqual(["centred centroids", "closed form"]);
      for (const share of Object.values(accuracy)) expect(share).toBeGreaterThan(0.6); // chance: 0.33
      expect(seconds["prediction"]).toBeGreaterThan(0);
    }
    const [again] = (await judged(model, {}, [1])).results;
    expect(again!.accuracy).toEqual(results[1]!.accuracy);
  });

  it("are predicted from their own labelled images", async () => {
    const { sketched } = await judged(tinyPudNet());
    expect(sketched).toEqual([0, 1].map((group) => ({ images: own(group), name: "signs" })));
  });

  it("or from training images of other domains, in turn", async () => {
    const { sketched, results } = await judged(tinyPudNet(), { sketch: "other-domain" }, [0, 1, 2]);
    expect(sketched.map(({ name }) => name)).toEqual(["food", "coins", "food"]);
    for (const { images, name } of sketched) {
      const from = imagesOf(images);
      expect(from.length).toBe(12);
      expect(from.every((image) => image.name === name && TRAINED.includes(image.label))).toBe(true);
    }
    expect(results.map(({ accuracy }) => accuracy["closed form"]! > 0.5)).toEqual([true, true, true]);
  });

  it("or from training classes of their own domain", async () => {
    const { sketched } = await judged(tinyPudNet(), { sketch: "other-classes" });
    for (const { images, name } of sketched) {
      expect(name).toBe("signs");
      expect(imagesOf(images).every((image) => image.name === "signs" && TRAINED.includes(image.label))).toBe(true);
    }
  });

  it("or from the mean of the domains' sketches, which is made once", async () => {
    const model = tinyPudNet();
    const { sketched, read } = await judged(model, { sketch: "mean" });
    expect(sketched.map(({ name }) => name)).toEqual(["food", "signs", "coins"]);
    const predictor = await Predictor.create(model, { threads: 1 });
    const all = await Promise.all(
      Object.values(sets).map((dataset) => {
        const positions = Array.from(dataset.labels.keys()).filter((i) => TRAINED.includes(dataset.labels[i]!));
        const pixels = gatherImages(dataset, positions);
        return predictor.sketch({ count: positions.length, read: (from, to) => pixels.subarray(from * 192, to * 192) });
      }),
    );
    await predictor.release();
    expect(read.length).toBe(2);
    for (const sketch of read)
      Array.from(sketch.data, Number).forEach((value, i) =>
        expect(value).toBeCloseTo(
          all.reduce((sum, one) => sum + Number(one.data[i]) / 3, 0),
          5,
        ),
      );
  });
});

it("learned sketches are those of the domain that is asked for", async () => {
  const model = tinyPudNet({ sketch: "domain", domains: ["food", "signs", "coins"] });
  const rows = model.params.domainSketches!.data as Float32Array;
  const row = (i: number) => hostTensor([1, 8], rows.slice(8 * i, 8 * i + 8));
  const read = async (sketch: SketchSource) => (await judged(model, { sketch })).read;
  expect(await read("own")).toEqual([row(1), row(1)]);
  expect(await read("other-classes")).toEqual([row(1), row(1)]);
  expect(await read("other-domain")).toEqual([row(0), row(2)]);
  const mean = row(0).data.map((_, i) => (rows[i]! + rows[8 + i]! + rows[16 + i]!) / 3);
  for (const { data } of await read("mean"))
    Array.from(data, Number).forEach((value, i) => expect(value).toBeCloseTo(Number(mean[i]), 6));
});

it("a predicted change is made whole, in part, or as left-out images prefer", async () => {
  const model = moved(tinyPudNet({ predict: "change" }));
  const strengths = async (how: Partial<DomainEvaluation>) => (await judged(model, how, [0])).strengths.flat();
  expect(await strengths({ strength: 1 })).toEqual([1]);
  expect(await strengths({ strength: 0.5 })).toEqual([0.5]);
  expect(await strengths({ strength: "auto" })).toEqual([0, 0.5, 1]);
  const base = (await judged(model, { strength: 0 })).results;
  const wrong = (await judged(model, { strength: 0, sketch: "other-domain" })).results;
  expect(base.map(({ accuracy }) => accuracy)).toEqual(wrong.map(({ accuracy }) => accuracy)); // nothing is read
});
