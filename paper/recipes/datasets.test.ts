// Nothing that is judged on is ever trained on: neither a class nor an image.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLASS_SPLITS, type ClassSplit, type ImageDataset, positionsByClass, trainingData } from "pudnet/datasets";
import { key, sample } from "pudnet/engine";
import { evaluationKey, evaluationGroup } from "pudnet/evaluation";
import { classSplit, parseClassSplit } from "../../src/data/splits.ts";
import { acrossProtocol, SOURCES, type SourceName, sourceRecipe, TRANSFER_SETS, withinProtocol } from "./datasets.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Class names as the publishers' files have them, in their order. */
const CLASSES = {
  "fashion-set": "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(","),
  "cifar-100-set": words(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
    dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
    lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew
    skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
    tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
  "imagenet-100-set": words(`n01532829 n01558993 n01704323 n01749939 n01770081 n01843383 n01855672 n01910747 n01930112
    n01981276 n02074367 n02089867 n02091244 n02091831 n02099601 n02101006 n02105505 n02108089 n02108551 n02108915
    n02110063 n02110341 n02111277 n02113712 n02114548 n02116738 n02120079 n02129165 n02138441 n02165456 n02174001
    n02219486 n02443484 n02457408 n02606052 n02687172 n02747177 n02795169 n02823428 n02871525 n02950826 n02966193
    n02971356 n02981792 n03017168 n03047690 n03062245 n03075370 n03127925 n03146219 n03207743 n03220513 n03272010
    n03337140 n03347037 n03400231 n03417042 n03476684 n03527444 n03535780 n03544143 n03584254 n03676483 n03770439
    n03773504 n03775546 n03838899 n03854065 n03888605 n03908618 n03924679 n03980874 n03998194 n04067472 n04146614
    n04149813 n04243546 n04251144 n04258138 n04275548 n04296562 n04389033 n04418357 n04435653 n04443257 n04509417
    n04515003 n04522168 n04596742 n04604644 n04612504 n06794110 n07584110 n07613480 n07697537 n07747607 n09246464
    n09256479 n13054560 n13133613`).map((id) => `${id}_name`),
} as const satisfies Partial<Record<SourceName, readonly string[]>>;
type Known = keyof typeof CLASSES;
const KNOWN = Object.keys(CLASSES) as Known[];

/** [published training part, published test part] a class; without parts, their sum. */
const IMAGES: Readonly<Record<Known, readonly [number, number]>> = {
  "fashion-set": [6000, 1000],
  "cifar-100-set": [500, 100],
  "imagenet-100-set": [600, 0],
};

const splitOf = (name: Known): ClassSplit => classSplit(SOURCES[name].split, CLASSES[name]);
const overlap = (a: readonly number[], b: readonly number[]): number[] => {
  const known = new Set(a);
  return b.filter((value) => known.has(value));
};

/** A data set of single pixels, its images in random order. */
function standIn(name: Known, [ofTrain, ofTest]: readonly [number, number], seed: number): ImageDataset {
  const classes = CLASSES[name];
  const each = ofTrain + ofTest;
  const records = classes.flatMap((_, c) => Array.from({ length: each }, (_i, i) => [c, i < ofTrain ? 0 : 1] as const));
  const shuffled = sample(key(seed), records);
  return {
    name,
    side: 1,
    images: Uint8Array.from({ length: 3 * shuffled.length }, (_, i) => i % 251),
    labels: Uint16Array.from(shuffled, ([c]) => c),
    classes,
    ...(ofTest > 0 ? { part: Uint8Array.from(shuffled, ([, part]) => part) } : {}),
  };
}

describe.each(KNOWN)("%s", (name) => {
  const split = splitOf(name);
  const { trainOn } = SOURCES[name];
  const trainPositions = (data: ReturnType<typeof trainingData>): number[] =>
    data.train.classes.flatMap((c) => data.train.positions[c]!);

  it("has the classes of the split table and no class in two lists", () => {
    const row = Object.values(CLASS_SPLITS).find(({ source }) => source === SOURCES[name].dataset);
    expect(CLASS_SPLITS[SOURCES[name].split as keyof typeof CLASS_SPLITS]).toBe(row);
    const { train, val, test } = split;
    expect(train.length + val.length + test.length).toBe(CLASSES[name].length);
    expect(new Set([...train, ...val, ...test]).size).toBe(CLASSES[name].length);
    expect(test).toHaveLength(name === "fashion-set" ? 4 : 20);
  });

  it("never trains or validates on a test class, whatever it is trained on", () => {
    const sizes = fc.record({ train: fc.integer({ min: 10, max: 14 }), test: fc.integer({ min: 1, max: 4 }) });
    const options = fc.record({ on: fc.constantFrom("train", "train+val"), turnedClasses: fc.boolean() } as const);
    const hasParts = IMAGES[name][1] > 0;
    fc.assert(
      fc.property(sizes, options, fc.nat(), ({ train: ofTrain, test: ofTest }, { on, turnedClasses }, seed) => {
        const source = standIn(name, hasParts ? [ofTrain, ofTest] : [ofTrain, 0], seed);
        const data = trainingData(source, split, { trainOn: on, turnedClasses });
        const { dataset, train, val, trainClasses } = data;
        const testNames = new Set(split.test.map((c) => source.classes[c]!));
        const untouched = (label: string): boolean => !testNames.has(label.replace(/ turned \d+°$/, ""));
        expect(trainClasses.every(untouched)).toBe(true);
        for (const pool of [train, val]) {
          for (const c of pool.classes) {
            expect(untouched(dataset.classes[c]!)).toBe(true);
            expect(pool.positions[c]!.every((at) => dataset.labels[at] === c)).toBe(true);
          }
        }
        const validated = val.classes.flatMap((c) => val.positions[c]!);
        expect(overlap(trainPositions(data), validated)).toEqual([]);
        // where validation has classes of its own, they are trained on with train+val only
        const trained = train.classes.filter((c) => c < source.classes.length);
        expect(trained.toSorted((a, b) => a - b)).toEqual(
          (on === "train" ? split.train : [...split.train, ...split.val]).toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("judges on images of unseen classes only, none of them twice, in 30 groups of its real size", () => {
    const dataset = standIn(name, IMAGES[name], 1);
    const data = trainingData(dataset, split, { trainOn });
    const trained = new Set(trainPositions(data));
    const shape = withinProtocol(name, 30);
    const pool = { positions: positionsByClass(dataset), classes: split.test };
    for (let group = 0; group < shape.groups; group++) {
      const pair = evaluationGroup({ dataset, pool, part: dataset.part }, shape, evaluationKey(0), group);
      expect([pair.generation.length, pair.test.length]).toEqual([
        shape.ways * shape.generation,
        shape.ways * shape.test,
      ]);
      const all = [...pair.generation, ...pair.test];
      expect(new Set(all).size).toBe(all.length);
      expect(all.filter((at) => trained.has(at) || !split.test.includes(dataset.labels[at]!))).toEqual([]);
      if (!dataset.part) continue;
      expect([...pair.generation].every((at) => dataset.part![at] === 0)).toBe(true);
      expect([...pair.test].every((at) => dataset.part![at] === 1)).toBe(true);
    }
  });

  it("trains as the paper: on all classes but the test classes, without the published test part", () => {
    const dataset = standIn(name, IMAGES[name], 1);
    const data = trainingData(dataset, split, sourceRecipe(name));
    expect(data.trainClasses).toHaveLength(CLASSES[name].length - split.test.length);
    if (dataset.part) expect(trainPositions(data).filter((at) => dataset.part![at] === 1)).toEqual([]);
  });

  it("holds out enough images for the validations of PudNet", () => {
    const dataset = standIn(name, IMAGES[name], 1);
    const { val } = trainingData(dataset, split, sourceRecipe(name));
    const { trainWays, validation } = SOURCES[name];
    const pair = evaluationGroup({ dataset, pool: val }, { ...validation, ways: trainWays }, key(0), 0);
    expect(pair.test).toHaveLength(trainWays * validation.test);
  });
});

it("a split file that names a class in two lists is refused", () => {
  const names = CLASSES["cifar-100-set"];
  const index = fc.nat(names.length - 1);
  fc.assert(
    fc.property(
      index,
      fc.uniqueArray(index, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 3 }),
      (twice, rest, where) => {
        const others = rest.filter((c) => c !== twice).map((c) => names[c]!);
        const own = names[twice]!;
        const lists = [
          { train: [own, ...others], val: [own] },
          { train: [...others, own], test: [own] },
          { val: [own, ...others], test: [own] },
        ];
        expect(() => parseClassSplit(JSON.stringify(lists[where - 1]), "split.json", names)).toThrow("is named twice");
      },
    ),
  );
});

it("ImageNet-1K-set: a split file of 800 and 200 classes gives 200 ways, judged by the five best", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `n${String(i).padStart(8, "0")}`);
  const text = JSON.stringify({ train: names.slice(0, 800), test: names.slice(800) });
  const { train, val, test, valFrom } = parseClassSplit(text, SOURCES["imagenet-1k-set"].split, names);
  expect([train.length, val.length, test.length, valFrom]).toEqual([800, 0, 200, "images"]);
  expect(overlap(train, test)).toEqual([]);
  expect(withinProtocol("imagenet-1k-set", 500)).toMatchObject({ ways: 200, top: 5, groups: 1, side: 80 });
});

describe("protocols", () => {
  it("within a set: the test classes of its own split, at its own side", () => {
    for (const name of KNOWN) {
      const { dataset, split, side } = SOURCES[name];
      expect(withinProtocol(name, 7)).toMatchObject({
        dataset,
        side,
        classes: { testOf: split },
        groups: 7,
        shots: 10,
      });
      expect(withinProtocol(name, 7).top).toBeUndefined();
    }
  });

  it("from set to set: all classes of the target at the side of the source", () => {
    for (const source of KNOWN) {
      for (const [name, { dataset, ways }] of Object.entries(TRANSFER_SETS)) {
        const { side } = SOURCES[source];
        const protocol = acrossProtocol(source, name as keyof typeof TRANSFER_SETS, 3);
        expect(protocol).toMatchObject({ dataset, ways, side, classes: "all", groups: 3, shots: 10 });
        expect(SOURCES[source].dataset).not.toBe(dataset);
      }
    }
    expect(TRANSFER_SETS.dtd).toMatchObject({ ways: 47, generation: 80, test: 40 });
  });
});
