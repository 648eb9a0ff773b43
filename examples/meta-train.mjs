// A tiny hypernetwork meta-trained from code (Algorithm 1), step by step: for real runs `pudnet train` keeps metrics,
// checkpoints and figures, and goes on after a crash.
//
//   node examples/meta-train.mjs FOLDER OUT [STEPS]

import {
  metaSetup,
  metaTraining,
  modelOf,
  parseTrainConfig,
  readImageFolder,
  savePudNet,
  Training,
  trainingData,
} from "pudnet";

const [folder = "samples/fashion-unseen", out = "out/tiny.safetensors", steps = "60"] = process.argv.slice(2);

// Everything that is not said here has the default of the paper; a mistyped key is an error that names it.
const config = parseTrainConfig(
  {
    name: "tiny",
    steps: Number(steps),
    logEvery: 10,
    data: { dataset: folder, split: "by hand" },
    target: { arch: "convnet-3", width: 8 },
    pudnet: { hiddenSize: 16, generatorWidth: 2 },
    group: { ways: 2, shots: 5, queries: 5, extra: 5 },
    optimizer: { warmUp: 10 },
    validation: { every: Number(steps), groups: 4, generation: 10, test: 10 },
  },
  "meta-train.mjs",
);

const { dataset } = await readImageFolder(folder, { side: 16 });
/** The first classes are trained on, the last one is kept for a test; validation takes held-out pictures. */
const last = dataset.classes.length - 1;
const split = /** @type {const} */ ({
  train: dataset.classes.map((_, i) => i).slice(0, last),
  val: [],
  test: [last],
  valFrom: "images",
});

const setup = metaSetup(config, trainingData(dataset, split, { trainOn: "train" }));
const training = await Training.create(metaTraining(config, setup), {});
try {
  for await (const event of training.run()) {
    if (event.kind === "step") console.log(`step ${event.step}: loss ${event.means["loss"]?.toFixed(3)}`);
    else console.log(`step ${event.step}: ${(100 * event.accuracy.mean).toFixed(1)} % on pictures held out`);
  }
  await savePudNet(out, modelOf(setup, await training.state()));
  console.log(`hypernetwork: ${out}`);
} finally {
  await training.release();
}
