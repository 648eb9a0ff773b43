// What reports have in common: pictures inside the page, and where the numbers come from.

import sharp from "sharp";
import type { ImageDataset } from "../../data/dataset.ts";
import type { Prediction } from "../../report/predictions.ts";
import type { ReportPicture } from "../../report/report.ts";
import type { Provenance } from "../provenance.ts";

/** The picture as the network sees it. */
export async function reportPicture(
  { images, side, sources }: Pick<ImageDataset, "images" | "side" | "sources">,
  position: number,
  prediction: Prediction,
): Promise<ReportPicture> {
  const plane = side * side;
  const from = position * 3 * plane;
  const pixels = Uint8Array.from({ length: 3 * plane }, (_, i) => images[from + (i % 3) * plane + Math.floor(i / 3)]!);
  const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
  const source = sources?.[position];
  const image = `data:image/png;base64,${png.toString("base64")}`;
  return { ...prediction, image, side, ...(source === undefined ? {} : { source }) };
}

/** Version, machine and libraries. */
export function originFacts({ pudnet, commit, machine, versions }: Provenance): [string, string][] {
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    ["PudNet", commit === undefined ? pudnet : `${pudnet}, commit ${commit.slice(0, 12)}`],
    ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.system}`],
    ["Versions", libraries.join(", ")],
  ];
}
