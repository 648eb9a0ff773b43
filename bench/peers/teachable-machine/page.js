// Teachable Machine's way, as its page does it: each picture's features by the base network as it is added, then 50 epochs of a head on all.
// The libraries are scripts of the page: tf, tmImage.

const TRAINING = { denseUnits: 100, epochs: 50, learningRate: 0.001, batchSize: 16 };
const SIDE = 224;

/** Milliseconds from the request for the page until it can learn, and what computes. */
globalThis.interactive = async (backend) => {
  tf.setBackend(backend);
  const base = { checkpointUrl: new URL("model.json", document.baseURI).href, trainingLayer: "out_relu" };
  globalThis.teachable = await tmImage.createTeachable({ tfjsVersion: tf.version.tfjs }, base);
  return { ms: performance.now(), backend: tf.getBackend() };
};

/** The middle square of a file, as the library takes it. */
async function canvasOf(file) {
  const bitmap = await createImageBitmap(file);
  const shorter = Math.min(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const [left, top] = [(bitmap.width - shorter) / 2, (bitmap.height - shorter) / 2];
  canvas.getContext("2d").drawImage(bitmap, left, top, shorter, shorter, 0, 0, SIDE, SIDE);
  bitmap.close();
  return canvas;
}

async function train() {
  teachable.prepare();
  await teachable.train(TRAINING);
}

/** Milliseconds to the first classifier and after one more picture, and the bytes of an export. */
globalThis.dropped = async ({ classes, perClass }) => {
  const files = Array.from(document.querySelector("input").files);
  const count = classes * perClass;
  teachable.setLabels(Array.from({ length: classes }, (_, way) => `class ${way}`));
  let start = performance.now();
  for (let i = 0; i < count; i++) await teachable.addExample(i % classes, await canvasOf(files[i]));
  const features = performance.now() - start;
  await train();
  const first = performance.now() - start;
  start = performance.now();
  await teachable.addExample(0, await canvasOf(files[count]));
  await train();
  const oneMore = performance.now() - start;
  const canvas = await canvasOf(files[0]);
  await teachable.predict(canvas);
  start = performance.now();
  await teachable.predict(canvas);
  const frame = performance.now() - start;
  let bytes = 0;
  await teachable.save({
    save: async ({ modelTopology, weightData }) => {
      bytes = weightData.byteLength + JSON.stringify(modelTopology).length;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    },
  });
  return { first, oneMore, features, frame, bytes };
};
