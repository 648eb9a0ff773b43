import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { pictureKind } from "./picture-kind.ts";

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#36c" } });

describe("pictureKind", () => {
  it.each(["jpeg", "png", "gif", "webp", "avif"] as const)(
    "knows the pixels of %s, and that it can be decoded",
    async (format) => {
      const bytes = await picture(30, 20).toFormat(format).toBuffer();
      expect(pictureKind(bytes)).toEqual({ pixels: 600, otherwise: "unreadable" });
    },
  );

  it("takes 50 million pixels, and refuses more than anyone's camera has, without decoding them", async () => {
    // the size stands in the header
    const png = await picture(1, 1).png().toBuffer();
    const sized = (width: number, height: number): Uint8Array => {
      const bytes = Uint8Array.from(png);
      new DataView(bytes.buffer).setUint32(16, width);
      new DataView(bytes.buffer).setUint32(20, height);
      return bytes;
    };
    expect(pictureKind(sized(8660, 5774)).refusal).toBeUndefined();
    expect(pictureKind(sized(10_000, 10_000)).refusal).toBe("too-large");
    expect(pictureKind(sized(2 ** 31 - 1, 2 ** 31 - 1)).refusal).toBe("too-large");
  });

  it.each([
    ["nothing", "", "empty"],
    ["PDF", "%PDF-1.7\n...", "unsupported"],
  ])("refuses %s", (_, text, why) => {
    expect(pictureKind(new TextEncoder().encode(text)).refusal).toBe(why);
  });

  it.each([
    ["text", new TextEncoder().encode("a,b\n1,2\n"), "not-a-picture"],
    ["zeros", new Uint8Array(500), "not-a-picture"],
    ["a JPEG that is cut short", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0), "unreadable"],
    ["a PNG that is cut short", new TextEncoder().encode("\u0089PNG\r\n").slice(1), "unreadable"],
    ["SVG", new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), "unsupported"],
    ["HEIC", heic(), "unsupported"],
  ])("says what %s is, should it not be decoded", (_, bytes, otherwise) => {
    expect(pictureKind(bytes)).toMatchObject({ otherwise });
    expect(pictureKind(bytes).refusal).toBeUndefined();
  });

  it("says something of whatever bytes", async () => {
    const jpeg = await picture(40, 40).jpeg().toBuffer();
    for (let at = 0; at < jpeg.length; at += 7) {
      const damaged = Uint8Array.from(jpeg);
      damaged[at]! ^= 0xff;
      expect(pictureKind(damaged).otherwise).toMatch(/^(unreadable|not-a-picture|unsupported|too-large)$/);
      expect(pictureKind(jpeg.subarray(0, at)).otherwise).toMatch(/^(unreadable|not-a-picture|empty)$/);
    }
  });
});

/** The beginning of a photograph of a phone. */
function heic(): Uint8Array {
  const type = new TextEncoder().encode("\0\0\0\u0018ftypheic\0\0\0\0mif1heic");
  return Uint8Array.from([...type, ...new Uint8Array(40)]);
}
