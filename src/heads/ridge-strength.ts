// How strongly the closed form is held back (lambda): the least loss on images that are left out, along a row of strengths. Few images
// want a hundred times as much as many do: against a sum of many images' products the same lambda weighs less and less, and there is
// less chance to be held back from.

/** Strengths of the closed form that are tried, ascending. */
export const LAMBDAS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] as const;

/** Where the walk begins: near what so many images mostly want, since each step takes a decomposition. */
const FEW = { images: 1000, lambda: 1 } as const;
const MANY = { lambda: 0.03 } as const;

/**
 * What `judge` says of the lambda whose loss is least, walking down the row or up from where so many images mostly end; it stops where the
 * loss rises. Of equal losses the smaller lambda is taken.
 * @example (await leastLoss(2500, async (lambda) => ({ lambda, loss: Math.abs(lambda - 0.01) }))).lambda // 0.01
 */
export async function leastLoss<T extends { readonly loss: number }>(
  images: number,
  judge: (lambda: number) => Promise<T>,
): Promise<T> {
  const first = LAMBDAS.indexOf(images > FEW.images ? MANY.lambda : FEW.lambda);
  const start = await judge(LAMBDAS[first]!);
  const lower = await walk(start, LAMBDAS.slice(0, first).toReversed(), judge, (a, b) => a <= b);
  if (lower !== start) return lower;
  return walk(start, LAMBDAS.slice(first + 1), judge, (a, b) => a < b);
}

/** The last of those, from `best` on, of which each is better than the one before. */
async function walk<T extends { readonly loss: number }>(
  best: T,
  lambdas: readonly number[],
  judge: (lambda: number) => Promise<T>,
  isBetter: (loss: number, than: number) => boolean,
): Promise<T> {
  const [next, ...others] = lambdas;
  if (next === undefined) return best;
  const found = await judge(next);
  return isBetter(found.loss, best.loss) ? walk(found, others, judge, isBetter) : best;
}
