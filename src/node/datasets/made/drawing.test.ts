import { describe, expect, it } from "vitest";
import { distinctDrawings } from "./distinct.ts";
import { type Drawing, isDrawable, placedDrawing } from "./drawing.ts";
import { drawnPixels, pngOf } from "./render.ts";

const drawing = (body: string): Drawing => ({ body, left: 0, top: 0, width: 24, height: 24 });
const SQUARE = '<path fill="currentColor" d="M4 4h16v16H4z"/>';

describe("isDrawable", () => {
  it.each([
    SQUARE,
    '<g fill="none"><circle cx="3" cy="3" r="2"/></g>',
    '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><path fill="url(#a)" d="M0 0h9v9z"/>',
    '<path id="b" d="M0 0h1v1z"/><use href="#b"/><use xlink:href="#b"/>',
  ])("takes %s", (body) => expect(isDrawable(body)).toBe(true));

  it.each([
    ["nothing", ""],
    ["words", "<text>a</text>"],
    ["a file as a picture", '<image href="/etc/passwd"/>'],
    ["a file of a link without quotes", "<use href=/etc/passwd#a />"],
    ["an address in a paint", '<path fill="url(http://example.org/a.svg#b)" d="M0 0h9z"/>'],
    ["a style sheet", "<style>@import 'a.css';</style>"],
    ["a script", "<script>1</script>"],
    ["a page", "<foreignObject><p>1</p></foreignObject>"],
    ["an entity", "<g>&bomb;</g>"],
    ["a declaration", '<!DOCTYPE a [<!ENTITY b "c">]><g/>'],
    ["an instruction", '<?xml-stylesheet href="a.css"?><g/>'],
    ["something endless", `<path d="${"M0 0h9".repeat(20_000)}"/>`],
  ])("refuses %s", (_, body) => expect(isDrawable(body)).toBe(false));
});

describe("placedDrawing", () => {
  it("puts the drawing where it says, at its size, in its colours", async () => {
    const placing = { ink: "#ff0000", ground: "#0000ff", size: 0.75, x: 0.5, y: 0.25 };
    const pixels = await drawnPixels(placedDrawing(drawing(SQUARE), placing), 16);
    const at = (x: number, y: number): number[] => [...pixels.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
    expect(pixels).toHaveLength(16 * 16 * 3);
    expect(at(8, 4)).toEqual([255, 0, 0]);
    expect(at(8, 7)).toEqual([255, 0, 0]);
    expect(at(8, 9)).toEqual([0, 0, 255]);
    expect(at(2, 4)).toEqual([0, 0, 255]);
  });

  it("is fitted by its larger side, whatever its own box", async () => {
    const wide = { body: '<path d="M100 200h40v10h-40z"/>', left: 100, top: 200, width: 40, height: 10 };
    const pixels = await drawnPixels(placedDrawing(wide, { ink: "#000", ground: "#fff", size: 1, x: 0.5, y: 0.5 }), 16);
    const dark = pixels.filter((byte) => byte < 128).length / pixels.length;
    expect(dark).toBeCloseTo(0.25, 1);
  });

  it("becomes a PNG with the same bytes each time", async () => {
    const pixels = await drawnPixels('<rect width="1" height="1" fill="#123456"/>', 8);
    expect(await pngOf(pixels, 8)).toEqual(await pngOf(pixels, 8));
    expect([...pixels.subarray(0, 3)]).toEqual([0x12, 0x34, 0x56]);
  });
});

describe("distinctDrawings", () => {
  const disc = '<circle cx="12" cy="12" r="8" fill="currentColor"/>';
  it("drops copies, near copies, blanks, blocks and what cannot be read", async () => {
    const bodies = [
      SQUARE,
      SQUARE,
      '<path fill="currentColor" d="M4 4h16.2v16H4z"/>',
      disc,
      "<g/>",
      '<path d="M-9 -9h90v90h-90z"/>',
      "<path <",
      '<path fill="currentColor" d="M2 11h20v2H2z"/>',
    ];
    const kept = await distinctDrawings(bodies.map(drawing), 10);
    expect(kept.map(({ body }) => bodies.indexOf(body))).toEqual([0, 3, 7]);
    expect((await distinctDrawings(bodies.map(drawing), 2)).map(({ body }) => body)).toEqual([SQUARE, disc]);
  });

  it("knows which have colours of their own", async () => {
    const [ink, red] = await distinctDrawings([drawing(SQUARE), drawing(disc.replace("currentColor", "#f00"))], 2);
    expect(ink!.colour).toBeUndefined();
    expect(red!.colour!.map((part) => Math.round(part))).toEqual([1, 0, 0]);
  });
});
