import { describe, expect, it } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { CLASS_SPLITS, classSplit, parseClassSplit } from "./splits.ts";

const fashion = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");
const pets = ["cat", "dog", "hamster", "horse"];
/** All class names of a split and `others` more, in some order. */
const classesOf = (name: keyof typeof CLASS_SPLITS, others: number, suffix = ""): string[] =>
  [...CLASS_SPLITS[name].val, ...CLASS_SPLITS[name].test]
    .map((c) => c + suffix)
    .concat(Array.from({ length: others }, (_, i) => `other ${i}`))
    .toReversed();

describe("classSplit", () => {
  it("fashion-set: 6 classes to train on, 4 unseen, validation by images", () => {
    expect(classSplit("fashion-set", fashion)).toEqual({
      train: [0, 2, 3, 5, 6, 7],
      val: [],
      test: [1, 4, 8, 9],
      valFrom: "images",
    });
  });

  it.each([
    ["cifar-100-set", ""],
    ["mini-imagenet-set", "_goose"],
  ] as const)("%s: 64 / 16 / 20 disjoint classes", (name, suffix) => {
    const classes = classesOf(name, 64, suffix);
    const { train, val, test, valFrom } = classSplit(name, classes);
    expect([train.length, val.length, test.length, valFrom]).toEqual([64, 16, 20, "classes"]);
    expect(new Set([...train, ...val, ...test]).size).toBe(100);
    expect(train.every((c) => classes[c]!.startsWith("other"))).toBe(true);
    expect(test.map((c) => classes[c]).toSorted()).toEqual(CLASS_SPLITS[name].test.map((c) => c + suffix).toSorted());
  });

  it("an unknown split names the nearest", () => {
    const error = catchError(() => classSplit("cifar100-set", fashion));
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).hint).toBe("did you mean cifar-100-set?");
  });

  it("a missing class is named, with the nearest one of the dataset", () => {
    const error = catchError(() => classSplit("fashion-set", fashion.with(1, "Trousers"))) as UserError;
    expect(error.message).toContain('no class "Trouser"');
    expect(error.hint).toBe('did you mean "Trousers"?');
  });
});

describe("parseClassSplit", () => {
  const parse = (split: unknown): unknown => parseClassSplit(JSON.stringify(split), "s.json", pets);

  it("train is all the others unless listed", () => {
    expect(parse({ test: ["dog"] })).toEqual({ train: [0, 2, 3], val: [], test: [1], valFrom: "images" });
    expect(parse({ train: ["horse"], val: ["cat"], test: ["dog"] })).toEqual({
      train: [3],
      val: [0],
      test: [1],
      valFrom: "classes",
    });
  });

  it.each([
    [{ test: ["dog"], val: ["dog"] }, /"dog" is named twice/],
    [{ train: ["cat"], test: ["cat"] }, /"cat" is named twice/],
    [{ test: pets }, /no class to train on/],
    [{ test: ["hamstr"] }, /no class "hamstr"/],
    [{ tests: ["dog"] }, /tests/],
    [{ test: "dog" }, /test/],
  ])("refuses %j", (split, message) => {
    expect(() => parse(split)).toThrow(UserError);
    expect(() => parse(split)).toThrow(message);
  });

  it("refuses what is not JSON, as bad use", () => {
    expect(() => parseClassSplit("{", "s.json", pets)).toThrow(FormatError);
    expect(() => parseClassSplit("{", "s.json", pets)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe("drawn-60-20", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => `class ${i}`);

  it("gives each class to one part, once for all", () => {
    const { train, val, test, valFrom } = classSplit("drawn-60-20", hundred);
    expect([train.length, val.length, test.length, valFrom]).toEqual([60, 20, 20, "classes"]);
    expect([...train, ...val, ...test].toSorted((a, b) => a - b)).toEqual([...hundred.keys()]);
    expect(train).toEqual(train.toSorted((a, b) => a - b));
    expect(train.slice(0, 5)).not.toEqual([0, 1, 2, 3, 4]); // drawn, not the first ones
    expect(classSplit("drawn-60-20", hundred.toReversed())).toEqual(classSplit("drawn-60-20", hundred)); // by place
    expect(test.slice(0, 4)).toEqual([7, 14, 31, 32]); // never to change: networks are named by it
  });

  it("without validation classes validates by images", () => {
    expect(classSplit("drawn-50-0", pets)).toMatchObject({ val: [], valFrom: "images" });
    expect(classSplit("drawn-100-0", pets)).toMatchObject({ train: [0, 1, 2, 3], test: [] });
  });

  it.each([
    ["drawn-80-30", /110 % of the classes/],
    ["drawn-10-20", /of 4 classes none to train on/],
    ["drawn-60", /no class split "drawn-60"/],
  ])("refuses %s", (name, message) => {
    const error = catchError(() => classSplit(name, pets)) as UserError;
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/drawn-60-20/);
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
