// A few lines to copy for each exported file that is used by programs, as docs/exports.md and the page show them. Without the table of
// formats: the page would have all that writes files from its start.

import { identifier } from "./c.ts";
import type { ExportFormat } from "./export-classifier.ts";

export interface Snippet {
  readonly language: "TypeScript" | "Python" | "Arduino";
  readonly code: string;
}

/**
 * How a program uses an exported file; none for files that are opened (html), or read by the names of their tensors.
 * @param name what the file is called, without an ending
 * @throws UserError for a name that no C file can have
 * @example snippetOf("c", "pets")!.language // "Arduino"
 */
export function snippetOf(format: ExportFormat, name: string): Snippet | undefined {
  if (format === "js") return { language: "TypeScript", code: typeScript(`${name}.js`) };
  if (format === "onnx") return { language: "Python", code: python(`${name}.onnx`) };
  if (format === "c") return { language: "Arduino", code: arduino(name) };
  return undefined;
}

const typeScript = (file: string): string => `\
import { classify, labels } from ${JSON.stringify(`./${file}`)};
const [best] = classify(context.getImageData(0, 0, canvas.width, canvas.height), 1); // { label: "cat", score: 0.93 }
`;

const python = (file: string): string => `\
import json, numpy, onnxruntime
from PIL import Image, ImageOps
session = onnxruntime.InferenceSession(${JSON.stringify(file)})
facts = session.get_modelmeta().custom_metadata_map
labels, side = json.loads(facts["labels"]), json.loads(facts["preprocessing"])["side"]
picture = ImageOps.exif_transpose(Image.open("cat.jpg")).convert("RGBA")
picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
square = ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR)
planes = numpy.asarray(square, "uint8").transpose(2, 0, 1)
scores = session.run(None, {"images": planes[None]})[0][0]
print(labels[scores.argmax()])
`;

function arduino(name: string): string {
  const prefix = identifier(name);
  const upper = prefix.toUpperCase();
  return `\
#include "${name}.h"
float scores[${upper}_CLASSES];
int best = ${prefix}_classify(rgb, scores); // rgb: ${upper}_SIDE x ${upper}_SIDE x 3 bytes
Serial.println(${prefix}_labels[best]);
`;
}
