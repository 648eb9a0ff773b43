// Resampling of square colour planes with a triangle filter that widens when shrinking (bilinear with antialiasing),
// so a dataset of small images can be had at any side without an image library.

/** How `side` pixels become `target` ones. */
interface Taps {
  readonly target: number;
  /** [target], first source pixel that counts. */
  readonly first: Int32Array;
  /** [target * width], weights of the pixels from `first` on; each row sums to 1. */
  readonly weights: Float32Array;
  readonly width: number;
}

/** images [n, 3, side, side] -> [n, 3, target, target], rounded; the same array where nothing changes. */
export function resizePlanes(images: Uint8Array, side: number, target: number): Uint8Array {
  if (side === target) return images;
  const planes = images.length / (side * side);
  const taps = triangleTaps(side, target);
  const out = new Uint8Array(planes * target * target);
  const narrow = new Float32Array(side * target);
  for (let plane = 0; plane < planes; plane++) {
    resampleRows(images.subarray(plane * side * side, (plane + 1) * side * side), narrow, side, taps);
    resampleColumns(narrow, out.subarray(plane * target * target), taps);
  }
  return out;
}

export function triangleTaps(side: number, target: number): Taps {
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
  return { target, first, weights, width };
}

/** source [side, side] -> out [side, target]. */
function resampleRows(source: Uint8Array, out: Float32Array, side: number, taps: Taps): void {
  const { target, first, weights, width } = taps;
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

/** Line y of a picture, colours [side, 3] -> that line of the planes of out [3, lines, target]: all three colours by each weight that is read. */
export function resampleColours(colours: Float32Array, out: Float32Array, y: number, taps: Taps): void {
  const { target, first, weights, width } = taps;
  const plane = out.length / 3;
  for (let t = 0; t < target; t++) {
    let at = 3 * first[t]!;
    let r = 0;
    let g = 0;
    let b = 0;
    for (let k = t * width; k < (t + 1) * width; k++) {
      const weight = weights[k]!;
      r += weight * colours[at]!;
      g += weight * colours[at + 1]!;
      b += weight * colours[at + 2]!;
      at += 3;
    }
    const to = y * target + t;
    out[to] = r;
    out[plane + to] = g;
    out[2 * plane + to] = b;
  }
}

/** lines [side, target] -> out [target, target], rounded. */
export function resampleColumns(lines: Float32Array, out: Uint8Array, { target, first, weights, width }: Taps): void {
  const sums = new Float64Array(target);
  for (let t = 0; t < target; t++) {
    sums.fill(0);
    for (let k = 0; k < width; k++) {
      const weight = weights[t * width + k]!;
      const line = (first[t]! + k) * target;
      for (let x = 0; x < target; x++) sums[x]! += weight * lines[line + x]!;
    }
    for (let x = 0; x < target; x++) out[t * target + x] = Math.round(sums[x]!);
  }
}
