// A page's module: decodes pictures as browsers do, and has pudnet make squares, predict and classify. What to do stands in
// /job.json, what came of it is posted to /answer.

import {
  ClassifierSession,
  exportOnnx,
  imageSource,
  predictClassifier,
  readClassifier,
  readPudNet,
  squarePlanes,
} from "pudnet";

const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

/** All pixels of a picture, RGBA. */
async function decoded(path) {
  const bitmap = await createImageBitmap(await (await fetch(path)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

async function planesOf(paths, side) {
  const planes = new Uint8Array(paths.length * 3 * side ** 2);
  for (const [i, path] of paths.entries()) planes.set(squarePlanes(await decoded(path), side), i * 3 * side ** 2);
  return planes;
}

async function scoresOf(classifier, images) {
  const session = await ClassifierSession.create(classifier);
  const scores = await session.probabilities(images);
  await session.release();
  return [...scores];
}

async function answer({ side, pictures, checkpoint, labels, classes, classifier }) {
  const planes = await planesOf(pictures, side);
  const images = imageSource(planes, 3 * side ** 2);
  const made = await readClassifier(await bytesOf(classifier.description), await bytesOf(classifier.weights));
  const model = await readPudNet(await bytesOf(checkpoint));
  const predicted = await predictClassifier(model, images, labels, classes);
  return {
    planes: [...planes],
    /** By the classifier that was given. */
    scores: await scoresOf(made.classifier, images),
    /** By one that was predicted here. */
    predictedScores: await scoresOf(predicted.classifier, images),
    onnxBytes: exportOnnx(predicted.classifier).length,
  };
}

let said;
try {
  said = await answer(await (await fetch("/job.json")).json());
} catch (error) {
  said = { error: `${error.stack ?? error}` };
}
await fetch("/answer", { method: "POST", body: JSON.stringify(said) });
