// Noisy curves made readable: an exponential moving average, and fewer points where there are more than pixels.

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Exponential moving average over the last `span` points or so (weights halve every 0.35 span), started without bias:
 * the first value is the first point, not zero.
 */
export function movingAverage(points: readonly Point[], span: number): Point[] {
  const keep = 1 - 2 / (span + 1);
  let sum = 0;
  let weight = 0;
  return points.map(({ x, y }) => {
    sum = keep * sum + (1 - keep) * y;
    weight = keep * weight + (1 - keep);
    return { x, y: sum / weight };
  });
}

/** Whether neighbouring points jump; a schedule or a cumulative count does not, and needs no average. */
export function isNoisy(points: readonly Point[]): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let bend = 0;
  points.forEach(({ y }, i) => {
    low = Math.min(low, y);
    high = Math.max(high, y);
    if (i > 1) bend += Math.abs(y - 2 * points[i - 1]!.y + points[i - 2]!.y);
  });
  return bend / points.length > 0.004 * (high - low);
}

/** At most about `limit` points with the same outline: the lowest and the highest of each stretch, in order. */
export function thinned(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit) return [...points];
  const stretch = Math.ceil((2 * points.length) / limit);
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    const low = part.reduce((a, b) => (b.y < a.y ? b : a));
    const high = part.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]));
  }
  return kept;
}
