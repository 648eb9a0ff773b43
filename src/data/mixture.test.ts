// Several data sets as one: what is whose, and where it lies.

import { expect, it } from "vitest";
import { easyDataset } from "../../test/easy-data.ts";
import { gatherImages, positionsByClass } from "./dataset.ts";
import { joined, joinedPools } from "./mixture.ts";

const pets = easyDataset({ classes: ["cat", "dog"], perClass: 3, testPart: 1 });
const signs = easyDataset({ classes: ["stop", "cat", "go"], perClass: 2, seed: 1 });
const parts = [
  { name: "pets", dataset: pets },
  { name: "signs", dataset: signs },
];

it("classes stand side by side, each with its own images, in the order of the parts", () => {
  const whole = joined(parts);
  expect(whole).toMatchObject({ name: "pets+signs", side: 8 });
  expect(whole.classes).toEqual(["pets/cat", "pets/dog", "signs/stop", "signs/cat", "signs/go"]);
  expect(whole.part).toBeUndefined();
  const positions = positionsByClass(whole);
  const expected = parts.flatMap(({ dataset }) => positionsByClass(dataset).map((of) => gatherImages(dataset, of)));
  expect(positions.map((of) => gatherImages(whole, of))).toEqual(expected);
});

it("a pool of a part draws the same images from the whole", () => {
  const of = parts.map(({ dataset }) => ({ dataset, pool: { positions: positionsByClass(dataset), classes: [1] } }));
  const whole = joined(parts);
  const pools = joinedPools(of);
  expect(pools.map(({ classes }) => classes.map((c) => whole.classes[c]))).toEqual([["pets/dog"], ["signs/cat"]]);
  pools.forEach(({ positions, classes: [c] }, i) => {
    const { dataset, pool } = of[i]!;
    expect(gatherImages(whole, positions[c!]!)).toEqual(gatherImages(dataset, pool.positions[1]!));
  });
});

it("refuses images of several sides", () => {
  const large = { name: "large", dataset: easyDataset({ classes: 2, perClass: 2, side: 16 }) };
  expect(() => joined([...parts, large])).toThrow(/images of "large" are 16 pixels wide, those of "pets" 8/);
  expect(() => joined([])).toThrow(/no data sets/);
});
