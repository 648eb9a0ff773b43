// The soak test's own eyes: what they must see.

import { cp, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { predictClassifier } from "../../src/classifier/classifier.ts";
import { saveClassifier } from "../../src/node/classifier/classifier-folder.ts";
import { Predictor } from "../../src/predict/predictor.ts";
import { DEAD, temporaryOf } from "../temporaries.ts";
import { colouredImages, tinyPudNet } from "../tiny-pudnet.ts";
import {
  classifierOutcome,
  classifierProblems,
  differences,
  leftovers,
  notAPrefix,
  refusal,
  withoutTimes,
} from "./reading.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-reading-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function makeClassifier(place: string, seed: number): Promise<void> {
  const predictor = await Predictor.create(tinyPudNet({ seed }));
  const { images, labels, classes } = colouredImages(2, 6, 8);
  const { classifier } = await predictClassifier(predictor, images, labels, classes).finally(() => predictor.release());
  await saveClassifier(place, classifier);
}

test("a classifier is whole as one of those allowed, or there is a problem", async () => {
  const [old, fresh, at] = ["old", "fresh", "at"].map((name) => join(folder, name)) as [string, string, string];
  await makeClassifier(old, 0);
  await makeClassifier(fresh, 1);
  const allowed = [await classifierOutcome(old), await classifierOutcome(fresh)];
  expect(await classifierProblems(at, allowed)).toEqual([`"${at}" is gone`]);
  expect(await classifierProblems(at, ["absent", ...allowed])).toEqual([]);
  await cp(old, at, { recursive: true });
  expect(await classifierProblems(at, allowed)).toEqual([]);
  expect(await classifierProblems(at, [allowed[1]!])).toEqual([expect.stringContaining("neither the old nor the new")]);
  await cp(join(fresh, "classifier.onnx"), join(at, "classifier.onnx"));
  expect(await classifierProblems(at, allowed)).toEqual([expect.stringContaining("is not the file")]);
  await truncate(join(at, "weights.safetensors"), 100);
  expect(await classifierProblems(at, allowed)).toEqual([expect.stringContaining("does not load")]);
  await rm(join(at, "classifier.json"));
  expect(await classifierProblems(at, allowed)).toEqual([expect.stringContaining("is missing")]);
  expect(await classifierProblems(at, [...allowed, "unfinished"])).toEqual([]);
});

test("temporaries of dead processes and locks are left over, those of living ones are not", async () => {
  await mkdir(join(folder, "inner"));
  const left = [temporaryOf(DEAD, join(folder, "a")), join(folder, "inner", "lock")];
  for (const path of [...left, temporaryOf(process.pid, join(folder, "b")), join(folder, "clock")]) {
    await writeFile(path, "");
  }
  expect(await leftovers(folder)).toEqual([basename(left[0]!), join("inner", "lock")].sort());
});

test("outcomes differ by what is missing, added or other", () => {
  expect(differences({ a: "1", b: "2", c: "3" }, { a: "1", b: "0", d: "4" })).toEqual([
    "b differs from the undisturbed one",
    "c is there, and is not without disturbance",
    "d is missing",
  ]);
});

test("times are left out of a CSV, and lines must be the first of those expected", () => {
  const rows = withoutTimes("group,seconds,accuracy,seconds: all\n0,0.5,1,2\n1,0.6,0.9,2\n", "rows.csv");
  expect(rows).toBe("group,accuracy\n0,1\n1,0.9");
  expect(notAPrefix("group,accuracy\n0,1\n", rows, "rows.csv")).toEqual([]);
  expect(notAPrefix("group,accuracy\n0,1\n1,0.", rows, "rows.csv")).toEqual([
    'rows.csv, line 3: "1,0.", which no undisturbed one has',
  ]);
});

test("a refusal is a UserError", async () => {
  expect(await refusal(() => Promise.resolve())).toEqual({ problem: "it was accepted" });
  expect(await refusal(() => Promise.reject(new TypeError("x")))).toEqual({ problem: "no UserError but TypeError: x" });
});
