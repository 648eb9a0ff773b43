// Nothing is recorded: with a fresh home, all that a command leaves are the files it says it makes and the cache of decoded
// pictures. onnxruntime-node on its own would keep a device id and an event store with the names of classes.

import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { MAIN, PETS, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";
import { writeTinyTraining } from "./tiny-training.ts";

/** Where programs keep what they keep; all below one folder here. */
const PLACES = {
  HOME: "home",
  TMPDIR: "tmp",
  XDG_CACHE_HOME: "xdg/cache",
  XDG_CONFIG_HOME: "xdg/config",
  XDG_DATA_HOME: "xdg/data",
  XDG_STATE_HOME: "xdg/state",
  XDG_RUNTIME_DIR: "xdg/run",
} as const;

let root: string;
beforeAll(async () => {
  const folder = await temporaryFolder();
  root = folder.path;
  await prepare();
  return () => folder[Symbol.asyncDispose]();
});

async function prepare(): Promise<void> {
  for (const place of Object.values(PLACES)) await mkdir(join(root, place), { recursive: true });
  await mkdir(join(root, "work"));
  await tinyCheckpoint(join(root, "work"));
  await writePictures(join(root, "work/pets"), PETS, 4);
  await writeTinyTraining(join(root, "work"));
  await writeFile(join(root, "work/test.json"), '{"test": ["class-3", "class-4"]}');
}

/** Runs Node with nothing of this process's environment but the path to programs; gives its output. */
function runNode(args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const places = Object.entries(PLACES).map(([name, place]) => [name, join(root, place)]);
  const env = { PATH: process.env["PATH"], ...Object.fromEntries(places), ...more };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => (code === 0 ? done(output) : failed(new Error(`exit code ${code}: ${output}`))));
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, "/")).toSorted();
}

const MODEL = ["--model", "tiny-convnet-3.safetensors"];
const GROUPS = ["--split", "test.json", "--ways", "2", "--shots", "1", "--generation", "3", "--test", "2"];

/** [command, what it may leave beside the cache], in an order in which each finds what it needs. */
const COMMANDS: readonly (readonly [args: readonly string[], leaves: RegExp])[] = [
  [["predict", "pets", "--out", "made", ...MODEL], /^work\/made\//],
  [["finetune", "pets", "--out", "tuned", "--epochs", "1", ...MODEL], /^work\/tuned\//],
  [["classify", "made", "pets/cat/0.png"], /^$/],
  [["train", "--config", "config.yaml", "--set", "steps=10", "--set", "validation.every=10"], /^work\/runs\/tiny-1\//],
  [["evaluate", ...MODEL, "--data", "pictures", "--root", ".", ...GROUPS, "--groups", "1"], /^$/],
  [["checks"], /^$/],
];

describe("a fresh home holds nothing but the cache of decoded pictures after", () => {
  it.each(COMMANDS)("pudnet %j", async (args, leaves) => {
    const before = await filesBelow(root);
    await runNode([MAIN, ...args], join(root, "work"));
    const made = (await filesBelow(root)).filter((name) => !before.includes(name) && !leaves.test(name));
    expect(made.filter((name) => !/^home\/\.cache\/pudnet\/[0-9a-f]+\.(?:json|planes)$/.test(name))).toEqual([]);
  });

  it("and not even that where PUDNET_CACHE is off", async () => {
    await writePictures(join(root, "work/others"), PETS, 4);
    const before = await filesBelow(root);
    await runNode([MAIN, "predict", "others", "--out", "off", ...MODEL], join(root, "work"), { PUDNET_CACHE: "off" });
    const made = (await filesBelow(root)).filter((name) => !before.includes(name));
    expect(made.filter((name) => !name.startsWith("work/off/"))).toEqual([]);
  });
});

describe("the library", () => {
  const library = JSON.stringify(pathToFileURL(join(MAIN, "../../index.js")).href);
  const USE = `
    const { loadPudNet, Predictor } = await import(${library});
    const model = await loadPudNet("tiny-convnet-3.safetensors");
    try {
      const predictor = await Predictor.create(model);
      await predictor.release();
      console.log("computed");
    } catch (error) {
      console.log(error.message, error.hint);
    }`;
  const inWorker = (first: string): string => `${first}
    import { Worker } from "node:worker_threads";
    await new Promise((done) => new Worker("./use.mjs").on("exit", done));`;

  it.each([
    ["in the main thread", USE, /^computed$/m],
    ["in a worker thread of a program that loads it", inWorker(`import ${library};`), /^computed$/m],
    // onnxruntime would record: what a worker thread sets in its environment never reaches native code
    ["in a worker thread of one that does not", inWorker(""), /a worker thread cannot forbid it.*in the main thread/],
  ])("leaves nothing: %s", async (_, program, output) => {
    const folder = join(root, "work");
    await writeFile(join(folder, "program.mjs"), program);
    await writeFile(join(folder, "use.mjs"), USE);
    const before = await filesBelow(root);
    expect(await runNode(["program.mjs"], folder)).toMatch(output);
    expect((await filesBelow(root)).filter((name) => !before.includes(name))).toEqual([]);
  });
});
