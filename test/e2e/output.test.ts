// What is printed: names may hold anything and stay harmless, and output that nobody takes is told, not thrown.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../../src/node/checkpoints/checkpoint.ts";
import { MAIN, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";
import { writeTinyTraining } from "./tiny-training.ts";

/** A class that paints a terminal red, forges a line and turns the reading; shown as text it does nothing. */
const HOSTILE = "\u001b[31mred\nhint: rm -rf\u202e";
const SHOWN = "\\u001b[31mred\\u000ahint: rm -rf\\u202e";
const NAMES = [HOSTILE, "<script>", "=cmd()", "a|b", `"quo'te"`] as const;

let root: string;
let model: string;
beforeAll(async () => {
  const folder = await temporaryFolder();
  root = folder.path;
  model = await tinyCheckpoint(root);
  const colours = NAMES.map((name, i) => [name, [50 * i, 250 - 50 * i, 120]] as const);
  await writePictures(join(root, "odd"), Object.fromEntries(colours), 4);
  return () => folder[Symbol.asyncDispose]();
});

/** Whatever moves a cursor, ends a line where none of ours ends, or turns the reading. */
const HARMFUL = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Cs}]|^hint: rm/mu;

describe.skipIf(process.platform === "win32")("names that hold anything", () => {
  const commands: readonly (readonly [args: readonly string[], shows: RegExp])[] = [
    [["predict", "odd", "--out", "out", "--model", "MODEL"], /<script> 4, =cmd\(\) 4, a\|b 4/],
    [["finetune", "odd", "--out", "tuned", "--epochs", "1", "--model", "MODEL"], /<script> 4/],
    [["classify", "out", "odd"], /<script>/],
    [["predict", "odd", "--out", HOSTILE, "--model", "MODEL"], /^classifier: /m],
  ];

  it.each(commands)("pudnet %j prints them harmlessly", async (args, shows) => {
    const { code, stdout, stderr } = await runPudnet(
      args.map((arg) => (arg === "MODEL" ? model : arg)),
      { cwd: root },
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(SHOWN);
    expect(stdout).toMatch(shows);
    expect(stdout).not.toMatch(HARMFUL);
  });

  it("names of an evaluation's files are plain, and its CSV holds no formulas", async () => {
    const groups = ["--ways", "2", "--shots", "1", "--generation", "2", "--test", "1", "--groups", "1"];
    const colours = { a: [200, 0, 0], b: [0, 200, 0], c: [0, 0, 200] } as const;
    await writePictures(join(root, "=cmd()"), colours, 4);
    await writeFile(join(root, "s.json"), JSON.stringify({ test: ["a", "b"] }));
    const args = ["evaluate", "--model", model, "--data", "=cmd()", "--split", "s.json", ...groups, "--out", "records"];
    const first = await runPudnet(args, { cwd: root });
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const names = await readdir(join(root, "records"));
    expect(names).toHaveLength(8);
    for (const name of names) expect(name).toMatch(/^[\w-]+\.(csv|json)$/);
    const texts = () => Promise.all(names.map((name) => readFile(join(root, "records", name), "utf8")));
    const before = await texts();
    before.forEach((text, i) => expect(text.includes("=cmd()")).toBe(names[i]!.endsWith(".json")));
    expect((await runPudnet(args, { cwd: root })).code).toBe(0); // and are the same evaluation the next time
    expect(await texts()).toEqual(before);
  });

  it("JSON has them as they are, with nothing in it that a terminal takes for a command", async () => {
    const { stdout } = await runPudnet(["predict", "odd", "--out", "json", "--model", model, "--json"], { cwd: root });
    expect(stdout).not.toMatch(HARMFUL);
    const { images } = JSON.parse(stdout) as { images: { classes: { name: string }[] } };
    expect(images.classes.map(({ name }) => name).toSorted()).toEqual([...NAMES].toSorted());
    const made = JSON.parse(await readFile(join(root, "json/classifier.json"), "utf8")) as { classes: string[] };
    expect(made.classes.toSorted()).toEqual([...NAMES].toSorted());
  });

  it.each([
    ["a class with one picture", ["predict", "poor", "--out", "x", "--model", "MODEL"]],
    ["a folder that is not there", ["predict", `no ${HOSTILE}`, "--out", "x", "--model", "MODEL"]],
    ["a key of a config", ["train", "--config", "config.yaml"]],
    ["a class of a split", ["train", "--config", "tiny.yaml"]],
    ["an option", ["predict", `--${HOSTILE}`]],
    ["a run", ["train", "--resume", HOSTILE]],
  ])("errors show them: %s", async (_, args) => {
    await writePictures(join(root, "poor"), { [HOSTILE]: [200, 0, 0], other: [0, 200, 0] }, 1);
    await writeTinyTraining(root);
    const text = await readFile(join(root, "config.yaml"), "utf8");
    await writeFile(join(root, "tiny.yaml"), text);
    await writeFile(join(root, "split.json"), JSON.stringify({ val: [HOSTILE] }));
    await writeFile(join(root, "config.yaml"), JSON.stringify({ [HOSTILE]: 1 }));
    const { code, stderr } = await runPudnet(
      args.map((arg) => (arg === "MODEL" ? model : arg)),
      { cwd: root },
    );
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain("\\u001b[31mred");
    if (!args.includes(`--${HOSTILE}`)) expect(stderr).not.toMatch(HARMFUL); // commander's words may have several lines
    for (const character of ["\u001b", "\u202e"]) expect(stderr).not.toContain(character);
  });
});

/** Runs `pudnet ARGS` with its output redirected as a shell would. */
function redirected(args: readonly string[], redirection: string): Promise<{ code: number | null; told: string }> {
  const command = `"$0" "$@" ${redirection}`;
  const options = { cwd: root, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
  const child = spawn("sh", ["-c", command, process.execPath, MAIN, ...args], options);
  let told = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (told += String(text)));
  return new Promise((done) => child.on("close", (code) => done({ code, told })));
}

describe.skipIf(!existsSync("/dev/full"))("output that nobody takes", () => {
  it.each([["--help"], ["checks"], ["predict", "odd", "--out", "full", "--model", "MODEL"]])(
    "a full disk below stdout is told: pudnet %s",
    async (...args) => {
      const given = args.map((arg) => (arg === "MODEL" ? model : arg));
      const { code, told } = await redirected(given, "> /dev/full");
      expect({ code, told }).toEqual({
        code: 1,
        told: "error: cannot write to standard output: no space left on the disk\nhint: free some space, or send the output elsewhere\n",
      });
    },
  );

  it("one below stderr stops no work, but the exit code tells of it", async () => {
    const { code, told } = await redirected(["classify", "out", "odd", "missing.jpg"], "2> /dev/full");
    expect(code).toBe(1);
    expect(told.match(/ %$/gm)).toHaveLength(4 * NAMES.length);
    expect((await redirected(["predict"], "2> /dev/full")).code).toBe(1);
  });

  it("no stdout and no stderr at all are no failure", async () => {
    expect(await redirected(["classify", "out", "odd"], ">&- 2>&-")).toEqual({ code: 0, told: "" });
  });

  it("training stops in good order, with a checkpoint", async () => {
    await writeTinyTraining(root);
    const train = ["train", "--config", "config.yaml", "--set", "checkpointSeconds=1000"];
    const { code, told } = await redirected([...train, "--runs", "full-runs"], "> /dev/full");
    expect([code, told]).toEqual([1, expect.stringContaining("cannot write to standard output")]);
    const first = await loadCheckpoint(join(root, "full-runs/tiny-1/checkpoints/last.safetensors"));
    expect(Number(first.metadata["step"])).toBeLessThan(240);
    const reader = await redirected([...train, "--runs", "head-runs"], "| head -n 5 > head.txt; exit 0");
    expect(reader.told).toBe("");
    const second = await loadCheckpoint(join(root, "head-runs/tiny-1/checkpoints/last.safetensors"));
    expect(Number(second.metadata["step"])).toBeLessThan(240);
  });
});

it.skipIf(process.platform === "win32")("a terminal that is closed stops training in good order", async () => {
  await writeTinyTraining(root);
  const args = ["train", "--config", "config.yaml", "--set", "checkpointSeconds=1000", "--runs", "hup"];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (text) => String(text).includes(" 5 |") && child.kill("SIGHUP"));
  child.stderr.resume();
  const code = await new Promise((done) => child.on("close", done));
  expect(code).toBe(130);
  const { metadata } = await loadCheckpoint(join(root, "hup/tiny-1/checkpoints/last.safetensors"));
  expect(Number(metadata["step"])).toBeLessThan(240);
});
