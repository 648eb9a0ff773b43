// A classifier at work in other code: pictures are copied into a folder a class, those it is not sure of into "unsure", and those that
// are like nothing it was made from into "unknown".
//
//   node examples/sort-pictures.mjs CLASSIFIER FOLDER OUT

import { copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { ClassifierSession, imageSource, loadClassifier, readImages, safeFileName } from "pudnet";

const [place = "out/fashion", folder = "unsorted", out = "sorted"] = process.argv.slice(2);
const SURE = 0.8;

const { classifier } = await loadClassifier(place);
const { side } = classifier.arch;
const paths = (await readdir(folder)).map((name) => join(folder, name));
const { images, read, skipped } = await readImages(paths, side);

const session = await ClassifierSession.create(classifier); // kept for many calls, released at the end
try {
  const answers = await session.answer(imageSource(images, 3 * side ** 2), 1);
  for (const [i, { labels, unknown }] of answers.entries()) {
    const [path, best] = [read[i], labels[0]];
    if (!best || path === undefined) continue;
    const sure = best.score < SURE ? "unsure" : safeFileName(best.label, "class"); // a name may hold "../"
    const target = join(out, unknown ? "unknown" : sure);
    await mkdir(target, { recursive: true });
    await copyFile(path, join(target, basename(path)));
  }
  console.log(`sorted ${read.length} pictures into ${out}`);
} finally {
  await session.release();
}
for (const { path, reason } of skipped) console.error(`left out: ${path}, ${reason}`);
if (skipped.length > 0 || read.length === 0) process.exitCode = 1;
