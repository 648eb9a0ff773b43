// How an exported file is used, to copy: as docs/exports.md shows it.

import type { ExportFormat } from "pudnet";

const SNIPPETS: Readonly<Record<ExportFormat, (name: string) => string>> = {
  html: (name) => `Open ${name}.html in a browser: from the disk, offline, or on any web server.`,
  js: (name) => `import { classify, labels } from "./${name}.js";

// TypeScript or JavaScript, in a page or in Node: what a canvas gives, or any 1 to 4 interleaved bytes a pixel
const picture = context.getImageData(0, 0, canvas.width, canvas.height);
const [best] = classify(picture, 1); // { label, score }`,
  onnx: (name) => `import json, numpy, onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("${name}.onnx")
facts = session.get_modelmeta().custom_metadata_map
labels, side = json.loads(facts["labels"]), json.loads(facts["preprocessing"])["side"]
picture = ImageOps.exif_transpose(Image.open("picture.jpg")).convert("RGB")
square = ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR)
planes = numpy.asarray(square, "uint8").transpose(2, 0, 1)
scores = session.run(None, {"images": planes[None]})[0][0]
print(labels[scores.argmax()])`,
  safetensors: (name) => `from safetensors.torch import load_file

weights = load_file("${name}.safetensors")  # by torchvision's names, head included`,
  c: (name) => `// Arduino, 32-bit boards: ${name}.h and ${name}.c beside the sketch
#include "${name}.h"

float scores[${name.toUpperCase()}_CLASSES];
int best = ${name}_classify(rgb, scores); // rgb: ${name.toUpperCase()}_SIDE x ${name.toUpperCase()}_SIDE x 3 bytes
Serial.println(${name}_labels[best]);`,
};

export const snippetOf = (format: ExportFormat, name: string): string => SNIPPETS[format](name);
