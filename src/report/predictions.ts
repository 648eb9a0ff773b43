// What a set of predictions says: confusion counts, most confused pairs, the mistakes worth looking at.

/** Class numbers are indices into the class names. */
export interface Prediction {
  readonly predicted: number;
  /** Probability of the predicted class, 0 to 1. */
  readonly score: number;
  /** The actual class, where known. */
  readonly label?: number;
}

export function isMistake({ predicted, label }: Prediction): boolean {
  return label !== undefined && predicted !== label;
}

/** counts[actual][predicted], [k, k]; predictions without a label do not count. */
export function confusionCounts(predictions: Iterable<Prediction>, k: number): number[][] {
  const counts = Array.from({ length: k }, () => Array.from({ length: k }, () => 0));
  for (const { predicted, label } of predictions) {
    if (label !== undefined) counts[label]![predicted]! += 1;
  }
  return counts;
}

export interface ConfusedPair {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  /** Of all pictures of the actual class. */
  readonly share: number;
}

/** The mistakes made most often, by count, then by share. */
export function mostConfusedPairs(counts: readonly (readonly number[])[], limit: number): ConfusedPair[] {
  return counts
    .flatMap((row, actual) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, predicted) => ({ actual, predicted, count, share: count / total }));
    })
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, limit);
}

/** Positions of the wrong predictions with the highest scores, highest first. */
export function mostConfidentMistakes(predictions: readonly Prediction[], limit: number): number[] {
  return [...predictions.keys()]
    .filter((i) => isMistake(predictions[i]!))
    .sort((a, b) => predictions[b]!.score - predictions[a]!.score)
    .slice(0, limit);
}

/**
 * Positions of at most `limit` predictions with every class in turn (actual where known, else predicted), in the order
 * given: a fair look, not a choice of the best.
 */
export function balancedSample(predictions: readonly Prediction[], limit: number): number[] {
  const byClass = new Map<number, number[]>();
  predictions.forEach(({ label, predicted }, i) => {
    const queue = byClass.get(label ?? predicted);
    if (queue) queue.push(i);
    else byClass.set(label ?? predicted, [i]);
  });
  const queues = [...byClass].sort(([a], [b]) => a - b).map(([, positions]) => positions);
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < Math.min(limit, predictions.length); turn++) {
    for (const queue of queues) if (turn < queue.length) chosen.push(queue[turn]!);
  }
  return chosen.slice(0, limit);
}

/**
 * 95 % interval of a share of `n` pictures (Wilson's score interval, which holds for few pictures and near 0 and 1).
 * @example wilsonInterval(0.9, 100) // [0.826, 0.945]
 */
export function wilsonInterval(share: number, n: number): [low: number, high: number] {
  const z = 1.959964;
  const center = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}
