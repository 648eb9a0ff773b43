import { describe, expect, it } from "vitest";
import { key } from "../tensor/random.ts";
import { groupsByKeys, heldOutGroups, heldOutSplit } from "./held-out.ts";

describe("heldOutGroups", () => {
  const labels = Array.from({ length: 60 }, (_, i) => Math.floor(i / 20));

  it("holds out as many as heldOutSplit where every image is a group of its own", () => {
    const { kept, heldOut } = heldOutGroups(labels, 3, [...labels.keys()], 0.2, key(0));
    const other = heldOutSplit(labels, 3, 0.2, key(0));
    expect(heldOut.map((i) => labels[i])).toEqual(other.heldOut.map((i) => labels[i]));
    expect([...kept, ...heldOut].toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
    expect(heldOutGroups(labels, 3, [...labels.keys()], 0.2, key(1)).heldOut).not.toEqual(heldOut);
  });

  it.each([0, 1, 2, 3, 4])(
    "keeps groups together, also across classes, and something of every class (seed %i)",
    (seed) => {
      const groups = labels.map((_, i) => (i % 20 < 3 ? i % 20 : 100 + Math.floor(i / 2)));
      const { kept, heldOut } = heldOutGroups(labels, 3, groups, 0.2, key(seed));
      const keptGroups = new Set(kept.map((i) => groups[i]));
      expect(heldOut.filter((i) => keptGroups.has(groups[i]))).toEqual([]);
      for (const way of [0, 1, 2]) {
        const out = heldOut.filter((i) => labels[i] === way).length;
        expect(out).toBeGreaterThan(0);
        expect(out).toBeLessThanOrEqual(4);
      }
    },
  );

  it("takes the smallest group of a class that has only large ones, if that is at most half of it", () => {
    const one = labels.map((label) => label);
    expect(heldOutGroups(labels, 3, one, 0.2, key(0)).heldOut).toEqual([]);
    const two = labels.map((label, i) => 2 * label + (i % 20 < 8 ? 0 : 1));
    expect(heldOutGroups(labels, 3, two, 0.2, key(0)).heldOut).toEqual(
      labels.flatMap((_, i) => (i % 20 < 8 ? [i] : [])),
    );
  });
});

describe("groupsByKeys", () => {
  it("joins what shares a key, however far around", () => {
    expect(groupsByKeys([["a"], ["b"], ["c"]])).toEqual([0, 1, 2]);
    expect(groupsByKeys([["a", "x"], ["b", "y"], ["c", "x"], ["b", "c"], ["d"]])).toEqual([0, 0, 0, 0, 1]);
  });
});
