// The base network of Teachable Machine as its library reads it: MobileNetV2 of width 0.35 without its top (Sandler et al. 2018), as Keras
// lays it out. The numbers are drawn, for the trained ones lie where no benchmark should fetch them: they cost the same time and bytes, and
// say nothing of accuracy.

const WIDTH = 0.35;
/** Expansion, channels, blocks, stride of the first: table 2 of the paper. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];
const LAST = 1280;

/** A multiple of 8, not much less than the number. */
function divisible(channels) {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** The files of the network, by name. */
export function baseNetwork() {
  const layers = [];
  const weights = [];
  const add = (class_name, name, config, inputs) => {
    const inbound_nodes = inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [];
    layers.push({ name, class_name, config: { name, trainable: true, ...config }, inbound_nodes });
    return name;
  };
  const norm = (input, name, channels) => {
    for (const part of ["gamma", "beta", "moving_mean", "moving_variance"])
      weights.push({ name: `${name}/${part}`, shape: [channels], dtype: "float32" });
    return add("BatchNormalization", name, { axis: -1, momentum: 0.999, epsilon: 0.001, center: true, scale: true }, [
      input,
    ]);
  };
  const relu6 = (input, name) => add("ReLU", name, { max_value: 6 }, [input]);
  const window = (kernel, stride) => ({
    kernel_size: [kernel, kernel],
    strides: [stride, stride],
    padding: "same",
    data_format: "channels_last",
    use_bias: false,
    activation: "linear",
  });
  const conv = (input, name, [from, to], kernel = 1, stride = 1) => {
    weights.push({ name: `${name}/kernel`, shape: [kernel, kernel, from, to], dtype: "float32" });
    return add("Conv2D", name, { filters: to, ...window(kernel, stride) }, [input]);
  };
  const depthwise = (input, name, channels, stride) => {
    weights.push({ name: `${name}/depthwise_kernel`, shape: [3, 3, channels, 1], dtype: "float32" });
    return add("DepthwiseConv2D", name, { depth_multiplier: 1, ...window(3, stride) }, [input]);
  };
  add("InputLayer", "input_1", { batch_input_shape: [null, 224, 224, 3], dtype: "float32", sparse: false }, []);
  let channels = divisible(32 * WIDTH);
  let x = relu6(norm(conv("input_1", "Conv1", [3, channels], 3, 2), "bn_Conv1", channels), "Conv1_relu");
  let block = 0;
  for (const [expansion, wide, count, firstStride] of STAGES) {
    const to = divisible(wide * WIDTH);
    for (let i = 0; i < count; i++) {
      const stride = i === 0 ? firstStride : 1;
      const name = `block_${block++}`;
      const inner = expansion * channels;
      let y = x;
      if (expansion > 1)
        y = relu6(
          norm(conv(y, `${name}_expand`, [channels, inner]), `${name}_expand_BN`, inner),
          `${name}_expand_relu`,
        );
      y = relu6(
        norm(depthwise(y, `${name}_depthwise`, inner, stride), `${name}_depthwise_BN`, inner),
        `${name}_depthwise_relu`,
      );
      y = norm(conv(y, `${name}_project`, [inner, to]), `${name}_project_BN`, to);
      x = stride === 1 && channels === to ? add("Add", `${name}_add`, {}, [x, y]) : y;
      channels = to;
    }
  }
  relu6(norm(conv(x, "Conv_1", [channels, LAST]), "Conv_1_bn", LAST), "out_relu");
  const config = {
    name: "mobilenetv2_0.35_224",
    layers,
    input_layers: [["input_1", 0, 0]],
    output_layers: [["out_relu", 0, 0]],
  };
  const modelTopology = {
    keras_version: "2.2.4",
    backend: "tensorflow",
    model_config: { class_name: "Model", config },
  };
  const text = JSON.stringify({ modelTopology, weightsManifest: [{ paths: ["weights.bin"], weights }] });
  return { "model.json": new TextEncoder().encode(text), "weights.bin": numbersOf(weights) };
}

/** Drawn so that activations stay in range. */
function numbersOf(weights) {
  let seed = 1;
  const next = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const numbers = weights.flatMap(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    if (/gamma|variance/.test(name)) return Array(size).fill(1);
    if (/beta|mean/.test(name)) return Array(size).fill(0);
    const fanIn = size / (name.endsWith("depthwise_kernel") ? shape[2] : shape[3]);
    return Array.from({ length: size }, () => (2 * next() - 1) * Math.sqrt(6 / fanIn));
  });
  return new Uint8Array(Float32Array.from(numbers).buffer);
}
