import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, it } from "vitest";
import { tinyPudNet } from "../../../test/tiny-pudnet.ts";
import type { Classifier } from "../../classifier/classifier.ts";
import { classify } from "../../classifier/classify.ts";
import { RESIZE_RULES } from "../../data/square.ts";
import { initWeights } from "../../models/network.ts";
import { imageSource } from "../../predict/image-source.ts";
import { key, uniform } from "../../tensor/random.ts";
import { hostTensor } from "../../tensor/tree.ts";
import { readImageFolder } from "../datasets/image-folder.ts";
import { evaluateFolder } from "./evaluate-folder.ts";

function someClassifier(resize: Classifier["resize"]): Classifier {
  const { arch, normalization } = tinyPudNet();
  const { weights, stats } = initWeights(key(0), arch);
  const head = { kind: "centroids", centroids: hostTensor([2, 4], [1, 2, 3, 4, 4, 3, 2, 1]), temperature: 8 } as const;
  return { arch, normalization, network: { weights, stats }, head, classes: ["cat", "dog"], resize };
}

it("pictures become squares by the rule of the classifier", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-evaluate-"));
  try {
    for (const [i, name] of ["cat", "cat", "dog", "dog"].entries()) {
      const raw = { width: 30, height: 20, channels: 3 } as const;
      const noise = Uint8Array.from(uniform(key(i), 30 * 20 * 3, 0, 256));
      await mkdir(join(folder, name), { recursive: true });
      await sharp(noise, { raw })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
    const all = [];
    for (const resize of RESIZE_RULES) {
      const classifier = someClassifier(resize);
      const { side } = classifier.arch;
      const { dataset } = await readImageFolder(folder, { side, resize, cache: false });
      const expected = await classify(classifier, imageSource(dataset.images, 3 * side ** 2), { top: 1 });
      const { predictions } = await evaluateFolder(classifier, folder);
      expect(predictions.map(({ score }) => score)).toEqual(expected.map(([best]) => best!.score));
      all.push(expected);
    }
    expect(all[0]).not.toEqual(all[1]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
