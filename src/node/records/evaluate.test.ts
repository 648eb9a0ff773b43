// Checkpoints evaluated into one folder of records: each finds its own, and none that is another network's.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PETS, writePictures } from "../../../test/pictures.ts";
import { tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { readOutByStages } from "../../predict/model.ts";
import { savePudNet } from "../checkpoints/pudnet.ts";
import { evaluate } from "./evaluate.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-evaluate-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a random network is known by what is read out of it, too", async () => {
  const at = (name: string): string => join(folder, name);
  const plain = tinyPudNet({ arch: "resnet-8", side: 16, predict: "none" });
  await savePudNet(at("plain"), plain);
  await savePudNet(at("stages"), readOutByStages(plain));
  await writePictures(at("sets"), { ...PETS, fox: [230, 140, 30] }, 4);
  await writeFile(at("split.json"), JSON.stringify({ test: ["cat", "dog"] }));
  const shape = { ways: 2, shots: 1, generation: 2, test: 2, groups: 2, baselineGroups: 2, seed: 0 };
  const judged = (model: string, out?: string) =>
    evaluate({ model: at(model), data: at("sets"), split: at("split.json"), ...shape, out, threads: 1 });
  await judged("plain", at("records"));
  const { accuracy } = await judged("stages", at("records"));
  expect(accuracy).toEqual((await judged("stages")).accuracy);
  const random = (await readdir(at("records"))).filter((name) => name.startsWith("random") && name.endsWith(".csv"));
  expect(random.length).toBe(2);
});
