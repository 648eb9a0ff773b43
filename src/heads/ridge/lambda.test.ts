import { expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { fold, key, normal } from "../../tensor/random.ts";
import { chooseHead } from "../choose-head.ts";
import { fromLambda, LAMBDAS, leastLoss } from "./lambda.ts";

/** A valley whose bottom is at `bottom`; what was asked for is kept in order. */
async function found(images: number, bottom: number) {
  const asked: number[] = [];
  const best = await leastLoss(images, async (lambda) => {
    asked.push(lambda);
    return { lambda, loss: Math.abs(Math.log(lambda / bottom)) };
  });
  return { lambda: best.lambda, asked };
}

it.each([10, 1000, 1001, 20000].flatMap((images) => LAMBDAS.map((lambda) => [images, lambda] as const)))(
  "of %i images it walks to the least loss at %d, and asks for none further off than one step behind its first",
  async (images, bottom) => {
    const { lambda, asked } = await found(images, bottom);
    expect(lambda).toBe(bottom);
    expect(new Set(asked).size).toBe(asked.length);
    const far = Math.max(...asked.map((one) => Math.abs(LAMBDAS.indexOf(one as 1) - LAMBDAS.indexOf(bottom))));
    const begin = Math.abs(LAMBDAS.indexOf(asked[0] as 1) - LAMBDAS.indexOf(bottom));
    expect(far).toBeLessThanOrEqual(begin + 1);
  },
);

it("passes lambdas by that are too small for the numbers' precision, and fails where none is large enough", async () => {
  const from = (least: number, how: "throws" | "nan") => async (lambda: number) => {
    if (lambda < least && how === "throws") throw new UserError("not positive definite");
    return { lambda, loss: lambda < least ? NaN : lambda };
  };
  for (const how of ["throws", "nan"] as const) {
    expect((await leastLoss(5000, from(0.3, how))).lambda).toBe(0.3); // above where it begins
    expect((await leastLoss(5000, from(0.01, how))).lambda).toBe(0.01); // below
  }
  await expect(leastLoss(5000, from(10, "throws"))).rejects.toThrow("not positive definite");
  await expect(leastLoss(5000, from(10, "nan"))).rejects.toThrow("with lambda 3 the loss of images left out is NaN");
  expect(await fromLambda(from(0.3, "throws"), 0.01)).toEqual({ found: { lambda: 0.3, loss: 0.3 }, at: 5 });
  const broken = () => Promise.reject(new TypeError("a fault of ours"));
  await expect(leastLoss(5000, broken)).rejects.toThrow("a fault of ours");
});

it("begins where it is told to, and ends where it would have", async () => {
  for (const bottom of LAMBDAS)
    for (const from of LAMBDAS) {
      const asked: number[] = [];
      const judge = async (lambda: number) => {
        asked.push(lambda);
        return { lambda, loss: Math.abs(Math.log(lambda / bottom)) };
      };
      expect((await leastLoss(5000, judge, from)).lambda).toBe(bottom);
      expect(asked[0]).toBe(from);
    }
});

it("of equal losses it takes the smallest lambda", async () => {
  expect(await leastLoss(100, async (lambda) => ({ lambda, loss: 1 }))).toEqual({ lambda: LAMBDAS[0], loss: 1 });
});

it("many images are held back less than few of the same kind", async () => {
  const lambdaOf = async (perClass: number) => {
    const [ways, d] = [4, 40];
    const centres = normal(key(1), ways * d, 0.02); // what tells classes apart is faint beside what does not
    const labels = Array.from({ length: ways * perClass }, (_, i) => i % ways);
    const noise = normal(fold(key(2), "noise"), labels.length * d);
    const features = noise.map((z, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      return j < d / 2 ? z : 0.02 * z + centres[labels[i]! * d + j]!;
    });
    const options = { choice: "closed-form", temperature: 10, threads: 1 } as const;
    return (await chooseHead({ features: Float32Array.from(features), labels, ways }, options, key(0))).lambda!;
  };
  expect(await lambdaOf(500)).toBeLessThan(await lambdaOf(5));
});
