import { describe, expect, it } from "vitest";
import { EMOJI } from "./emoji-classes.ts";
import { TEST_CONCEPTS, TRAIN_CONCEPTS } from "./icon-concepts.ts";
import type { MadeSet } from "./made-set.ts";
import { MADE_SETS, packagesOf } from "./made-sets.ts";
import { pinnedPackages } from "./pinned.ts";

/** They ask for attribution and for no more. */
const LICENCES = ["Apache-2.0", "CC-BY-3.0", "CC-BY-4.0", "ISC", "MIT", "OFL-1.1"];
const rows: [string, MadeSet][] = Object.entries(MADE_SETS);

describe.each(rows)("%s", (name, set) => {
  it("is told in plain words, with packages that are pinned", () => {
    expect(name).toMatch(/^[a-z-]+$/);
    expect(set.about.length).toBeGreaterThan(20);
    expect(set.perClass).toBeGreaterThanOrEqual(20);
    expect(new Set(set.packages).size).toBe(set.packages.length);
    for (const { version, licence, integrity } of pinnedPackages(set.packages)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(LICENCES).toContain(licence);
      expect(integrity).toMatch(/^sha512-[\w+/]{86}==$/);
    }
    expect(packagesOf(name)).toHaveLength(set.packages.length);
  });
});

it("no training set takes a package that a set for testing takes", () => {
  const of = (role: MadeSet["role"]): string[] => rows.flatMap(([, set]) => (set.role === role ? set.packages : []));
  const trained = new Set(of("train"));
  expect(of("test").length).toBeGreaterThan(10);
  expect(of("test").filter((name) => trained.has(name))).toEqual([]);
});

it("concepts for testing are in no training set, by any name", () => {
  const tested = [...TEST_CONCEPTS.values()].flat();
  const trained = new Set([...TRAIN_CONCEPTS.values()].flat());
  expect(tested.filter((name) => trained.has(name))).toEqual([]);
  const shown = [...EMOJI.values()].filter((emoji) =>
    tested.some((name) => emoji === name || emoji.startsWith(`${name}-`)),
  );
  expect(shown).toEqual([]);
});

it("a name of an icon is of one concept", () => {
  for (const concepts of [TRAIN_CONCEPTS, TEST_CONCEPTS]) {
    const names = [...concepts.values()].flat();
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  }
  expect([...EMOJI.keys()].every((codePoint) => /^[0-9a-f]{4,5}$/.test(codePoint))).toBe(true);
  expect(new Set(EMOJI.values()).size).toBe(EMOJI.size);
});
