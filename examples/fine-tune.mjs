// The predicted network as a start: all of it is trained on for a few epochs, judged by pictures held out.
//
//   node examples/fine-tune.mjs FOLDER OUT [EPOCHS]

import { chooseModel, fineTuneClassifier, imageSource, pictureFacts, readImageFolder, saveClassifier } from "pudnet";

const [folder = "samples/fashion-unseen", out = "out/tuned", epochs = "3"] = process.argv.slice(2);

const { model } = await chooseModel({});
const loaded = await readImageFolder(folder, { side: model.arch.side });
const { dataset } = loaded;
const images = imageSource(dataset.images, 3 * dataset.side ** 2);

const { classifier } = await fineTuneClassifier(model, images, dataset.labels, dataset.classes, {
  epochs: Number(epochs),
  compare: false, // true: the same training from random weights, beside it
  onStage({ epoch, heldOut, training }) {
    const loss = training ? `, loss ${training.loss.toFixed(3)}` : " (before training)";
    console.log(`epoch ${epoch}: ${(100 * heldOut.accuracy).toFixed(1)} % of ${heldOut.n} held out${loss}`);
  },
});
await saveClassifier(out, classifier, { force: true, facts: pictureFacts(loaded) });
console.log(`classifier: ${out}`);
