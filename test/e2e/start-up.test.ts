// What a command loads before it works: only what it uses. Told by the modules, not by a clock.

import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { writeTinyTraining } from "./tiny-training.ts";
import { MAIN, PETS, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

const HOOK = pathToFileURL(join(import.meta.dirname, "record-modules.mjs")).href;
const DIST = pathToFileURL(join(MAIN, "../..")).href;
/** What the bare command line is made of. */
const ALWAYS = ["@commander-js/extra-typings", "commander", "fastest-levenshtein"];
/** What drawing figures needs, and what only training and researchers need. */
const PLOTTING = ["@observablehq/plot", "linkedom", "@resvg/resvg-js"];
const UNUSED_PARTS = /^(optim|baselines|exports|report\/(sheet|(?!confusion).*figure)|train\/(config|meta|training))/;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writePictures(join(folder.path, "pets"), PETS, 12);
  await tinyCheckpoint(folder.path);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Runs `pudnet ARGS`; the modules of ours (cli/main.js, ...) and the packages that it loaded. */
async function loadedBy(args: readonly string[], code = 0) {
  const file = join(folder.path, "modules.txt");
  await rm(file, { force: true });
  const env = { NODE_OPTIONS: `--import ${HOOK}`, MODULES_FILE: file, PUDNET_CACHE: join(folder.path, "cache") };
  const ended = await runPudnet(args, { cwd: folder.path, env });
  expect(ended).toMatchObject({ code });
  const urls = readFileSync(file, "utf8").split("\n");
  const own = urls.filter((url) => url.startsWith(DIST)).map((url) => url.slice(DIST.length + 1));
  const packages = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  return { own: new Set(own), packages: new Set(packages.filter((name) => name !== undefined)), ...ended };
}

describe("no command is loaded by", () => {
  it.each([
    { args: ["--version"], code: 0 },
    { args: ["--help"], code: 0 },
    { args: [], code: 2 },
    { args: ["predcit"], code: 2 },
    { args: ["--predict"], code: 2 },
  ])("pudnet $args", async ({ args, code }) => {
    const { own, packages } = await loadedBy(args, code);
    expect([...packages].filter((name) => !ALWAYS.includes(name))).toEqual([]);
    expect(own).toContain("cli/commands.js");
    expect([...own].filter((name) => /^(?!cli\/).*\//.test(name))).toEqual(["node/package-root.js"]); // for --version
    expect(COMMANDS.filter(({ name }) => own.has(`cli/${name}.js`))).toEqual([]);
  });
});

it.each([
  ...COMMANDS.map(({ name }) => ({ name, args: [name, "--help"] })),
  { name: "data", args: ["help", "data"] },
  { name: "data", args: ["--debug", "data", "--help"] },
])("pudnet $args loads no other command", async ({ name, args }) => {
  const { own, stdout } = await loadedBy(args);
  const others = COMMANDS.filter((row) => row.name !== name && own.has(`cli/${row.name}.js`));
  expect(others).toEqual([]);
  expect(stdout).toContain(`Usage: pudnet ${name} [options]`);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(COMMANDS.find((row) => row.name === name)!.description);
});

it("predict, classify and evaluate load neither plotting nor training", async () => {
  const predicting = ["predict", "pets", "--model", "tiny-convnet-3.safetensors", "--out", "made"];
  const evaluating = ["evaluate", "--classifier", "made", "--data", "pets"];
  for (const args of [predicting, ["classify", "made", "pets/cat/0.png"], evaluating]) {
    const { own, packages } = await loadedBy(args);
    expect(packages).toContain("sharp"); // the record is one of a run that got somewhere
    expect(own).toContain("tensor/runtime.js");
    expect([...packages].filter((name) => [...PLOTTING, "yaml", "ml-matrix"].includes(name))).toEqual([]);
    expect([...own].filter((name) => UNUSED_PARTS.test(name))).toEqual([]);
  }
  const again = await loadedBy([...predicting, "--force"]);
  expect(again.packages).toContain("onnxruntime-node");
  expect(again.packages).not.toContain("sharp"); // the pictures lie decoded in the cache
});

it("a training without a queue loads nothing of one", async () => {
  await writeTinyTraining(folder.path);
  const { own, packages } = await loadedBy([
    "train",
    "--config",
    "config.yaml",
    "--set",
    "steps=5",
    "--set",
    "validation.every=5",
  ]);
  expect(own).toContain("node/runs/meta-training.js"); // the record is one of a training
  expect([...own].filter((name) => name.startsWith("node/queue/"))).toEqual([]);
  expect([...packages].filter((name) => ["bullmq", "ioredis"].includes(name))).toEqual([]);
});
