import { expect, test } from "vitest";
import { casesNamed, describeGolden } from "../../test/golden.ts";
import { compile } from "../tensor/program.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { hostTensor } from "../tensor/tree.ts";
import { classMeans, classRows } from "./class-rows.ts";
import { centroids, cosineLogits } from "./cosine.ts";

describeGolden(
  "losses",
  casesNamed("losses", "cosine-logits", ([x, prototypes, tau]) => cosineLogits(x!, prototypes!, tau!)),
);

test("centroids are means over each class, images laid out class after class", async () => {
  const build = ({ features }: { features: Tensor }) => ({
    means: centroids(features, classMeans(2, 3)),
    rows: classRows(3, 2),
  });
  const features = hostTensor([6, 2], [0, 1, 3, 2, 6, 3, 10, 0, 20, 0, 60, 0]);
  const program = await compile(build, { features });
  const { means, rows } = await program.run({ features });
  await program.release();
  expect(Array.from(means.data as Float32Array, Math.round)).toEqual([3, 2, 30, 0]);
  expect(Array.from(rows.data as Float32Array)).toEqual([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]);
});
