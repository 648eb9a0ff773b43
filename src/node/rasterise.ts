// SVG figures to PNG, with the fonts of an npm package: the same picture on every machine.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const fonts = dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json"));
const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => join(fonts, "ttf", name));

export const fontOptions = {
  font: { loadSystemFonts: false, fontFiles, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
};

/**
 * The PNG of a figure, `scale` times as large.
 * @example rasterise(curvesFigure({ title: "first-1", xLabel: "step", series: [] }));
 */
export function rasterise(svg: string, scale = 2): Uint8Array {
  const image = new Resvg(svg, { ...fontOptions, fitTo: { mode: "zoom", value: scale } });
  return image.render().asPng();
}
