// One training step of ConvNet-3 in TensorFlow.js: batch 100, cross entropy over 10 classes, Adam; images [n, h, w, c].
//
//   --way cpu    its plain JavaScript, by its own layers
//   --way wasm   WebAssembly, which has no kernel for the gradient of a convolution's weights: here of products of matrices

import { createRequire } from "node:module";
import { options, serve } from "./protocol.mjs";
import { BATCH, CLASSES, LAST, readStart, SHAPES, SIDE } from "./start.mjs";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs");
await import("@tensorflow/tfjs-backend-wasm"); // registers itself
const { start, way, rate } = options(["cpu", "wasm"]);
await tf.setBackend(way);
const { layers, head, batches } = readStart(start);

const ordered = (data, shape, order) => tf.tidy(() => tf.transpose(tf.tensor(data, shape), order));
const params = layers.map(({ kernel, weight, bias }, i) => ({
  kernel: tf.variable(ordered(kernel, SHAPES[i], [2, 3, 1, 0])), // [3, 3, in, out]
  weight: tf.variable(tf.tensor(weight)),
  bias: tf.variable(tf.tensor(bias)),
}));
const stats = layers.map(({ bias }) => ({
  mean: tf.variable(tf.zeros([bias.length]), false),
  variance: tf.variable(tf.ones([bias.length]), false),
}));
const headWeight = tf.variable(
  tf.reshape(ordered(head.weight, [CLASSES, LAST.channels, LAST.side, LAST.side], [2, 3, 1, 0]), [
    LAST.features,
    CLASSES,
  ]),
);
const headBias = tf.variable(tf.tensor(head.bias));
const data = batches.map(({ images, labels }) => ({
  images: ordered(images, [BATCH, 3, SIDE, SIDE], [0, 2, 3, 1]),
  labels: tf.tensor(labels, [BATCH, CLASSES]),
}));

const convolve = (x, kernel) => tf.conv2d(x, kernel, 1, "same");

/** x [n, h, w, c], dy [n, h, w, o] -> [3, 3, c, o]; transposed first, since products of transposed matrices are slow. */
function kernelGradient(dy, x) {
  const [n, h, w, c] = x.shape;
  const rows = tf.reshape(dy, [n * h * w, -1]);
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const places = Array.from({ length: 9 }, (_, at) => {
    const shifted = tf.slice(padded, [0, Math.floor(at / 3), at % 3, 0], [n, h, w, c]);
    return tf.matMul(tf.transpose(tf.reshape(shifted, [n * h * w, c])), rows);
  });
  return tf.reshape(tf.stack(places), [3, 3, c, -1]);
}

const firstByProducts = (images, kernel) =>
  tf.customGrad((weights) => ({
    value: convolve(images, weights),
    gradFunc: (dy) => kernelGradient(dy, images),
  }))(kernel);

const laterByProducts = tf.customGrad((x, kernel, save) => {
  save([x, kernel]);
  const gradFunc = (dy, [input, weights]) => {
    const turned = tf.transpose(tf.reverse(weights, [0, 1]), [0, 1, 3, 2]);
    return [convolve(dy, turned), kernelGradient(dy, input)];
  };
  return { value: convolve(x, kernel), gradFunc };
});

function convolution(x, kernel, isFirst) {
  if (way === "cpu") return convolve(x, kernel);
  return (isFirst ? firstByProducts : laterByProducts)(x, kernel);
}

/** In training mode; of plain operations, whose gradients are faster than that of tf.batchNorm. */
function batchNorm(x, { weight, bias }, running) {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const count = x.size / bias.size;
  track(running.mean, mean);
  track(running.variance, tf.mul(variance, count / (count - 1)));
  const scale = tf.mul(tf.rsqrt(tf.add(variance, 1e-5)), weight);
  return tf.add(tf.mul(tf.sub(x, mean), scale), bias);
}

function track(average, value) {
  average.assign(tf.add(tf.mul(average, 0.9), tf.mul(value, 0.1)));
}

function loss({ images, labels }) {
  let x = images;
  params.forEach((layer, i) => {
    const normal = batchNorm(convolution(x, layer.kernel, i === 0), layer, stats[i]);
    x = tf.maxPool(tf.relu(normal), 2, 2, "valid");
  });
  const logits = tf.add(tf.matMul(tf.reshape(x, [BATCH, LAST.features]), headWeight), headBias);
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

const adam = tf.train.adam(rate, 0.9, 0.999, 1e-8);
let steps = 0;
await serve("@tensorflow/tfjs", async () => {
  const batch = data[steps++ % data.length];
  const value = adam.minimize(() => loss(batch), true);
  const [found] = await value.data();
  value.dispose();
  return found;
});
