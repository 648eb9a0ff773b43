// Resampling of square colour planes with a triangle filter that widens when shrinking (bilinear with antialiasing),
// so a dataset of small images can be had at any side without an image library.

interface Taps {
  /** [target], first source pixel that counts. */
  readonly first: Int32Array;
  /** [target * width], weights of the pixels from `first` on; each row sums to 1. */
  readonly weights: Float32Array;
  readonly width: number;
}

/** images [n, 3, side, side] -> [n, 3, target, target]; the same array where nothing changes. */
export function resizePlanes(images: Uint8Array, side: number, target: number): Uint8Array {
  return side === target ? images : resampleSquare(images, side, target);
}

/** Planes [n, side, side] of values from 0 to 255 -> [n, target, target], rounded. */
export function resampleSquare(source: Uint8Array | Float32Array, side: number, target: number): Uint8Array {
  const planes = source.length / (side * side);
  const taps = triangleTaps(side, target);
  const out = new Uint8Array(planes * target * target);
  const rows = new Float32Array(side * target);
  for (let plane = 0; plane < planes; plane++) {
    resampleRows(source.subarray(plane * side * side, (plane + 1) * side * side), rows, side, target, taps);
    resampleColumns(rows, out.subarray(plane * target * target), target, taps);
  }
  return out;
}

function triangleTaps(side: number, target: number): Taps {
  const scale = side / target;
  const reach = Math.max(1, scale);
  const width = Math.min(side, Math.ceil(2 * reach) + 1);
  const first = new Int32Array(target);
  const weights = new Float32Array(target * width);
  for (let t = 0; t < target; t++) {
    const centre = (t + 0.5) * scale - 0.5;
    first[t] = Math.min(Math.max(0, Math.ceil(centre - reach)), side - width);
    const weight = (k: number): number => Math.max(0, 1 - Math.abs(first[t]! + k - centre) / reach);
    let sum = 0;
    for (let k = 0; k < width; k++) sum += weight(k);
    for (let k = 0; k < width; k++) weights[t * width + k] = weight(k) / sum;
  }
  return { first, weights, width };
}

/** source [side, side] -> out [side, target]. */
function resampleRows(
  source: Uint8Array | Float32Array,
  out: Float32Array,
  side: number,
  target: number,
  taps: Taps,
): void {
  const { first, weights, width } = taps;
  for (let y = 0; y < side; y++) {
    for (let t = 0; t < target; t++) {
      const own = t * width;
      const start = y * side + first[t]!;
      let value = 0;
      for (let k = 0; k < width; k++) value += weights[own + k]! * source[start + k]!;
      out[y * target + t] = value;
    }
  }
}

/** rows [side, target] -> out [target, target], rounded. */
function resampleColumns(rows: Float32Array, out: Uint8Array, target: number, taps: Taps): void {
  const { first, weights, width } = taps;
  for (let t = 0; t < target; t++) {
    const own = t * width;
    const start = first[t]! * target;
    for (let x = 0; x < target; x++) {
      let value = 0;
      for (let k = 0; k < width; k++) value += weights[own + k]! * rows[start + k * target + x]!;
      out[t * target + x] = Math.round(value);
    }
  }
}
