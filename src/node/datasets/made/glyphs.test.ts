import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packTiny } from "../../../../test/tiny-packages.ts";
import { type Corners, tinyFont } from "../../../../test/tiny-font.ts";
import { FormatError } from "../../../errors.ts";
import { fold, key } from "../../../tensor/random.ts";
import { distinctDrawings } from "./distinct.ts";
import { isWithin, lettersOf } from "./fonts.ts";
import { TEST_SCRIPTS, TRAIN_SCRIPTS } from "./glyph-scripts.ts";
import { fontPackages, glyphClasses } from "./glyphs.ts";
import { type OpenPackage, openPackage } from "./packages.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-glyphs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const box = (left: number, top: number, right: number, bottom: number): Corners => [
  [left, bottom],
  [left, top],
  [right, top],
  [right, bottom],
];
const WIDE = box(100, 500, 900, 300);
const TALL = box(400, 900, 600, -100);
const WEDGE: Corners = [
  [100, 0],
  [900, 0],
  [100, 800],
];

interface TinyFontPackage {
  readonly [part: string]: Readonly<Record<string, Corners>>;
}

/** A package with a font of weight 400 for each part of the character set. */
async function fontPackage(
  name: string,
  parts: TinyFontPackage,
  more: Record<string, string> = {},
): Promise<OpenPackage> {
  const fonts = Object.entries(parts).map(
    ([part, letters]) => [`files/tiny-${part.replace(/[[\]]/g, "")}-400-normal.woff2`, tinyFont(letters)] as const,
  );
  const unicode = Object.entries(parts).map(([part, letters]) => {
    const ranges = Object.keys(letters).map((letter) => `U+${letter.codePointAt(0)!.toString(16)}`);
    return [part, ranges.join(",")];
  });
  const files = {
    "metadata.json": JSON.stringify({ id: "tiny", weights: [400, 700] }),
    "unicode.json": JSON.stringify(Object.fromEntries(unicode)),
    ...Object.fromEntries(fonts),
    ...more,
  };
  return openPackage(await packTiny(folder, name, files), folder);
}

describe("lettersOf", () => {
  it("has the outlines of letters that are there, upright and by the box that they fill", async () => {
    const opened = await fontPackage("@fontsource/tiny", { latin: { A: WIDE, B: TALL, C: [] } });
    const letters = await lettersOf(opened, ["A", "B", "C", "D"]);
    expect([...letters.keys()]).toEqual(["A", "B"]);
    expect(letters.get("A")).toMatchObject([{ left: 100, top: -500, width: 800, height: 200 }]);
    expect(await distinctDrawings([...letters.values()].flat(), 9)).toHaveLength(2);
  });

  it("finds a letter in whichever part of the character set it is", async () => {
    const opened = await fontPackage("@fontsource/tiny", { latin: { A: WIDE }, "[12]": { 가: TALL, 나: WEDGE } });
    expect([...(await lettersOf(opened, ["나", "A"])).keys()].sort()).toEqual(["A", "나"]);
  });

  it("leaves out letters that a font draws alike", async () => {
    const opened = await fontPackage("@fontsource/tiny", { latin: { A: WIDE, a: WIDE, B: TALL } });
    expect([...(await lettersOf(opened, ["A", "a", "B"])).keys()]).toEqual(["B"]);
  });

  it.each([
    [
      "what is no font",
      { "files/tiny-latin-400-normal.woff2": "wOF2 and no more" },
      /tiny-latin-400-normal\.woff2: not a font/,
    ],
    [
      "a name that leads elsewhere",
      { "metadata.json": '{"id":"../../etc","weights":[400]}' },
      /metadata\.json: not what such a package holds/,
    ],
    ["what is no JSON", { "unicode.json": "{" }, /unicode\.json: not JSON/],
  ])("refuses %s", async (_, more: Record<string, string>, message) => {
    const opened = await fontPackage("@fontsource/tiny", { latin: { A: WIDE } }, more);
    const work = lettersOf(opened, ["A"]);
    await expect(work).rejects.toBeInstanceOf(FormatError);
    await expect(work).rejects.toThrow(message);
  });

  it("reads ranges as style sheets write them", () => {
    expect(isWithin(0x41, "U+20-2F,U+41")).toBe(true);
    expect(isWithin(0x42, "U+20-2F, U+41")).toBe(false);
    expect(isWithin(0x42, "everything")).toBe(false);
  });
});

describe("glyphClasses", () => {
  const scripts = { latin: { letters: "AB", fonts: "one two" }, hangul: { letters: "가", fonts: "two" } };

  it("are letters by script and code point, that fonts of the script draw in ways enough", async () => {
    async function* packages(): AsyncGenerator<OpenPackage> {
      yield await fontPackage("@fontsource/one", { latin: { A: WIDE, B: TALL }, korean: { 가: WIDE } });
      yield await fontPackage("@fontsource/two", { latin: { A: WEDGE, B: TALL }, korean: { 가: WEDGE } });
    }
    const classes = await glyphClasses(scripts, packages(), { least: 2, mostOfOne: 1, most: 9 });
    expect(classes.map(({ name }) => name)).toEqual(["latin-0041"]);
    const pictures = [0, 1].map((i) => classes[0]!.picture(fold(key(1), "A"), i));
    expect(new Set(pictures).size).toBe(2);
  });
});

describe("the scripts", () => {
  it("have each letter once, and no letter is for training and testing", () => {
    const letters = Object.values({ ...TRAIN_SCRIPTS, ...TEST_SCRIPTS }).flatMap((script) =>
      Array.from(script.letters),
    );
    expect(letters.filter((letter, i) => letters.indexOf(letter) !== i)).toEqual([]);
  });

  it("keep those apart that other domains test or choose on", () => {
    const ranges = { arabic: "U+600-6FF", thai: "U+E00-E7F", lao: "U+E80-EFF", khmer: "U+1780-17FF" };
    for (const { letters } of Object.values(TRAIN_SCRIPTS)) {
      const tested = Array.from(letters).filter((letter) =>
        isWithin(letter.codePointAt(0)!, Object.values(ranges).join(",")),
      );
      expect(tested).toEqual([]);
    }
    expect(
      Array.from(TEST_SCRIPTS.khmer!.letters).every((letter) => isWithin(letter.codePointAt(0)!, ranges.khmer)),
    ).toBe(true);
    const trained = new Set(fontPackages(TRAIN_SCRIPTS));
    expect(fontPackages(TEST_SCRIPTS).filter((name) => trained.has(name))).toEqual([]);
  });
});
