// A folder of pictures (a sub-folder a class) becomes a classifier, without training.
//
//   node examples/predict-folder.mjs FOLDER OUT

import {
  chooseModel,
  imageSource,
  pictureFacts,
  predictClassifier,
  readImageFolder,
  runtimeNote,
  saveClassifier,
  UserError,
} from "pudnet";

const [folder = "samples/fashion-unseen", out = "out/fashion"] = process.argv.slice(2);

try {
  const note = await runtimeNote(); // WebAssembly works, but takes its time
  if (note) console.error(note);

  const { model } = await chooseModel({}); // the general network; { model: "clothes" } is a hypernetwork, which predicts its weights
  const loaded = await readImageFolder(folder, { side: model.arch.side });
  const { dataset, skipped } = loaded;
  for (const { path, reason } of skipped) console.error(`left out: ${path}, ${reason}`);

  const images = imageSource(dataset.images, 3 * dataset.side ** 2);
  const { classifier, heldOut, seconds } = await predictClassifier(model, images, dataset.labels, dataset.classes);
  console.log(`${dataset.labels.length} pictures of ${dataset.classes.join(", ")}`);
  console.log(`made in ${(seconds.forwardPass + seconds.head).toFixed(1)} s`);
  if (heldOut) console.log(`right: ${(100 * heldOut.accuracy).toFixed(1)} % of ${heldOut.n} held back`);

  await saveClassifier(out, classifier, { force: true, facts: pictureFacts(loaded) }); // so that a test knows them again
  console.log(`classifier: ${out}`);
} catch (error) {
  if (!(error instanceof UserError)) throw error; // a bug keeps its stack trace
  console.error(`${error.message}\n${error.hint ?? ""}`);
  process.exitCode = error.exitCode;
}
