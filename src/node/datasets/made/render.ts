// Drawings to pixels and pixels to PNG, by sharp.

import sharp from "sharp";

/**
 * The red, green, blue bytes [side, side, 3] of SVG elements in the square [0, 1] x [0, 1], which they must cover.
 * @throws Error where librsvg does not read them
 */
export function drawnPixels(elements: string, side: number): Promise<Buffer> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `width="${side}" height="${side}" viewBox="0 0 1 1">${elements}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().toColourspace("srgb").raw().toBuffer();
}

/** A PNG of red, green, blue bytes [side, side, 3]. */
export function pngOf(rgb: Uint8Array, side: number): Promise<Buffer> {
  return sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}
