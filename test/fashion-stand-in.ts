// Fashion-MNIST's files with made-up pictures: small, and easy to tell apart.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fold, key, stream } from "../src/tensor/random.ts";

const SIDE = 28;
const CLASSES = 10;

function idx(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  header.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...data]);
}

/** Upper half in one shade, stripes of another and of a width of its own below, under noise. */
function picture(label: number, next: () => number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    const isStripe = Math.floor(column / (1 + (label % 4))) % 2 === 0;
    const shade = row < SIDE / 2 ? 22 * label : isStripe ? 200 : 60;
    return shade + 25 * next();
  });
}

/** Writes the four files below `root`; so many images a class in the training and in the test part. */
export function writeFashionStandIn(root: string, perClass: { readonly train: number; readonly test: number }): void {
  const folder = join(root, "fashion-mnist");
  mkdirSync(folder, { recursive: true });
  for (const [prefix, each] of [
    ["train", perClass.train],
    ["t10k", perClass.test],
  ] as const) {
    const next = stream(fold(key(5), prefix));
    const labels = Uint8Array.from({ length: CLASSES * each }, (_, i) => i % CLASSES);
    const pixels = new Uint8Array(labels.length * SIDE * SIDE);
    labels.forEach((label, i) => pixels.set(picture(label, next), i * SIDE * SIDE));
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), idx([labels.length], labels));
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), idx([labels.length, SIDE, SIDE], pixels));
  }
}
