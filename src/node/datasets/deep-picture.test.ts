import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tiff, type TiffPicture } from "../../../test/tiff.ts";
import { readImages } from "./decode-image.ts";
import { readImageFolder } from "./image-folder.ts";
import { type SampleRanges, sampleRangesOf } from "./sample-range.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-deep-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const SIDE = 4;
const PIXELS = SIDE * SIDE;
type Given = Partial<TiffPicture> & Pick<TiffPicture, "samples">;
const square = (given: Given): Buffer =>
  tiff({ width: SIDE, height: SIDE, channels: given.samples.length / PIXELS, ...given });
/** Shares of white from 0 to 1, one for each sample. */
const ramp = (channels = 1): number[] =>
  Array.from({ length: channels * PIXELS }, (_, i) => i / (channels * PIXELS - 1));
const floats = (f: (share: number) => number, channels = 1): Float32Array => Float32Array.from(ramp(channels), f);
const shorts = (most: number, channels = 1): Uint16Array =>
  Uint16Array.from(ramp(channels), (share) => Math.round(share * most));
const expected = ramp().map((share) => Math.round(255 * share));

async function read(
  bytes: Uint8Array,
  ranges?: SampleRanges,
): Promise<{ values: number[]; reason: string | undefined }> {
  const path = join(root, "picture");
  await writeFile(path, bytes);
  const { images, skipped } = await readImages([path], SIDE, { ranges });
  return { values: [...images], reason: skipped[0]?.reason };
}

/** The red plane, where all three are alike. */
async function grey(bytes: Uint8Array, ranges?: SampleRanges): Promise<number[]> {
  const { values, reason } = await read(bytes, ranges);
  expect(reason).toBeUndefined();
  expect([values.slice(PIXELS, 2 * PIXELS), values.slice(2 * PIXELS)]).toEqual(Array(2).fill(values.slice(0, PIXELS)));
  return values.slice(0, PIXELS);
}

const png16 = (samples: Uint16Array): Promise<Buffer> =>
  sharp(samples, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();

describe("a deep picture by itself", () => {
  it("of 16 bits is divided by 257", async () => {
    expect(await grey(square({ samples: shorts(65_535) }))).toEqual(expected);
    expect(await grey(await png16(shorts(65_535)))).toEqual(expected);
    const inverted = shorts(65_535).map((value) => 65_535 - value);
    expect(await grey(square({ samples: inverted, photometric: 0 }))).toEqual(expected);
  });

  it("of 10 and 12 bits, which AVIF declares, is divided by those", async () => {
    const full = shorts(65_535, 3);
    const avif = (bitdepth: 10 | 12): Promise<Buffer> =>
      sharp(full, { raw: { width: SIDE, height: SIDE, channels: 3 } })
        .toColourspace("rgb16")
        .avif({ bitdepth, quality: 100, chromaSubsampling: "4:4:4" })
        .toBuffer();
    for (const bits of [10, 12] as const) {
      const { values } = await read(await avif(bits));
      const planes = [0, 1, 2].flatMap((plane) => Array.from(full.filter((_, i) => i % 3 === plane)));
      values.forEach((value, i) => expect(Math.abs(value - planes[i]! / 257)).toBeLessThan(8)); // AVIF loses some
    }
  });

  it("of floats from 0 to 1 or 0 to 255 is scaled, without bending colours", async () => {
    expect(await grey(square({ samples: floats((share) => share) }))).toEqual(expected);
    expect(await grey(square({ samples: floats((share) => 255 * share) }))).toEqual(expected);
    const { values } = await read(square({ samples: floats((share) => share, 3) }));
    const colours = ramp(3).map((share) => Math.round(255 * share));
    expect(values).toEqual([0, 1, 2].flatMap((plane) => colours.filter((_, i) => i % 3 === plane)));
  });

  it("clips what is off by less than half a level", async () => {
    expect(await grey(square({ samples: floats((share) => share * 1.003 - 0.0015) }))).toEqual(
      ramp().map((share) => Math.min(255, Math.max(0, Math.round(255 * (share * 1.003 - 0.0015))))),
    );
  });

  it.each<[what: string, given: Given, reason: RegExp]>([
    [
      "NaN",
      { samples: floats((share) => (share > 0.9 ? Number.NaN : share)) },
      /float samples that are no numbers \(NaN\)/,
    ],
    ["infinite samples", { samples: floats((share) => 1 / share) }, /no numbers \(Infinity\)/],
    [
      "negative samples",
      { samples: floats((share) => share - 0.5) },
      /float samples from -0.5 to 0.5, expected 0 to 1 or 0 to 255/,
    ],
    ["a high dynamic range", { samples: floats((share) => 1.7 * share) }, /float samples from 0 to 1.7/],
    ["more than 255", { samples: floats((share) => 4095 * share) }, /float samples from 0 to 4095/],
    ["12 bits in 16", { samples: shorts(4095) }, /16-bit samples that end at 4095: nobody can tell/],
    [
      "signed samples",
      { samples: Int16Array.from(ramp(), (share) => 1000 * share) },
      /samples of 16 bits of the type short/,
    ],
    ["32 bits", { samples: Uint32Array.from(ramp(), (share) => 1000 * share) }, /samples of 32 bits of the type uint/],
    ["half floats", { samples: shorts(0x3c00), sampleFormat: 3 }, /half-precision/],
    ["doubles", { samples: Float64Array.from(ramp()) }, /damaged or truncated TIFF, or of a kind that cannot be read/],
    [
      "floats with transparency",
      { samples: floats((share) => share, 2), hasAlpha: true },
      /float samples with transparency/,
    ],
    ["many channels", { samples: shorts(65_535, 5), photometric: 1 }, /5 channels a pixel/],
  ])("with %s is refused with the reason", async (_, given, reason) => {
    expect((await read(square(given))).reason).toMatch(reason);
  });

  it("of floats is looked at as a whole, however large", async () => {
    const [width, height] = [3000, 3000];
    const samples = new Float32Array(width * height).fill(0.25);
    const large = (last: number): Buffer => {
      samples[samples.length - 1] = last;
      return tiff({ width, height, channels: 1, samples });
    };
    expect(await grey(large(0.5))).toEqual(Array<number>(PIXELS).fill(64));
    expect((await read(large(Number.NaN))).reason).toMatch(/no numbers/);
    expect((await read(large(2))).reason).toMatch(/from 0.25 to 2/);
  });

  it("of 1 and 4 bits is read", async () => {
    const striped = { width: 8, height: 4, channels: 1, samples: new Uint8Array(4).fill(0x0f), bits: 1 };
    expect((await grey(tiff(striped))).slice(0, 4)).toEqual([0, 0, 255, 255]);
    const nibbles = { width: 4, height: 4, channels: 1, samples: new Uint8Array(8).fill(0x0f), bits: 4 };
    expect((await grey(tiff(nibbles))).slice(0, 4)).toEqual([0, 255, 0, 255]);
  });

  it("of 16 bits is turned, and put on white where it can be seen through", async () => {
    const turned = await grey(square({ samples: shorts(65_535), orientation: 3 }));
    expect(turned).toEqual(expected.toReversed());
    const clear = Uint16Array.from({ length: 2 * PIXELS }, (_, i) => (i % 2 === 0 ? 30_000 : 0));
    expect(await grey(square({ samples: clear, hasAlpha: true }), { ushort: 65_535 })).toEqual(Array(PIXELS).fill(255));
    const half = Uint16Array.from({ length: 4 * PIXELS }, (_, i) => [0, 0, 0, 32_768][i % 4]!);
    expect(await grey(square({ samples: half, hasAlpha: true }), { ushort: 65_535 })).toEqual(Array(PIXELS).fill(127));
    const reason = /transparency in a picture that uses fewer than its 16 bits/;
    expect((await read(square({ samples: half, hasAlpha: true }), { ushort: 4095 })).reason).toMatch(reason);
  });

  it("of CMYK in 16 bits has the colours of the same in 8", async () => {
    const eight = Uint8Array.from({ length: 4 * PIXELS }, (_, i) => [200, 100, 50, 10][i % 4]!);
    const colours = (await read(square({ samples: eight, photometric: 5 }))).values;
    const deep = (await read(square({ samples: Uint16Array.from(eight, (v) => 257 * v), photometric: 5 }))).values;
    deep.forEach((value, i) => expect(Math.abs(value - colours[i]!)).toBeLessThan(3));
  });

  it("with a colour profile is turned into sRGB, in 8 bits and in 16", async () => {
    const raw = { raw: { width: SIDE, height: SIDE, channels: 3 } } as const;
    const one = [200, 100, 50];
    const colour = Uint8Array.from({ length: 3 * PIXELS }, (_, i) => one[i % 3]!);
    const eight = await sharp(colour, raw).withIccProfile("p3").png().toBuffer();
    const deep = await sharp(
      Uint16Array.from(colour, (v) => 257 * v),
      raw,
    )
      .toColourspace("rgb16")
      .withIccProfile("p3")
      .png()
      .toBuffer();
    for (const bytes of [eight, deep]) {
      expect((await sharp(bytes).metadata()).hasProfile).toBe(true);
      const { values } = await read(bytes);
      one.forEach((value, plane) => expect(Math.abs(values[plane * PIXELS]! - value)).toBeLessThan(3));
    }
  });

  it("is read by the ranges of the classifier, or refused", async () => {
    const ranges = { ushort: 4095, float: 255 } as const;
    expect(await grey(square({ samples: shorts(4095) }), ranges)).toEqual(expected);
    expect(await grey(square({ samples: shorts(40) }), ranges)).toEqual(
      ramp().map((s) => Math.round((Math.round(40 * s) / 4095) * 255)),
    );
    expect((await read(square({ samples: shorts(5000) }), ranges)).reason).toMatch(
      /up to 5000, where those of the other pictures end at 4095/,
    );
    expect(await grey(square({ samples: floats((share) => 9 * share) }), ranges)).toEqual(
      ramp().map((share) => Math.round(9 * share)),
    );
    expect((await read(square({ samples: floats((share) => share) }), ranges)).reason).toMatch(
      /from 0 to 1, where those of the other pictures go from 0 to 255/,
    );
  });
});

describe("deep pictures of a dataset", () => {
  async function load(files: Record<string, Uint8Array>, cache: string | false = false) {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(join(root, "set", name, ".."), { recursive: true });
      await writeFile(join(root, "set", name), bytes);
    }
    const { dataset, notes, skipped, ranges } = await readImageFolder(join(root, "set"), { side: SIDE, cache });
    const short = (text: string): string => text.replaceAll(join(root, "set") + "/", "");
    const tops = dataset.sources!.map((_, i) =>
      Math.max(...dataset.images.subarray(i * 3 * PIXELS, (i + 1) * 3 * PIXELS)),
    );
    return { tops, notes: notes.map(short), skipped: skipped.map(({ reason }) => reason), ranges };
  }
  const deep = (most: number): Buffer => square({ samples: shorts(most) });
  const float = (most: number): Buffer => square({ samples: floats((share) => most * share) });

  it("of 12 bits in 16 have one range, found over all of them, which is told and kept", async () => {
    const files = { "a/1.tif": deep(4095), "a/2.tif": deep(2048), "b/1.tif": deep(100), "b/2.tif": deep(3000) };
    const first = await load(files, join(root, "cache"));
    expect(first.tops).toEqual([255, 128, 6, 187]);
    expect(first.notes).toEqual(["the 4 pictures of 16 bits use 12 of them: white is taken to be 4095"]);
    expect(first.ranges).toEqual({ ushort: 4095 });
    expect(sampleRangesOf({ sampleRanges: JSON.parse(JSON.stringify(first.ranges)) as unknown })).toEqual({
      ushort: 4095,
    });
    expect(await load(files, join(root, "cache"))).toEqual(first); // from the cache
  });

  it("of 16 bits are not brightened, and those that use few of them are named", async () => {
    const { tops, notes, ranges } = await load({
      "a/1.tif": deep(65_535),
      "a/2.tif": deep(4095),
      "b/1.tif": deep(60_000),
      "b/2.tif": deep(40_000),
    });
    expect(tops).toEqual([255, 16, 233, 156]);
    expect(notes).toEqual([
      '1 of 4 pictures of 16 bits use 12 bits or fewer, and are as dark as if white were 65535: "a/2.tif"',
    ]);
    expect(ranges).toEqual({ ushort: 65_535 });
  });

  it("of AVIF say their bits, and leave the range of others alone", async () => {
    const raw = { raw: { width: SIDE, height: SIDE, channels: 3 } } as const;
    const avif = await sharp(shorts(65_535, 3), raw).toColourspace("rgb16").avif({ bitdepth: 10 }).toBuffer();
    const { ranges, notes } = await load({
      "a/1.tif": deep(4095),
      "a/2.avif": avif,
      "b/1.tif": deep(4000),
      "b/2.tif": deep(3000),
    });
    expect(ranges).toEqual({ ushort: 4095 });
    expect(notes).toEqual(["the 3 pictures of 16 bits use 12 of them: white is taken to be 4095"]);
  });

  it("of floats have one range; others are left out with the reason", async () => {
    const { tops, notes, skipped, ranges } = await load({
      "a/1.tif": float(1),
      "a/2.tif": float(0.5),
      "a/3.tif": float(255),
      "b/1.tif": float(0.25),
      "b/2.tif": float(0.75),
    });
    expect(tops).toEqual([255, 128, 64, 191]);
    expect(skipped).toEqual(["float samples from 0 to 255, where those of the other pictures go from 0 to 1"]);
    expect([notes, ranges]).toEqual([["of the 5 pictures of float samples, white is taken to be 1"], { float: 1 }]);
  });

  it("that come out in one colour are named with it", async () => {
    const black = square({ samples: floats((share) => share / 1000) });
    const { notes } = await load({
      "a/1.tif": float(1),
      "a/2.tif": black,
      "b/1.tif": float(1),
      "b/2.tif": deep(65_535),
    });
    expect(notes).toContain('1 picture has nothing to see, all pixels are alike: "a/2.tif" (black)');
  });

  it("say nothing where there are none", async () => {
    const png = await sharp(Uint8Array.from(expected), { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toBuffer();
    const { ranges, notes } = await load({ "a/1.png": png, "a/2.png": png, "b/1.png": png, "b/2.png": png });
    expect(ranges).toBeUndefined();
    expect(notes.filter((note) => !note.includes("class"))).toEqual([]);
  });
});

it("a description with other ranges is refused", () => {
  expect(sampleRangesOf({})).toEqual({});
  expect(() => sampleRangesOf({ sampleRanges: { ushort: 7 } })).toThrow(/classifier.json: the ranges of its samples/);
});
