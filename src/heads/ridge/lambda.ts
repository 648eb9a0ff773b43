// How strongly the closed form is held back, its lambda, by the loss of images that are left out: a walk along a row of them, down or up from
// where so many images mostly end, to the first from which it goes up on. Few images want a hundred times as much as many do: against a
// sum of many images' products the same lambda weighs less and less, and there is less chance to be held back from.

import { UserError } from "../../errors.ts";

/** Lambdas that are tried, ascending. */
export const LAMBDAS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] as const;
export type Lambda = (typeof LAMBDAS)[number];

/** Of the closed form by which all methods are compared in tables, where none is chosen. */
export const COMPARED_LAMBDA = 1;

/** Where the walk begins: near what so many images mostly want, since each step takes a decomposition. */
const FEW = { images: 1000, lambda: 1 } as const;
const MANY = { lambda: 0.03 } as const;

/** Where the walk over so many images begins, where nothing is known of them. */
const beginning = (images: number): Lambda => (images > FEW.images ? MANY.lambda : FEW.lambda);

/**
 * What `judge` says of the lambda at which the walk ends; of equal losses that of the smaller one. A lambda that is too small for the numbers'
 * precision, so that `judge` fails or its loss is no number, is passed by.
 * @throws what `judge` throws where no lambda is large enough
 * @example (await leastLoss(2500, async (lambda) => ({ lambda, loss: Math.abs(lambda - 0.01) }))).lambda // 0.01
 */
export async function leastLoss<T extends { readonly loss: number }>(
  images: number,
  judge: (lambda: Lambda) => Promise<T>,
  from: Lambda = beginning(images),
): Promise<T> {
  const { found: start, at: first } = await fromLambda(judge, from);
  const lower = await walk(start, LAMBDAS.slice(0, first).toReversed(), judge, (a, b) => a <= b);
  if (lower !== start) return lower;
  return walk(start, LAMBDAS.slice(first + 1), judge, (a, b) => a < b);
}

/**
 * What `judge` says of a lambda of the row, or of the next larger one that the numbers' precision allows, and its place.
 * @throws what `judge` throws where no lambda is large enough
 */
export async function fromLambda<T extends { readonly loss: number }>(
  judge: (lambda: Lambda) => Promise<T>,
  lambda: Lambda,
): Promise<{ readonly found: T; readonly at: number }> {
  let at = LAMBDAS.indexOf(lambda);
  let found = await attempted(judge, LAMBDAS[at]!);
  while ("failed" in found && at < LAMBDAS.length - 1) found = await attempted(judge, LAMBDAS[++at]!);
  if ("failed" in found) throw found.failed;
  return { found, at };
}

/** What `judge` says; where it fails or its loss is no number, why. */
async function attempted<T extends { readonly loss: number }>(
  judge: (lambda: Lambda) => Promise<T>,
  lambda: Lambda,
): Promise<T | { readonly failed: unknown }> {
  try {
    const found = await judge(lambda);
    if (Number.isFinite(found.loss)) return found;
    return { failed: new UserError(`with lambda ${lambda} the loss of images left out is ${found.loss}`) };
  } catch (failed) {
    if (failed instanceof UserError) return { failed };
    throw failed;
  }
}

/** The last of those, from `best` on, of which each is better than the one before. */
async function walk<T extends { readonly loss: number }>(
  best: T,
  lambdas: readonly Lambda[],
  judge: (lambda: Lambda) => Promise<T>,
  isBetter: (loss: number, than: number) => boolean,
): Promise<T> {
  const [next, ...others] = lambdas;
  if (next === undefined) return best;
  const found = await attempted(judge, next);
  if ("failed" in found) return best;
  return isBetter(found.loss, best.loss) ? walk(found, others, judge, isBetter) : best;
}
