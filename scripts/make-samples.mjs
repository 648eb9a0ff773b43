// Makes samples/fashion-unseen from Fashion-MNIST's test part: the first 250 pictures of each of the 4 classes that
// fashion-set never trains on, as 28x28 grey PNGs. Plain JavaScript, since Node 20 cannot run TypeScript.
//
//   node scripts/make-samples.mjs [folder of the IDX files, default data/fashion-mnist] [output, default samples/fashion-unseen]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";

const PER_CLASS = 250;
const SIDE = 28;
/** Folder name by Fashion-MNIST label. */
const CLASSES = new Map([
  [1, "trouser"],
  [4, "coat"],
  [8, "bag"],
  [9, "ankle-boot"],
]);

const [source = join("data", "fashion-mnist"), out = join("samples", "fashion-unseen")] = process.argv.slice(2);
const pixels = gunzipSync(readFileSync(join(source, "t10k-images-idx3-ubyte.gz"))).subarray(16);
const labels = gunzipSync(readFileSync(join(source, "t10k-labels-idx1-ubyte.gz"))).subarray(8);

let bytes = 0;
for (const [label, name] of CLASSES) {
  mkdirSync(join(out, name), { recursive: true });
  const positions = [...labels.keys()].filter((i) => labels[i] === label).slice(0, PER_CLASS);
  for (const [n, i] of positions.entries()) {
    const png = await smallestPng(pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
    bytes += png.length;
    writeFileSync(join(out, name, `${String(n).padStart(4, "0")}.png`), png);
  }
}
console.log(`${CLASSES.size} x ${PER_CLASS} pictures, ${bytes} bytes, in ${out}`);

/**
 * The picture as the smaller of two PNGs, with and without row filters; checked to give back exactly its pixels.
 * @param {Uint8Array} grey 28x28 values
 * @returns {Promise<Buffer>}
 */
async function smallestPng(grey) {
  const picture = sharp(grey, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace("b-w");
  const candidates = await Promise.all(
    [false, true].map((adaptiveFiltering) =>
      picture.clone().png({ compressionLevel: 9, adaptiveFiltering }).toBuffer(),
    ),
  );
  candidates.sort((a, b) => a.length - b.length);
  const smallest = withoutPixelSize(candidates[0]);
  const { data, info } = await sharp(smallest).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  if (info.width !== SIDE || info.height !== SIDE || !data.equals(grey))
    throw new Error("a PNG does not give back its pixels");
  return smallest;
}

/**
 * Drops the pHYs chunk (21 bytes on the resolution in print), which sharp writes behind the 33 bytes of signature and IHDR.
 * @param {Buffer} png
 * @returns {Buffer}
 */
function withoutPixelSize(png) {
  return png.toString("latin1", 37, 41) === "pHYs" ? Buffer.concat([png.subarray(0, 33), png.subarray(54)]) : png;
}
