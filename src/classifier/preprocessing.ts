// How pictures must be made ready for a classifier, told to those who do it without pudnet.

import type { ResizeRule } from "../data/square.ts";
import type { Classifier } from "./classifier.ts";

/** What its ONNX file calls them. */
export const INPUT = "images";

/** The rules in words, for those who make images ready without pudnet. */
const RESIZING: Readonly<Record<ResizeRule, string>> = {
  "square-1":
    "turn by EXIF orientation, put transparency on white, keep the middle square, take means over blocks while at least " +
    "four times the side remains, then scale by a triangle filter",
  "libvips-cover":
    "turn by EXIF orientation, scale so that the shorter side fits, keep the middle, put transparency on white",
};

/** How images must be made ready for a classifier; what its ONNX file and its JSON file say. */
export function preprocessing({
  arch: { side },
  normalization,
  resize,
}: Pick<Classifier, "arch" | "normalization" | "resize">) {
  return {
    input: `${INPUT}: uint8 [batch, 3, ${side}, ${side}], planes red, green, blue, 0 to 255`,
    side,
    colours: "RGB",
    resize: `${resize}: ${RESIZING[resize]}`,
    normalization: { ...normalization, note: "done inside the graph: (x / 255 - mean) / deviation" },
  } as const;
}
