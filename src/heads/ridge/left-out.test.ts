import { Matrix, solve } from "ml-matrix";
import { expect, test } from "vitest";
import { fold, key, normal, uniform } from "../../tensor/random.ts";
import { largest } from "../centroid-head.ts";
import { RidgeSolver } from "./solver.ts";

const WAYS = 3;

function clouds(n: number, d: number, apart: number) {
  const centres = normal(key(1), WAYS * d, apart);
  const noise = normal(key(2), n * d);
  const labels = Array.from({ length: n }, (_, i) => (i * i) % WAYS);
  return {
    labels,
    features: Float32Array.from(noise, (z, at) => 3 + z + centres[labels[Math.floor(at / d)]! * d + (at % d)]!),
  };
}

const lengthsOf = (rows: Matrix): number[] => rows.to2DArray().map((row) => Math.hypot(...row));

/** Image i scored by a ridge head of the others, mean included; only the lengths that scale these are those of all images. */
function refitted(features: Float32Array, labels: readonly number[], weights: Float64Array, i: number, lambda: number) {
  const all = Matrix.from1DArray(labels.length, features.length / labels.length, features);
  const others = labels.map((_, j) => j).filter((j) => j !== i);
  const weightsOf = (positions: readonly number[]) => positions.map((j) => weights[j]!);
  const meanOf = (positions: readonly number[]): number[] => {
    const weighted = all.subMatrixRow([...positions]).mulColumnVector(weightsOf(positions));
    return weighted.sum("column").map((sum) => sum / weightsOf(positions).reduce((a, b) => a + b));
  };
  const lengths = lengthsOf(all.clone().subRowVector(meanOf(labels.map((_, j) => j))));
  const mean = meanOf(others);
  const roots = weightsOf(others).map(Math.sqrt);
  const a = all
    .subMatrixRow(others)
    .subRowVector(mean)
    .divColumnVector(others.map((j) => lengths[j]!));
  const t = new Matrix(others.map((j) => Array.from({ length: WAYS }, (_, w) => Number(labels[j] === w) - 1 / WAYS)));
  const [rows, targets] = [a.mulColumnVector(roots), t.mulColumnVector(roots)];
  const weight = solve(
    Matrix.add(rows.transpose().mmul(rows), Matrix.eye(rows.columns).mul(lambda)),
    rows.transpose().mmul(targets),
  );
  const own = all.subMatrixRow([i]).subRowVector(mean);
  return own.divColumnVector(lengthsOf(own)).mmul(weight).to1DArray();
}

/** Scores of images that are left out, for each lambda in turn, of one preparation. */
async function leftOutScores(
  data: { readonly features: Float32Array; readonly labels: readonly number[]; readonly ways?: number },
  positions: readonly number[],
  lambdas: readonly number[],
  weights?: Float64Array,
): Promise<Float32Array[]> {
  const solver = new RidgeSolver(data.features.length / data.labels.length, { threads: 1 });
  try {
    const leftOut = await (await solver.prepare({ ways: WAYS, ...data }, weights)).leaveOut(positions);
    const all: Float32Array[] = [];
    for (const lambda of lambdas) all.push((await leftOut(lambda)).scores);
    return all;
  } finally {
    await solver.release();
  }
}

test.each([
  ["more images than features", 24, 7, false],
  ["more images than features, some counting more", 24, 7, true],
  ["a few more images than many features", 230, 200, false],
  ["fewer images than features", 9, 20, false],
  ["fewer images than features, some counting more", 9, 20, true],
  ["two images a class", 6, 40, false],
] as const)(
  "scores are those of heads fitted without each image, lambda after lambda: %s",
  async (_, n, d, isWeighted) => {
    const { features, labels } = clouds(n, d, 0.5);
    const weights = isWeighted ? uniform(key(3), n, 0.5, 2) : undefined;
    const positions = [n - 1, 0, 3];
    const lambdas = [0.3, 0.001, 0.3];
    const scores = await leftOutScores({ features, labels }, positions, lambdas, weights);
    expect(scores[2]).toEqual(scores[0]);
    lambdas.slice(0, 2).forEach((lambda, which) => {
      positions.forEach((i, at) => {
        const expected = refitted(features, labels, weights ?? new Float64Array(n).fill(1), i, lambda);
        expected.forEach((score, way) =>
          expect(scores[which]![at * WAYS + way]).toBeCloseTo(score, lambda < 0.1 ? 2 : 4),
        );
      });
    });
  },
);

test("noise stays noise: the mean gives no label away, however few images there are", async () => {
  const d = 300;
  let right = 0;
  for (let draw = 0; draw < 20; draw++) {
    const labels = Array.from({ length: 4 * WAYS }, (_, i) => i % WAYS);
    const features = Float32Array.from(normal(fold(key(4), draw), labels.length * d));
    const positions = labels.map((_, i) => i);
    const [scores] = await leftOutScores({ features, labels }, positions, [0.3]);
    right += labels.filter((label, i) => largest(scores!.subarray(i * WAYS, (i + 1) * WAYS)) === label).length;
  }
  expect(right / (20 * 4 * WAYS)).toBeLessThan(0.4); // a third by chance; with the image in the mean nearly all
});

test("an image that is the mean of all scores zero", async () => {
  const features = Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1, 0, 0);
  const [scores] = await leftOutScores({ features, labels: [0, 1, 0, 1, 0], ways: 2 }, [4, 0], [1]);
  expect([...scores!.subarray(0, 2)]).toEqual([0, 0]);
  expect(scores!.every(Number.isFinite)).toBe(true);
});
