// What reports have in common: pictures inside the page, and where the numbers come from.

import type { ImageDataset } from "../../data/dataset.ts";
import type { Prediction } from "../../report/predictions.ts";
import type { ReportPicture } from "../../report/report.ts";
import type { Provenance } from "../provenance.ts";

type Squares = Pick<ImageDataset, "images" | "side">;

/** A picture of a dataset as the network sees it. */
export async function reportPicture(
  dataset: Squares & Pick<ImageDataset, "sources">,
  position: number,
  prediction: Prediction,
): Promise<ReportPicture> {
  const source = dataset.sources?.[position];
  const picture = await pngPicture(dataset, position);
  return { ...prediction, ...picture, ...(source === undefined ? {} : { source }) };
}

/** A square as it is put into a page. */
export async function pngPicture(
  { images, side }: Squares,
  position: number,
): Promise<Pick<ReportPicture, "image" | "side">> {
  const { default: sharp } = await import("sharp"); // loaded where there is something to show
  const plane = side * side;
  const from = position * 3 * plane;
  const pixels = new Uint8Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane; i++) pixels[3 * i + c] = images[from + c * plane + i]!;
  }
  const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
  return { image: `data:image/png;base64,${png.toString("base64")}`, side };
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
