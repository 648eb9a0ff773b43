// Configs of one data set and of several, of one shape and of several: what is read, and what is refused.

import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { parseSingleConfig, parseTrainConfig } from "./config.ts";
import { shapesOf } from "./config-schema.ts";

const single = { name: "a", data: { dataset: "cifar-100", split: "cifar-100-set" } };
const mixture = (more: object = {}, ...sources: object[]) => ({
  name: "a",
  data: { sources: [{ dataset: "cifar-100", split: "cifar-100-set" }, ...sources] },
  ...more,
});
const refusal = (config: object): UserError => {
  try {
    parseTrainConfig(config, "a.yaml");
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return expect.fail("was read");
};

describe("a config", () => {
  it("of one data set has the keys that it always had", () => {
    const { data, group } = parseTrainConfig(single, "a.yaml");
    expect(data).toEqual({ ...single.data, root: "data", turnedClasses: false, augment: false, trainOn: "train" });
    expect(group).toEqual({ ways: 5, shots: 10, queries: 15, extra: 10 });
    expect(parseSingleConfig(single, "a.yaml")).toEqual(parseTrainConfig(single, "a.yaml"));
  });

  it("of several has a side, and sources with a role", () => {
    const { data } = parseTrainConfig(mixture({}, { dataset: "signs", role: "validation" }), "a.yaml");
    expect(data).toEqual({
      sources: [
        { dataset: "cifar-100", split: "cifar-100-set", role: "train", turnedClasses: false },
        { dataset: "signs", role: "validation", turnedClasses: false },
      ],
      side: 32,
      root: "data",
      augment: false,
      trainOn: "train",
    });
    expect(() => parseSingleConfig(mixture(), "a.yaml")).toThrow(/several sources or shapes/);
  });

  it("may have several shapes", () => {
    const group = { shapes: [{ ways: 20, shots: 5 }, { extra: 0 }] };
    expect(shapesOf(parseTrainConfig({ ...single, group }, "a.yaml"))).toEqual([
      { ways: 20, shots: 5, queries: 15, extra: 10 },
      { ways: 5, shots: 10, queries: 15, extra: 0 },
    ]);
  });
});

it.each([
  ["neither way", { name: "a", data: {} }, /data\.dataset: expected string/, /configs/],
  ["nothing", { name: "a" }, /data: expected object/, /configs/],
  [
    "both ways",
    { name: "a", data: { ...single.data, ...mixture().data } },
    /data: Unrecognized keys: "dataset", "split"/,
    /configs|did you mean/,
  ],
  [
    "a misspelt way",
    { name: "a", data: { sorces: [] } },
    /data: Unrecognized key: "sorces"/,
    /did you mean "sources" instead of "sorces"/,
  ],
  [
    "a misspelt key of a source",
    mixture({}, { dataset: "signs", leveOut: ["stop"] }),
    /data\.sources\[1\]: Unrecognized key: "leveOut"/,
    /did you mean "leaveOut"/,
  ],
  ["an unknown role", mixture({}, { dataset: "signs", role: "test" }), /data\.sources\[1\]\.role/, /configs/],
  ["no source", { name: "a", data: { sources: [] } }, /data\.sources: .*>=1 items/, /configs/],
  ["a negative weight", mixture({}, { dataset: "signs", weight: -1 }), /sources\[1\]\.weight: .*found -1/, /configs/],
  [
    "one weight of two",
    mixture({}, { dataset: "signs", weight: 2 }),
    /"signs" has a weight \(2\), "cifar-100" has none/,
    /or none/,
  ],
  [
    "validation alone",
    { name: "a", data: { sources: [{ dataset: "signs", role: "validation" }] } },
    /all for validation/,
    /role: train/,
  ],
  [
    "a split for validation",
    mixture({}, { dataset: "signs", role: "validation", split: "s.json" }),
    /data\.sources\[1\]\.split says nothing of "signs"/,
    /leave the split out/,
  ],
  [
    "a weight for validation",
    mixture({}, { dataset: "signs", role: "validation", weight: 1 }),
    /data\.sources\[1\]\.weight says nothing/,
    /leave weight out/,
  ],
  ["no shape", { ...single, group: { shapes: [] } }, /group\.shapes: .*>=1 items/, /configs/],
  [
    "a shape and shapes",
    { ...single, group: { ways: 5, shapes: [{}] } },
    /group: Unrecognized key: "ways"/,
    /configs|did you mean/,
  ],
  [
    "a shape of one way",
    { ...single, group: { shapes: [{ ways: 1 }] } },
    /group\.shapes\[0\]\.ways: .*found 1/,
    /configs/,
  ],
  [
    "too many shots to validate",
    { ...single, group: { shapes: [{ shots: 101 }] } },
    /group\.shapes\[0\]\.shots \(101\) is more than validation\.generation \(100\)/,
    /generation images/,
  ],
])("refuses %s", (_, config, message, hint) => {
  const error = refusal(config);
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  expect(error.exitCode).toBe(2);
});
