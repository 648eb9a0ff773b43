// Features as closed-form heads see them: centred by a mean and scaled to unit length.

/** Mean [d] of features [n, d]; `weights` [n] say how much each of them counts. */
export function meanRow(features: Float32Array, d: number, weights?: Float64Array): Float32Array {
  const n = features.length / d;
  const sums = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const weight = weights?.[i] ?? 1;
    for (let j = 0; j < d; j++) sums[j]! += weight * features[i * d + j]!;
  }
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? n;
  return Float32Array.from(sums, (sum) => sum / total);
}

/** (feature - mean) / |feature - mean|; a feature that is the mean stays zero. */
export function centredUnitRows(features: Float32Array, mean: Float32Array, from: number, count: number): Float32Array {
  const d = mean.length;
  const rows = features.slice(from * d, (from + count) * d);
  for (let at = 0; at < rows.length; at += d) {
    let squares = 0;
    for (let j = 0; j < d; j++) {
      const centred = rows[at + j]! - mean[j]!;
      rows[at + j] = centred;
      squares += centred * centred;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = 0; j < d; j++) rows[at + j]! *= scale;
  }
  return rows;
}

/** |feature - mean| of each feature, [n]. */
export function centredLengths(features: Float32Array, mean: Float32Array): Float64Array {
  const d = mean.length;
  return Float64Array.from({ length: features.length / d }, (_, i) => {
    let squares = 0;
    for (let j = 0; j < d; j++) squares += (features[i * d + j]! - mean[j]!) ** 2;
    return Math.sqrt(squares);
  });
}
