// One training step of ConvNet-3 in jax-js, compiled as a whole: batch 100, cross entropy over 10 classes, Adam.
//
//   --way conv     its own convolution
//   --way matmul   convolutions as products of matrices, which it computes far faster

import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { options, serve } from "./protocol.mjs";
import { BATCH, CLASSES, LAST, readStart, SHAPES, SIDE } from "./start.mjs";

const { start, way, rate } = options(["conv", "matmul"]);
await init("wasm");
defaultDevice("wasm");
const { layers, head, batches } = readStart(start);

const array = (data, shape) => np.array(data).reshape(shape);
const params = {
  layers: layers.map(({ kernel, weight, bias }, i) => ({
    kernel: array(kernel, SHAPES[i]),
    weight: array(weight, [weight.length]),
    bias: array(bias, [bias.length]),
  })),
  head: { weight: array(head.weight, [CLASSES, LAST.features]), bias: array(head.bias, [CLASSES]) },
};
const data = batches.map(({ images, labels }) => ({
  images: array(images, [BATCH, 3, SIDE, SIDE]),
  labels: array(labels, [BATCH, CLASSES]),
}));

/** x [n, c, h, w], kernel [o, c, 3, 3] -> [n, o, h, w] */
function convolution(x, kernel) {
  if (way === "conv") return lax.convGeneralDilated(x, kernel, [1, 1], "SAME");
  const [n, c, h, w] = x.shape;
  const [o] = kernel.shape;
  const padded = np
    .pad(x, [
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ])
    .transpose([0, 2, 3, 1]);
  const places = Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [Math.floor(at / 3), at % 3];
    return padded.ref.slice([], [row, row + h], [column, column + w], []);
  });
  padded.dispose();
  const patches = np.concatenate(places, 3).reshape([n * h * w, 9 * c]);
  const columns = kernel.transpose([2, 3, 1, 0]).reshape([9 * c, o]);
  return np.matmul(patches, columns).reshape([n, h, w, o]).transpose([0, 3, 1, 2]);
}

/** In training mode: the result, and the mean and (unbiased) variance [1, c, 1, 1] of the batch. */
function batchNorm(x, { weight, bias }) {
  const [n, c, h, w] = x.shape;
  const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
  const centred = x.sub(mean.ref);
  const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
  const scale = weight.reshape([1, c, 1, 1]).div(np.sqrt(variance.ref.add(1e-5)));
  const count = n * h * w;
  const stats = [mean, variance.mul(count / (count - 1))].map(lax.stopGradient);
  return [centred.mul(scale).add(bias.reshape([1, c, 1, 1])), stats];
}

/** The loss, and the statistics of every layer. */
function loss(network, images, labels) {
  let x = images;
  const stats = [];
  for (const layer of network.layers) {
    const [normal, of] = batchNorm(convolution(x, layer.kernel), layer);
    stats.push(...of);
    x = lax.reduceWindow(nn.relu(normal), np.max, [2, 2], [2, 2]);
  }
  const features = x.reshape([BATCH, LAST.features]);
  const logits = np.matmul(features, network.head.weight.transpose()).add(network.head.bias);
  const value = nn
    .logSoftmax(logits)
    .mul(labels)
    .sum()
    .mul(-1 / BATCH);
  return [value, stats];
}

/** Adam for one parameter; `corrections` of both averages' beginning at zero. */
function adam(param, gradient, first, second, corrections) {
  const m = first.mul(0.9).add(gradient.ref.mul(0.1));
  const v = second.mul(0.999).add(np.square(gradient).mul(0.001));
  const [ofM, ofV] = corrections;
  const change = m.ref.mul(ofM).div(np.sqrt(v.ref.mul(ofV)).add(1e-8));
  return [param.sub(change.mul(rate)), m, v];
}

const [firstParams, structure] = tree.flatten(params);
const zeros = () => firstParams.map(({ shape }) => np.zeros(shape));
const running = layers.flatMap(({ bias: { length } }) => [np.zeros([1, length, 1, 1]), np.ones([1, length, 1, 1])]);
let state = { params: firstParams, first: zeros(), second: zeros(), running };

const step = jit((before, images, labels, ofM, ofV) => {
  const network = tree.unflatten(
    structure,
    before.params.map((param) => param.ref),
  );
  const [[value, stats], gradients] = valueAndGrad(loss, { hasAux: true })(network, images, labels);
  const next = tree
    .leaves(gradients)
    .map((gradient, i) => adam(before.params[i], gradient, before.first[i], before.second[i], [ofM.ref, ofV.ref]));
  for (const correction of [ofM, ofV]) correction.dispose();
  const after = {
    params: next.map(([param]) => param),
    first: next.map(([, m]) => m),
    second: next.map(([, , v]) => v),
    running: before.running.map((average, i) => average.mul(0.9).add(stats[i].mul(0.1))),
  };
  return [value, after];
});

let steps = 0;
await serve("@jax-js/jax", async () => {
  const { images, labels } = data[steps++ % data.length];
  const corrections = [0.9, 0.999].map((decay) => np.array(1 / (1 - decay ** steps)));
  const [value, after] = step(state, images.ref, labels.ref, ...corrections);
  state = after;
  for (const leaf of tree.leaves(after)) await leaf.blockUntilReady();
  const [found] = await value.data();
  return found;
});
