import { afterEach, expect, it, vi } from "vitest";
import { changingPudNet, colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { UserError } from "../errors.ts";
import { imageSource, imagesAt } from "../predict/image-source.ts";
import type { Network } from "../predict/network-runner.ts";
import { Predictor } from "../predict/predictor.ts";
import { key } from "../tensor/random.ts";
import { STRENGTHS } from "./change-strengths.ts";
import { strengthsOf, throughGate } from "./gate.ts";

afterEach(() => vi.restoreAllMocks());

const [WAYS, SIDE] = [3, 8];

/** What comes through the gate for images in the order of `positions`, and whose features were asked for. */
async function gated(model: Parameters<typeof Predictor.create>[0], perClass: number, order?: readonly number[]) {
  const own = colouredImages(WAYS, perClass, SIDE);
  const pixels = 3 * SIDE ** 2;
  const images = order ? imageSource(imagesAt(own.images, order, pixels), pixels) : own.images;
  const labels = order?.map((i) => own.labels[i]!) ?? own.labels;
  const predictor = await Predictor.create(model, { threads: 1 });
  const asked = vi.spyOn(predictor, "fittedFeatures");
  const strengths = strengthsOf(model);
  const networks = await predictor.predictEach(images, strengths);
  const fit = (network: Network) => predictor.fit(network, images);
  const data = { images, labels, ways: WAYS };
  const result = await throughGate(predictor, { networks, strengths }, data, { fit, threads: 1 }, key(0));
  await predictor.release();
  const judges = asked.mock.calls.map(([, , positions]) => positions!);
  return { ...result, networks, judges, labels };
}

it.each([
  ["better", 1],
  ["worse", 0],
] as const)("a change for the %s is made at strength %d", async (what, strength) => {
  const { fitted, change, networks, judges } = await gated(changingPudNet(what), 10);
  expect(change).toMatchObject({ strength, leftOut: { images: 30 } });
  expect(change!.leftOut!.errors.map((one) => one.strength)).toEqual([...STRENGTHS]);
  expect(fitted.network.weights).toEqual(networks[STRENGTHS.indexOf(strength)]!.weights);
  expect(judges).toHaveLength(3);
});

it("of a change that is none the base network stays", async () => {
  const { change } = await gated(tinyPudNet({ predict: "change" }), 10);
  expect(change!.strength).toBe(0);
  expect(change!.leftOut!.errors.slice(1).map(({ standardError }) => standardError)).toEqual([0, 0]);
});

it("with one image a class the base network stays", async () => {
  expect((await gated(changingPudNet("better"), 1)).change).toEqual({ strength: 0 });
});

it("of many images some judge, of each class ten at least", async () => {
  const inTurn = Array.from({ length: 1500 }, (_, i) => (i % WAYS) * 500 + Math.floor(i / WAYS));
  const { change, judges, labels } = await gated(changingPudNet("better"), 500, inTurn);
  const counts = (positions: readonly number[]) =>
    Array.from({ length: WAYS }, (_, way) => positions.filter((i) => labels[i] === way).length);
  expect(judges.map(counts)).toEqual(STRENGTHS.map(() => [500, 10, 10])); // every third image is of the first class
  expect(change!.leftOut!.images).toBe(520);
});

it("where no change is predicted there is one network, and nothing to tell", async () => {
  const { change, judges } = await gated(tinyPudNet(), 2);
  expect([change, judges]).toEqual([undefined, []]);
});

it("strengths are what is chosen from, or what is asked for", () => {
  const [plain, changing] = [tinyPudNet(), changingPudNet("worse")];
  expect([strengthsOf(plain), strengthsOf(changing), strengthsOf(changing, "auto")]).toEqual([
    [1],
    STRENGTHS,
    STRENGTHS,
  ]);
  expect([strengthsOf(changing, 0), strengthsOf(changing, 0.3)]).toEqual([[0], [0.3]]);
  for (const model of [plain, tinyPudNet({ predict: "none" })]) {
    for (const choice of ["auto", 0, 1] as const) {
      expect(() => strengthsOf(model, choice)).toThrow(`strength ${choice} of a change, but this PudNet predicts none`);
    }
  }
  for (const choice of [-0.5, 1.5, Number.NaN]) expect(() => strengthsOf(changing, choice)).toThrow(UserError);
});
