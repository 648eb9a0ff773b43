// The parameter-free head on host features: class centroids and the nearest one by cosine, eq. 7.

import { dot } from "./vectors.ts";

/** Mean features of each class where `perClass` images of each lie class after class; the first `use` of each count. */
export function classCentroids(
  features: Float32Array,
  { ways, perClass, use = perClass }: { readonly ways: number; readonly perClass: number; readonly use?: number },
): Float32Array {
  const labels = Uint16Array.from({ length: ways * perClass }, (_, i) => Math.floor(i / perClass));
  const used = (i: number): boolean => i % perClass < use;
  return labelledCentroids(features, labels, ways, used);
}

/** Mean features [ways, d] of each class by label. */
export function labelledCentroids(
  features: Float32Array,
  labels: ArrayLike<number>,
  ways: number,
  isUsed: (i: number) => boolean = () => true,
): Float32Array {
  const d = features.length / labels.length;
  const { sums, counts } = labelledSums(features, labels, ways, isUsed);
  return Float32Array.from(sums, (sum, i) => sum / Math.max(1, counts[Math.floor(i / d)]!));
}

/** Sums [ways, d] of the features of each class by label, and how many there are of each. */
export function labelledSums(
  features: Float32Array,
  labels: ArrayLike<number>,
  ways: number,
  isUsed: (i: number) => boolean,
): { sums: Float64Array; counts: Uint32Array } {
  const d = features.length / labels.length;
  const sums = new Float64Array(ways * d);
  const counts = new Uint32Array(ways);
  for (let i = 0; i < labels.length; i++) {
    if (!isUsed(i)) continue;
    const way = labels[i]!;
    counts[way]!++;
    for (let j = 0; j < d; j++) sums[way * d + j]! += features[i * d + j]!;
  }
  return { sums, counts };
}

/** cos(feature, centroid) of every row: [n, ways]. */
export function cosines(features: Float32Array, centroids: Float32Array, ways: number): Float32Array {
  return cosinesOfUnits(features, unitRows(centroids, ways), ways);
}

/** The rows [ways, d], each of length 1. */
export function unitRows(rows: Float32Array, ways: number): Float32Array {
  const d = rows.length / ways;
  const unit = Float32Array.from(rows);
  for (let way = 0; way < ways; way++) scaleToUnit(unit.subarray(way * d, (way + 1) * d));
  return unit;
}

/** The same of rows [ways, d] that have length 1. */
export function cosinesOfUnits(features: Float32Array, unit: Float32Array, ways: number): Float32Array {
  const d = unit.length / ways;
  const n = features.length / d;
  const out = new Float32Array(n * ways);
  for (let i = 0; i < n; i++) {
    const row = features.subarray(i * d, (i + 1) * d);
    const length = Math.sqrt(dot(row, row)) || 1;
    for (let way = 0; way < ways; way++) out[i * ways + way] = dot(row, unit, way * d) / length;
  }
  return out;
}

/** Position of the largest entry; the first of equals. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function scaleToUnit(row: Float32Array): void {
  const length = Math.sqrt(dot(row, row)) || 1;
  for (let j = 0; j < row.length; j++) row[j]! /= length;
}
