// Pictures of which nothing is left to see once they are decoded.
import type { ImageDataset } from "../../data/dataset.ts";
import { listed } from "../../names.ts";

/** Names pictures whose pixels are all alike, with their colour. */
export function oneColourNote({
  images,
  side,
  sources = [],
}: Pick<ImageDataset, "images" | "side" | "sources">): string[] {
  const stride = 3 * side * side;
  const found = sources.flatMap((path, i) => {
    const colour = colourOf(images.subarray(i * stride, (i + 1) * stride));
    return colour === undefined ? [] : [`"${path}" (${colour})`];
  });
  if (found.length === 0) return [];
  const what = found.length === 1 ? "1 picture has" : `${found.length} pictures have`;
  return [`${what} nothing to see, all pixels are alike: ${listed(found, 5)}`];
}

/** Of planes [3, side, side] that are each of one value. */
function colourOf(planes: Uint8Array): string | undefined {
  const size = planes.length / 3;
  for (let at = 0; at < planes.length; at++) if (planes[at] !== planes[at - (at % size)]) return undefined;
  const rgb = [planes[0]!, planes[size]!, planes[2 * size]!];
  if (rgb.every((value) => value === 0)) return "black";
  if (rgb.every((value) => value === 255)) return "white";
  return `red ${rgb[0]}, green ${rgb[1]}, blue ${rgb[2]}`;
}
