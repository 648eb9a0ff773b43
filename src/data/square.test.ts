import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { resizePlanes } from "./resize.ts";
import { type PixelPicture, squareOfLines, squarePlanes } from "./square.ts";

/** A picture of `channels` samples a pixel, each by its place. */
function picture(width: number, height: number, channels: number, sample: (x: number, y: number, c: number) => number) {
  const data = Uint8ClampedArray.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return sample(pixel % width, Math.floor(pixel / width), i % channels);
  });
  return { data, width, height };
}

const noisy = (width: number, height: number, channels = 3): PixelPicture =>
  picture(width, height, channels, (x, y, c) => (x * 37 + y * 101 + c * 59 + x * y) % 256);

const size = fc.integer({ min: 1, max: 90 });
const side = fc.integer({ min: 1, max: 9 });
const sample = fc.integer({ min: 0, max: 255 });

describe("squarePlanes", () => {
  it("leaves a picture of the side wanted as it is, in planes", () => {
    const planes = squarePlanes(noisy(5, 5), 5);
    const { data } = noisy(5, 5);
    expect([...planes]).toEqual([0, 1, 2].flatMap((c) => Array.from({ length: 25 }, (_, i) => data[3 * i + c]!)));
  });

  it("keeps one colour, whatever the sizes", () => {
    fc.assert(
      fc.property(size, size, side, sample, sample, sample, (width, height, to, ...colour) => {
        const planes = squarePlanes(
          picture(width, height, 3, (_x, _y, c) => colour[c]!),
          to,
        );
        expect([...planes]).toEqual(colour.flatMap((value) => Array<number>(to * to).fill(value)));
      }),
    );
  });

  it("says of grey what it says of red, green and blue that are alike, and of opaque pictures what it says of RGB", () => {
    fc.assert(
      fc.property(size, size, side, (width, height, to) => {
        const grey = noisy(width, height, 1);
        const alike = picture(width, height, 3, (x, y) => grey.data[y * width + x]!);
        const opaque = picture(width, height, 4, (x, y, c) => (c === 3 ? 255 : alike.data[3 * (y * width + x) + c]!));
        expect(squarePlanes(grey, to)).toEqual(squarePlanes(alike, to));
        expect(squarePlanes(opaque, to)).toEqual(squarePlanes(alike, to));
      }),
    );
  });

  it("puts what can be seen through on white", () => {
    const half = picture(2, 2, 4, (_x, _y, c) => [200, 100, 0, 51][c]!);
    expect([...squarePlanes(half, 2)]).toEqual([244, 224, 204].flatMap((value) => Array<number>(4).fill(value)));
    expect([
      ...squarePlanes(
        picture(3, 3, 2, (_x, _y, c) => [77, 0][c]!),
        1,
      ),
    ]).toEqual([255, 255, 255]);
  });

  it("takes the middle of what is longer", () => {
    const striped = (x: number): number => (x < 4 || x >= 8 ? 255 : 9);
    expect(new Set(squarePlanes(picture(12, 4, 1, striped), 4))).toEqual(new Set([9]));
    expect(
      new Set(
        squarePlanes(
          picture(4, 12, 1, (_x, y) => striped(y)),
          4,
        ),
      ),
    ).toEqual(new Set([9]));
  });

  it("filters as resizePlanes does where less than eight times the side is there", () => {
    const { data } = noisy(31, 31);
    const planes = Uint8Array.from({ length: 3 * 961 }, (_, i) => data[3 * (i % 961) + Math.floor(i / 961)]!);
    expect(squarePlanes(noisy(31, 31), 4)).toEqual(resizePlanes(planes, 31, 4));
  });

  it("takes means over whole blocks before, and cuts off what is left over on both sides", () => {
    // 35 pixels, side 2: blocks of 4, 8 of them from the second pixel on
    const blocks = noisy(8, 8);
    const large = picture(35, 35, 3, (x, y, c) => {
      const [column, row] = [Math.floor((x - 1) / 4), Math.floor((y - 1) / 4)];
      const isInside = Math.min(x, y) > 0 && Math.max(column, row) < 8;
      return isInside ? blocks.data[3 * (8 * row + column) + c]! : 0;
    });
    expect(squarePlanes(large, 2)).toEqual(squarePlanes(blocks, 2));
  });

  it("gives the bytes that it gave before, on every machine", async () => {
    const all = [noisy(301, 200), noisy(64, 90, 4), noisy(17, 9, 1), noisy(5, 700, 2)].map((one) =>
      squarePlanes(one, 32),
    );
    const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(all.flatMap((planes) => [...planes])));
    // Another rule is another name, since classifiers are made with this one.
    expect(Buffer.from(digest).toString("hex").slice(0, 16)).toBe("f4681972ae0aa6b1");
  });

  it("refuses samples that are not 1 to 4 for each pixel", () => {
    const wrong = { data: new Uint8Array(10), width: 2, height: 2 };
    expect(() => squarePlanes(wrong, 2)).toThrow(UserError);
    expect(() => squarePlanes(wrong, 2)).toThrow("10 samples are not 1 to 4 for each pixel of 2 x 2");
  });
});

it("squareOfLines gives the same square from lines that come one by one, of the middle alone", () => {
  const channels = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(size, size, channels, side, (width, height, count, to) => {
      const whole = noisy(width, height, count);
      const line = (y: number, left: number, columns: number) => {
        const from = (y * width + left) * count;
        return { data: whole.data.slice(from, from + columns * count), from: 0 };
      };
      expect(squareOfLines({ width, height, channels: count, line }, to)).toEqual(squarePlanes(whole, to));
    }),
  );
});
