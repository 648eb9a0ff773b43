// pudnet evaluate --model --config: a checkpoint on the domains of a training config, as a table and as records.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { savePudNet } from "../../src/node/checkpoints/pudnet.ts";
import { tinyPudNet } from "../tiny-pudnet.ts";
import { temporaryFolder } from "./pudnet.ts";
import { run, writeTinyMixture } from "./tiny-training.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
  await writeTinyMixture(home.path);
  await savePudNet(join(home.path, "tiny"), tinyPudNet({ side: 16 }));
});
afterAll(() => home[Symbol.asyncDispose]());

const SHAPE = ["--ways", "2", "--generation", "3", "--test", "2", "--groups", "3"];
const evaluate = (...more: string[]) =>
  run(home.path, "evaluate", "--model", "tiny", "--config", "mixture.yaml", ...SHAPE, ...more);
const CELLS = "( +\\d+\\.\\d\\d ± \\d+\\.\\d\\d){2}";

it("tells each domain, and keeps a record of each", async () => {
  const { code, stdout, stderr } = await evaluate(
    "--classes",
    "val",
    "--also",
    "data/shapes-3/../tones-3",
    "--out",
    "r",
  );
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: data.sources has "tones-3" and "data\/shapes-3/)]);
  expect(stdout).toBe("");

  const own = await evaluate("--classes", "val", "--out", "r");
  expect(own).toMatchObject({ code: 0, stderr: "note: shapes-3 is left out: holds no class out\n" });
  expect(own.stdout).toMatch(
    /^accuracy in % ± 95 % interval over 3 groups of 2 classes .*; sketch: own\n +centred centroids +closed form\n/,
  );
  for (const name of ["pictures", "tones-3 \\(not trained on\\)"])
    expect(own.stdout).toMatch(new RegExp(`^${name}${CELLS}$`, "m"));
  expect(own.stdout).toMatch(/^records: r$/m);

  const other = await evaluate("--classes", "val", "--sketch", "other-domain", "--out", "r");
  expect(other).toMatchObject({ code: 0, stderr: "note: shapes-3 is left out: holds no class out\n" });
  expect(readdirSync(join(home.path, "r")).filter((name) => name.endsWith(".csv")).length).toBe(4);
});

it("says what there is to do where nothing is held out", async () => {
  const { code, stderr } = await evaluate("--sketch", "other-classes");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^note: pictures is left out: holds no class out\n/);
  expect(stderr).toMatch(/^error: there is no domain to evaluate on\nhint: add one with --also FOLDER$/m);
});
