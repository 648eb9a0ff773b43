// What it changes who decodes pictures (sharp or a browser) and by which rule they become squares: results/squares.json.
// Pictures: those of samples/fashion-unseen, and 500 JPEGs made of the pictures of a folder with a sub-folder per class, of
// many sizes and kinds, which are not kept.
//
//   node scripts/measure-squares.mjs FOLDER [out.json]

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import sharp from "sharp";
import { askPage, bundlePage, findChromium } from "./in-chromium.mjs";

const ROOT = resolve(import.meta.dirname, "..");
const JPEGS = 500;
/** Icons are no pictures of this kind. */
const SMALLEST = 48;
const MODELS = ["fashion-convnet-3", "cifar-100-convnet-3"];

const pudnet = await import("../dist/index.js");
const { provenance } = await import("../dist/node/provenance.js");

/** JPEGs as cameras and programs write them: qualities, colour resolutions, passes, orientations, a profile, sizes. */
async function makeJpegs(from, to) {
  const names = (await readdir(from, { recursive: true })).filter((name) => extname(name) === ".png").toSorted(byHash);
  let made = 0;
  for (const name of names) {
    const { width, height } = await sharp(join(from, name)).metadata();
    if (made === JPEGS) return;
    if (Math.min(width, height) < SMALLEST || !name.includes(sep)) continue;
    const [label] = name.split(sep);
    await mkdir(join(to, label), { recursive: true });
    const picture = sharp(join(from, name))
      .flatten({ background: "#ffffff" })
      .resize(width * [1, 2, 4][made % 3], undefined)
      .withMetadata({ orientation: 1 + (made % 8) })
      .jpeg({
        quality: [60, 75, 85, 95][made % 4],
        chromaSubsampling: made % 5 < 3 ? "4:2:0" : "4:4:4",
        progressive: made % 7 === 0,
      });
    await (made % 6 === 0 ? picture.withIccProfile("p3") : picture).toFile(join(to, label, `${made}.jpg`));
    made++;
  }
  throw new Error(`only ${made} pictures of at least ${SMALLEST} pixels in the sub-folders of "${from}"`);
}

const byHash = (a, b) => (hash(a) < hash(b) ? -1 : 1);
const hash = (text) => createHash("sha256").update(text).digest("hex");

async function measure(name, folder, site) {
  const model = await pudnet.loadPudNet(join(ROOT, "checkpoints", `${name}.safetensors`));
  const { side } = model.arch;
  const read = (resize) => pudnet.readImageFolder(folder, { side, resize, cache: false });
  const { dataset } = await read("square-1");
  const { dataset: cover } = await read("libvips-cover");
  const { labels, classes } = dataset;
  const source = (planes) => pudnet.imageSource(planes, 3 * side ** 2);
  const predict = (planes, resize) => pudnet.predictClassifier(model, source(planes), labels, classes, { resize });
  const [bySquare, byCover] = [await predict(dataset.images, "square-1"), await predict(cover.images, "libvips-cover")];
  const files = await pudnet.classifierFiles(bySquare.classifier);
  const pictures = dataset.sources.map((path, i) => [`/${i}${extname(path)}`, path]);
  const job = {
    side,
    checkpoint: "/checkpoint",
    labels: [...labels],
    classes,
    pictures: pictures.map(([path]) => path),
  };
  const classifier = { description: "/classifier.json", weights: "/weights" };
  const answer = await askPage(findChromium(), site, {
    ...Object.fromEntries(pictures),
    "/job.json": new TextEncoder().encode(JSON.stringify({ ...job, classifier })),
    "/checkpoint": join(ROOT, "checkpoints", `${name}.safetensors`),
    "/classifier.json": files["classifier.json"],
    "/weights": files["weights.safetensors"],
  });
  const session = await pudnet.ClassifierSession.create(bySquare.classifier);
  const score = (planes) => session.probabilities(source(planes));
  const scores = await score(dataset.images);
  const decodedThere = Uint8Array.from(answer.planes);
  const pairs = {
    "decoded by a browser": compare(scores, await score(decodedThere), classes.length, dataset.images, decodedThere),
    "decoded and classified in a browser": compare(scores, answer.scores, classes.length),
    "predicted from pictures, and classified, in a browser": compare(scores, answer.predictedScores, classes.length),
    "made square by libvips-cover": compare(
      scores,
      await score(cover.images),
      classes.length,
      dataset.images,
      cover.images,
    ),
  };
  await session.release();
  const heldOut = ({ heldOut: { accuracy, n } }) => ({ accuracy, n });
  return {
    model: name,
    side,
    pictures: labels.length,
    classes: classes.length,
    besideSharpAndSquare1: pairs,
    heldOut: { "square-1": heldOut(bySquare), "libvips-cover": heldOut(byCover) },
  };
}

/** Labels and scores [n, ways] of one way beside those of another, and the planes that they were given. */
function compare(a, b, ways, planesA, planesB) {
  const best = (scores, i) => {
    const row = Array.from({ length: ways }, (_, way) => scores[i * ways + way]);
    return row.indexOf(Math.max(...row));
  };
  const n = a.length / ways;
  const equal = Array.from({ length: n }, (_, i) => i).filter((i) => best(a, i) === best(b, i)).length;
  const off = Array.from(a, (score, i) => Math.abs(score - b[i])).toSorted((x, y) => x - y);
  const result = { equalLabels: equal / n, largestScoreDifference: off.at(-1), meanScoreDifference: mean(off) };
  if (!planesA) return result;
  const levels = Array.from(planesA, (value, i) => Math.abs(value - planesB[i]));
  const equalSamples = levels.filter((level) => level === 0).length / levels.length;
  return { ...result, equalSamples, largestLevelDifference: levels.reduce((most, level) => Math.max(most, level), 0) };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const [, , from, out = join(ROOT, "results", "squares.json")] = process.argv;
if (from === undefined) throw new Error("give a folder of PNGs with a sub-folder per class");
const folder = await mkdtemp(join(tmpdir(), "pudnet-squares-"));
try {
  const site = await bundlePage(join(import.meta.dirname, "classify-page.mjs"), folder);
  await makeJpegs(from, join(folder, "jpegs"));
  const sets = [];
  for (const [name, pictures] of [
    ["samples/fashion-unseen", join(ROOT, "samples/fashion-unseen")],
    [`${JPEGS} JPEGs`, join(folder, "jpegs")],
  ])
    for (const model of MODELS) sets.push({ set: name, ...(await measure(model, pictures, site)) });
  const made = { ...(await provenance()), command: `node scripts/measure-squares.mjs ${from}` };
  const versions = { ...made.versions, libvips: sharp.versions.vips, chromium: findChromium().version };
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ ...made, versions, sets }, undefined, 2)}\n`);
  console.log(`${relative(process.cwd(), out)}: ${sets.length} measurements`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
