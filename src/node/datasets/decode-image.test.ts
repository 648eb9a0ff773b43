import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peakMegabytes } from "../../../test/peak-memory.ts";
import { tiff } from "../../../test/tiff.ts";
import { squarePlanes } from "../../data/square.ts";
import { key, uniform } from "../../tensor/random.ts";
import { readImages } from "./decode-image.ts";
import { DECODER_VERSION } from "./decoded.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-decode-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A picture whose pixel at (x, y) is `at(x, y)`. */
function picture(width: number, height: number, at: (x: number, y: number) => number[]): Sharp {
  const pixels = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)));
  return sharp(Uint8Array.from(pixels.flat()), {
    raw: { width, height, channels: pixels[0]!.length as 1 | 2 | 3 | 4 },
  });
}

async function planesOf(name: string, bytes: Promise<Buffer> | Buffer, side: number): Promise<number[][]> {
  const path = join(folder, name);
  await writeFile(path, await bytes);
  const { images: planes, skipped } = await readImages([path], side);
  expect(skipped).toEqual([]);
  expect(planes.length).toBe(3 * side * side);
  return [0, 1, 2].map((p) => [...planes.subarray(p * side * side, (p + 1) * side * side)]);
}

/** All pixels of the picture are about that colour. */
async function expectColour(name: string, bytes: Promise<Buffer>, colour: number[], tolerance = 3): Promise<void> {
  const planes = await planesOf(name, bytes, 8);
  planes.forEach((plane, p) => {
    for (const value of plane) expect(Math.abs(value - colour[p]!)).toBeLessThanOrEqual(tolerance);
  });
}

const orange = () => [200, 100, 50];
/** Deep pictures: 16 bits a channel, all of one value. */
const deep = (channels: 1 | 3): Promise<Buffer> =>
  sharp(new Uint16Array(16 * 16 * channels).fill(0x8080), { raw: { width: 16, height: 16, channels } })
    .toColourspace(channels === 1 ? "grey16" : "rgb16")
    .png()
    .toBuffer();

describe("decodeImage", () => {
  it("is exact for a PNG of the side asked for, planes apart", async () => {
    const bytes = picture(2, 2, (x, y) => [10 * x + 100 * y, 1 + x, 200 + y])
      .png()
      .toBuffer();
    expect(await planesOf("exact.png", bytes, 2)).toEqual([
      [0, 10, 100, 110],
      [1, 2, 1, 2],
      [200, 200, 201, 201],
    ]);
  });

  it.each([
    [
      "grey.png",
      () =>
        picture(9, 9, () => [77])
          .toColourspace("b-w")
          .png()
          .toBuffer(),
      [77, 77, 77],
    ],
    [
      "alpha.png",
      () =>
        picture(9, 9, () => [0, 0, 0, 0])
          .png()
          .toBuffer(),
      [255, 255, 255],
    ],
    [
      "half.webp",
      () =>
        picture(9, 9, () => [0, 0, 0, 128])
          .webp({ lossless: true })
          .toBuffer(),
      [127, 127, 127],
    ],
    [
      "palette.png",
      () =>
        picture(9, 9, () => [200, 100, 50, 255])
          .png({ palette: true, colours: 4 })
          .toBuffer(),
      orange(),
    ],
    [
      "grey-alpha.png",
      () =>
        picture(9, 9, () => [0, 0])
          .toColourspace("b-w")
          .png()
          .toBuffer(),
      [255, 255, 255],
    ],
    ["photo.jpg", () => picture(30, 20, orange).jpeg().toBuffer(), orange()],
    ["one.jpg", () => picture(1, 1, orange).jpeg().toBuffer(), orange()],
    ["thin.png", () => picture(1, 300, orange).png().toBuffer(), orange()],
    ["scan.tiff", () => picture(20, 20, orange).tiff().toBuffer(), orange()],
    ["deep.png", () => deep(3), [128, 128, 128]],
    ["deep-grey.png", () => deep(1), [128, 128, 128]],
  ] as const)("reads %s", async (name, bytes, colour) => expectColour(name, bytes(), [...colour]));

  it("reads CMYK", async () => {
    const bytes = picture(20, 20, () => [250, 250, 250])
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    expect((await sharp(await bytes).metadata()).channels).toBe(4);
    await expectColour("cmyk.jpg", bytes, [250, 250, 250], 8);
  });

  it.each(["gif", "webp"] as const)("takes the first frame of an animated %s", async (format) => {
    const frames = Uint8Array.from({ length: 8 * 16 * 3 }, (_, i) => (i % 3 === (i < 8 * 8 * 3 ? 0 : 2) ? 255 : 0));
    const animation = sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } });
    const bytes = animation.toFormat(format, { loop: 0, delay: [100, 100] }).toBuffer();
    expect((await sharp(await bytes).metadata()).pages).toBe(2);
    await expectColour(`animated.${format}`, bytes, [255, 0, 0]);
  });

  it("respects the EXIF orientation", async () => {
    const bytes = picture(16, 16, (x) => (x < 8 ? [255, 0, 0] : [0, 0, 255]))
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer();
    const [red] = await planesOf("turned.jpg", bytes, 2); // turned clockwise: left becomes top
    expect(red!.map((v) => (v > 128 ? 1 : 0))).toEqual([1, 1, 0, 0]);
  });

  it("cuts the middle out of a wide picture", async () => {
    const bytes = picture(12, 4, (x) => [x < 4 || x >= 8 ? 255 : 0, 9, 9])
      .png()
      .toBuffer();
    expect((await planesOf("wide.png", bytes, 4))[0]).toEqual(Array(16).fill(0));
  });

  describe("makes squares", () => {
    const veiled = () =>
      picture(90, 70, (x, y) => [(x * 37 + y * 11) % 256, (x * y) % 256, (x + 5 * y) % 256, (x * 3) % 256]).png();

    it("by square-1, of all the pixels that sharp decodes", async () => {
      const bytes = await veiled().toBuffer();
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect(info.channels).toBe(4);
      const planes = await planesOf("veiled.png", bytes, 8);
      expect(planes.flat()).toEqual([...squarePlanes({ data, width: 90, height: 70 }, 8)]);
    });

    it("by libvips-cover, where that is asked for", async () => {
      const bytes = await veiled().toBuffer();
      const path = join(folder, "veiled.png");
      await writeFile(path, bytes);
      const { images } = await readImages([path], 8, { resize: "libvips-cover" });
      const cover = sharp(bytes).resize(8, 8, { fit: "cover" }).flatten({ background: "#ffffff" });
      const data = await cover.raw().toBuffer();
      expect([...images]).toEqual([0, 1, 2].flatMap((c) => Array.from({ length: 64 }, (_, i) => data[3 * i + c]!)));
      expect([...images]).not.toEqual((await planesOf("veiled.png", bytes, 8)).flat());
    });

    it("about alike of pictures that are shrunk while they are read, turned ones too", async () => {
      const small = await picture(50, 40, (x, y) => [x * 5, y * 6, (x + y) * 2])
        .png()
        .toBuffer();
      const large = sharp(small).resize(5000, 4000, { fit: "fill", kernel: "nearest" });
      const turned = await large.withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
      const upright = await sharp(small).rotate(90).png().toBuffer();
      const [found, expected] = [await planesOf("large.jpg", turned, 4), await planesOf("upright.png", upright, 4)];
      const off = found.flatMap((plane, p) => plane.map((value, i) => Math.abs(value - expected[p]![i]!)));
      expect(Math.max(...off)).toBeLessThanOrEqual(2);
    });
  });

  it("reads 10,000 x 10,000 pictures with little memory", async () => {
    const paths = ["huge.jpg", "huge.png"].map((name) => join(folder, name));
    // Made by another process, so that this one's peak is that of reading.
    const make = `
      import sharp from "sharp";
      const blank = { create: { width: 10_000, height: 10_000, channels: 3, background: "#c86432" } };
      await sharp(blank).jpeg().toFile(${JSON.stringify(paths[0])});
      await sharp(blank).png({ compressionLevel: 1 }).toFile(${JSON.stringify(paths[1])});`;
    execFileSync(process.execPath, ["--input-type=module", "-e", make]);
    const before = peakMegabytes();
    for (const path of paths) {
      const { images } = await readImages([path], 8);
      expect([images[0], images[64], images[128]].map((v) => Math.round(v! / 4))).toEqual([50, 25, 13]);
    }
    expect(peakMegabytes() - before).toBeLessThan(157); // the pixels themselves take 300
  });
});

/** What decides what becomes of a file's bytes. */
const DECODER = ["decode-image.ts", "deep-picture.ts", "picture-kind.ts", "sample-range.ts"];

it("has its version counted up whenever the same bytes give something else", async () => {
  const hash = createHash("sha256");
  for (const name of DECODER) {
    const code = await readFile(join(import.meta.dirname, name), "utf8");
    hash.update(code.replaceAll(/\/\*.*?\*\/|\/\/.*?$|\s/gms, "")); // of the code, not of its comments and layout
  }
  // After a change: count DECODER_VERSION up, unless all files give the same pixels and reasons as before; then note both.
  const [version] = DECODER_VERSION.split("/");
  expect({ version, code: hash.digest("hex").slice(0, 16) }).toEqual({ version: "5", code: "b388d7d92f662f1d" });
});

describe("readImages", () => {
  it("keeps the order of the readable ones and says why others are left out", async () => {
    const jpeg = await picture(200, 200, (x, y) => [x, y, (x * y) % 256])
      .jpeg()
      .toBuffer();
    const png = await picture(200, 200, (x, y) => [x, y, (x * y) % 256])
      .png()
      .toBuffer();
    const files: Record<string, Buffer> = {
      "a.png": await picture(3, 3, () => [1, 1, 1])
        .png()
        .toBuffer(),
      "cut.jpg": jpeg.subarray(0, jpeg.length / 2),
      "cut.png": png.subarray(0, png.length / 2),
      "text.png": Buffer.from("no picture at all"),
      "empty.jpg": Buffer.alloc(0),
      "b.png": await picture(3, 3, () => [2, 2, 2])
        .png()
        .toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    const paths = [...Object.keys(files), "missing.jpg"].map((name) => join(folder, name));
    const progress: number[] = [];
    const { images, read, skipped } = await readImages(paths, 3, { onProgress: ({ done }) => progress.push(done) });
    expect(read).toEqual([paths[0], paths[5]]);
    expect([...images]).toEqual([...Array<number>(27).fill(1), ...Array<number>(27).fill(2)]);
    expect(skipped.map(({ path, reason }) => [path.slice(folder.length + 1), reason])).toEqual([
      ["cut.jpg", "damaged or truncated JPEG"],
      ["cut.png", "damaged or truncated PNG"],
      ["text.png", "not a picture that can be read: it holds text (expected JPEG, PNG, WebP, GIF, TIFF or AVIF)"],
      ["empty.jpg", "an empty file"],
      ["missing.jpg", "no such file"],
    ]);
    expect(progress).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("gives the same reasons every time, whatever else is decoded at the same moment", async () => {
    const jpeg = await picture(80, 80, (x, y) => [x, y, (x * y) % 256])
      .jpeg()
      .toBuffer();
    const files: Record<string, readonly [bytes: Buffer, reason: string]> = {
      "r-cut.jpg": [jpeg.subarray(0, jpeg.length / 2), "damaged or truncated JPEG"],
      "r-head.png": [Buffer.from("89504e470d0a1a0a00000000", "hex"), "damaged or truncated PNG"],
      "r-text.png": [Buffer.from("no picture"), "not a picture that can be read: it holds text"],
      "r-empty.png": [Buffer.alloc(0), "an empty file"],
      "r-web.webp": [Buffer.from("RIFF\x04\0\0\0WEBP", "latin1"), "damaged or truncated WebP"],
    };
    for (const [name, [bytes]] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    await symlink("/nowhere/1.png", join(folder, "r-link.png"));
    await mkdir(join(folder, "r-folder.png"));
    const reasons: Record<string, string> = {
      ...Object.fromEntries(Object.entries(files).map(([name, [, reason]]) => [name, reason])),
      "r-link.png": 'a link to "/nowhere/1.png", which is not there',
      "r-folder.png": "a folder, not a picture",
      "r-gone.png": "no such file",
    };
    const names = Object.keys(reasons);
    const many = Array.from(
      { length: 40 * names.length },
      (_, i) => names[(i * 5 + Math.floor(i / names.length)) % names.length]!,
    );
    const { skipped } = await readImages(
      many.map((name) => join(folder, name)),
      8,
    );
    skipped.forEach(({ reason }, i) =>
      expect([many[i], reason.startsWith(reasons[many[i]!]!)]).toEqual([many[i], true]),
    );
    expect(skipped.length).toBe(many.length);
  });

  it("refuses more pixels than it would have memory for, by what the header says", async () => {
    const jpeg = await picture(8, 8, orange).jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0])); // then length (2), bits (1), height (2), width (2)
    for (const at of [5, 7]) jpeg.writeUInt16BE(30_000, frame + at);
    await writeFile(join(folder, "claims.jpg"), jpeg);
    const { skipped } = await readImages([join(folder, "claims.jpg")], 4);
    expect(skipped[0]?.reason).toBe("30000 x 30000 pixels, more than 268,435,456");
  });

  it("refuses sides and passes that would take gigabytes, by what the header says", async () => {
    const claim = (png: Buffer, width: number, height: number): Buffer => {
      png.writeUInt32BE(width, 16);
      png.writeUInt32BE(height, 20);
      png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
      return png;
    };
    const plain = await picture(8, 8, orange).png().toBuffer();
    const interlaced = await picture(8, 8, orange).png({ progressive: true }).toBuffer();
    await writeFile(join(folder, "wide.png"), claim(plain, 8_000_000, 29));
    await writeFile(join(folder, "passes.png"), claim(interlaced, 16_000, 16_000));
    const { skipped } = await readImages(
      ["wide.png", "passes.png"].map((name) => join(folder, name)),
      4,
    );
    expect(skipped.map(({ reason }) => reason)).toEqual([
      "8000000 x 29 pixels, a side of more than 65,535",
      "16000 x 16000 pixels, more than 67,108,864 of a picture that comes in several passes",
    ]);
  });

  it("asks for the size of a progressive JPEG of a few bytes, wherever it says it", async () => {
    const jpeg = await picture(8, 8, orange).jpeg({ progressive: true }).toBuffer();
    const claim = (bytes: Buffer, side: number): void => {
      const frame = bytes.indexOf(Buffer.from([0xff, 0xc2]));
      bytes.writeUInt16BE(side, frame + 5);
      bytes.writeUInt16BE(side, frame + 7);
    };
    const ink = await picture(8, 8, orange).toColourspace("cmyk").jpeg({ progressive: true }).toBuffer();
    claim(jpeg, 16_000);
    claim(ink, 8_000);
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(0xfffd)]);
    const late = [jpeg.subarray(0, 2), comment, comment, comment, jpeg.subarray(2)];
    await writeFile(join(folder, "few.jpg"), jpeg);
    await writeFile(join(folder, "late.jpg"), Buffer.concat(late));
    await writeFile(
      join(folder, "padded.jpg"),
      Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff), jpeg.subarray(2)]),
    );
    await writeFile(join(folder, "ink.jpg"), ink);
    const names = ["few.jpg", "late.jpg", "padded.jpg", "ink.jpg"];
    const { skipped } = await readImages(
      names.map((name) => join(folder, name)),
      4,
    );
    const reason = "16000 x 16000 pixels, more than 67,108,864 of a picture that comes in several passes";
    expect(skipped.map((file) => file.reason)).toEqual([
      reason,
      reason,
      reason,
      "8000 x 8000 pixels, more than 50,331,648 of a picture that comes in several passes",
    ]);
  });

  it("judges damaged files the same in any order and company", async () => {
    const noisy = picture(60, 47, (x, y) => [(x * 37 + y * 101) % 256, (x * y) % 256, (x + 5 * y) % 256]);
    const kinds = ["jpeg", "png", "webp", "gif", "tiff", "avif"] as const;
    const whole = await Promise.all(kinds.map((kind) => noisy.clone().toFormat(kind).toBuffer()));
    const draws = uniform(key(5), whole.length * 20 * 4, 0, 1);
    const paths: string[] = [];
    for (const [k, bytes] of whole.entries()) {
      for (let i = 0; i < 20; i++) {
        const draw = (j: number): number => draws[(k * 20 + i) * 4 + j]!;
        const damaged = i % 2 === 0 ? bytes.subarray(0, Math.floor(draw(0) * bytes.length)) : Buffer.from(bytes);
        for (const j of i % 2 === 0 ? [] : [0, 1])
          damaged[12 + Math.floor(draw(j) * (bytes.length - 12))] = 256 * draw(2 + j);
        paths.push(join(folder, `damaged-${kinds[k]}-${i}`));
        await writeFile(paths.at(-1)!, damaged);
      }
    }
    const forth = await readImages(paths, 8);
    const back = await readImages(paths.toReversed(), 8);
    expect(forth.skipped.length).toBeGreaterThan(40);
    expect(back.skipped.toReversed()).toEqual(forth.skipped);
    for (const [i, path] of forth.read.entries()) {
      const alone = await readImages([path], 8);
      expect(Buffer.compare(alone.images, forth.images.subarray(192 * i, 192 * (i + 1)))).toBe(0);
    }
  });

  it("reads files that are too large for the memory from the disk", async () => {
    const [width, height] = [3500, 3400];
    const path = join(folder, "large.tif");
    await writeFile(path, tiff({ width, height, channels: 3, samples: new Uint8Array(3 * width * height).fill(77) }));
    const { images, skipped } = await readImages([path], 2);
    expect([skipped, [...images]]).toEqual([[], Array<number>(12).fill(77)]);
    await truncate(path, 2 ** 25 + 1);
    expect((await readImages([path], 2)).skipped[0]?.reason).toMatch(/damaged or truncated TIFF/);
  });

  it("stops when told to", async () => {
    const stop = new AbortController();
    const paths = Array.from({ length: 50 }, () => join(folder, "a.png"));
    const heard: number[] = [];
    const reading = readImages(paths, 3, {
      signal: stop.signal,
      onProgress: ({ done }) => void (heard.push(done) > 10 && stop.abort(new Error("enough"))),
    });
    await expect(reading).rejects.toThrow("enough");
    await readImages(paths, 3); // long enough for those that were under way
    expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
