// What a peer begins with: the parameters and batches in the safetensors file that the driver wrote (bench/start.ts).

import { readFileSync } from "node:fs";

export const BATCH = 100;
export const CLASSES = 10;
export const SIDE = 28;
/** Of ConvNet-3's convolutions. */
export const SHAPES = [
  [64, 3, 3, 3],
  [64, 64, 3, 3],
  [64, 64, 3, 3],
];
/** Of its features. */
export const LAST = { channels: 64, side: SIDE >> 3, features: 64 * (SIDE >> 3) ** 2 };

/** Numbers by name: float32, or int64 (labels). */
function read(path) {
  const bytes = readFileSync(path);
  const header = Number(bytes.readBigUInt64LE());
  const base = bytes.byteOffset + 8 + header;
  const entries = Object.entries(JSON.parse(bytes.toString("utf8", 8, 8 + header)));
  const numbers = ([
    name,
    {
      dtype,
      data_offsets: [from, to],
    },
  ]) => {
    const own = bytes.buffer.slice(base + from, base + to); // aligned
    return [name, dtype === "I64" ? new BigInt64Array(own) : new Float32Array(own)];
  };
  return Object.fromEntries(entries.map(numbers));
}

/**
 * All float32: layers of `kernel` (SHAPES), `weight` and `bias` of batch norm; `head` with `weight` [CLASSES, features] and
 * `bias`; batches of `images` [BATCH, 3, SIDE, SIDE] and one-hot `labels` [BATCH, CLASSES].
 */
export function readStart(path) {
  const tensors = read(path);
  const layers = SHAPES.map((_, i) => ({
    kernel: tensors[`kernels.${i}`],
    weight: tensors[`norms.${i}.weight`],
    bias: tensors[`norms.${i}.bias`],
  }));
  const head = { weight: tensors["head.weight"], bias: tensors["head.bias"] };
  const size = BATCH * 3 * SIDE * SIDE;
  const batches = Array.from({ length: tensors.images.length / size }, (_, b) => {
    const labels = new Float32Array(BATCH * CLASSES);
    for (let i = 0; i < BATCH; i++) labels[i * CLASSES + Number(tensors.labels[b * BATCH + i])] = 1;
    return { images: tensors.images.slice(b * size, (b + 1) * size), labels };
  });
  return { layers, head, batches };
}
