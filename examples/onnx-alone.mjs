// classifier.onnx without pudnet: pixels in, probabilities out. The same few lines work in every language with onnxruntime.
//
//   node examples/onnx-alone.mjs CLASSIFIER PICTURE

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ort from "onnxruntime-node";
import sharp from "sharp";

const [place = "out/fashion", picture = "samples/fashion-unseen/bag/0000.png"] = process.argv.slice(2);

/** @type {{ classes: string[], arch: { side: number } }} */
const { classes, arch } = JSON.parse(await readFile(join(place, "classifier.json"), "utf8"));
const { side } = arch;

// `preprocessing` in classifier.json, closely: the middle square, transparency on white, made small by means and a triangle filter. An
// image library rounds otherwise, so that scores differ in their second decimal; exports as js, html and c compute it exactly.
const { data, info } = await sharp(picture)
  .autoOrient()
  .flatten({ background: "white" })
  .toColourspace("srgb")
  .resize(side, side, { fit: "cover", kernel: "linear", fastShrinkOnLoad: false })
  .raw()
  .toBuffer({ resolveWithObject: true });
const planes = new Uint8Array(3 * side ** 2); // red, green, blue
for (let i = 0; i < planes.length; i++) {
  const plane = info.channels < 3 ? 0 : Math.floor(i / side ** 2);
  planes[i] = data[(i % side ** 2) * info.channels + plane] ?? 0;
}

const session = await ort.InferenceSession.create(await readFile(join(place, "classifier.onnx")));
const { probabilities } = await session.run({ images: new ort.Tensor("uint8", planes, [1, 3, side, side]) });
const scores = /** @type {Float32Array} */ (probabilities?.data);

const best = scores.indexOf(Math.max(...scores));
console.log(`${picture}: ${classes[best]} ${(100 * (scores[best] ?? 0)).toFixed(1)} %`);
