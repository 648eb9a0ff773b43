// Identities: what they leave out. That they see all else is tested with the recipes of the paper.

import { describe, expect, it } from "vitest";
import { trainSchema } from "../../train/config-schema.ts";
import { networkIdentity, withoutFrozen } from "./identity.ts";

const least = { data: { dataset: "cifar-100", split: "cifar-100-set" } };
const identityOf = (config: object): unknown =>
  networkIdentity({ method: "pudnet", config: trainSchema.parse({ name: "a", ...config }) });

describe("networkIdentity", () => {
  it("has no option that is at its default: every default that decides numbers is frozen", () => {
    expect(identityOf(least)).toEqual({ method: "pudnet", config: least });
  });

  it("does not depend on validation, names and machine settings", () => {
    const validation = { every: 500, groups: 2, generation: 11, test: 3 };
    const other = { ...least, validation, threads: 2, logEvery: 250, checkpointSeconds: 1, device: "webgpu" };
    expect(identityOf({ ...other, data: { ...least.data, root: "elsewhere" } })).toEqual(identityOf(least));
  });

  it("has what is not at its default", () => {
    const own = { seed: 1, pudnet: { beta: 0.5, context: false }, optimizer: { decay: "linear" } };
    expect(identityOf({ ...least, ...own })).toEqual({ method: "pudnet", config: { ...least, ...own } });
  });
});

it("lists are kept as they are, whatever is in them", () => {
  const shapes = [
    { ways: 5, shots: 10 },
    { ways: 20, shots: 10 },
  ];
  const data = { sources: [{ dataset: "a", leaveOut: ["x"] }], trainOn: "train" };
  expect(withoutFrozen({ data, group: { shapes } })).toEqual({ data: { sources: data.sources }, group: { shapes } });
});

it("withoutFrozen keeps a frozen value at any other path", () => {
  expect(withoutFrozen({ seed: 0, other: { seed: 0, beta: 0.1 }, pudnet: { beta: 0.1 } })).toEqual({
    other: { seed: 0, beta: 0.1 },
  });
});
