// Features with their labels, as heads are made of them.

export interface LabelledFeatures {
  /** [n, d] */
  readonly features: Float32Array;
  /** [n], 0 to ways - 1 */
  readonly labels: ArrayLike<number>;
  readonly ways: number;
}

/** Positions of each class's images, in their order. */
export function positionsOfClasses(labels: ArrayLike<number>, ways: number): number[][] {
  const positions: number[][] = Array.from({ length: ways }, () => []);
  for (let i = 0; i < labels.length; i++) positions[labels[i]!]!.push(i);
  return positions;
}
