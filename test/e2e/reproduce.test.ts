// npm run reproduce on a stand-in for Fashion-MNIST: a few cells, stopped, completed by two workers, and left alone once done.

import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCsv } from "../../src/formats/csv.ts";
import { GROUPS, RECIPES } from "../../paper/store/published.ts";
import { writeFashionStandIn } from "../fashion-stand-in.ts";
import { expectFailure, temporaryFolder } from "./pudnet.ts";
import { type Exit, REPRODUCE_MAIN, type Running, start as startProgram } from "../built-program.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
  writeFashionStandIn(join(home.path, "data"), { train: 300, test: 140 }); // PudNet validates on 140 a class
});
afterAll(() => home[Symbol.asyncDispose]());

const out = (): string => join(home.path, "out");
/** What is worked in. */
const work = (folder: string): string => join(out(), "store", folder);
const QUICK = ["--budget", "quick", "--root", "data", "--out", "out", "--threads", "1"];
const CELLS = ["pudnet", "protonet", "adam-1", "random"].map((row) => `convnet-3/fashion-set/${row}`);
const CHOSEN = CELLS.flatMap((id) => ["--cell", id]);
const TABLE_1 = ["table-1", ...CHOSEN, ...QUICK];
const start = (...args: string[]): Running =>
  startProgram(args, { cwd: home.path, env: { PUDNET_CACHE: join(home.path, "cache") }, program: REPRODUCE_MAIN });
const run = (...args: string[]): Promise<Exit> => start(...args).ended;
const read = (...path: string[]): string => readFileSync(join(out(), ...path), "utf8");

/** Rows of results.csv by experiment and cell, as records. */
function results(): Map<string, Record<string, string>> {
  const [header = [], ...rows] = parseCsv(read("results.csv"));
  return new Map(
    rows.map((row) => [`${row[0]} ${row[1]}`, Object.fromEntries(row.map((cell, i) => [header[i]!, cell]))]),
  );
}

/** What every file of results holds, and when it was written. */
const files = (folder: string): [name: string, text: string, written: number][] =>
  readdirSync(join(out(), folder)).map((name) => {
    const path = join(out(), folder, name);
    return [name, readFileSync(path, "utf8"), statSync(path).mtimeMs];
  });

it("stops at SIGINT with exit code 130, and the same command completes the cells", async () => {
  const stopped = start(...TABLE_1);
  const hasStarted = (): boolean =>
    existsSync(work("networks")) && readdirSync(work("networks")).some((name) => name.startsWith("p"));
  while (!hasStarted()) await new Promise((resolve) => setTimeout(resolve, 50));
  stopped.stop("SIGINT");
  stopped.stop("SIGTERM"); // a worker gets both, the terminal's and its parent's
  const { code, stdout, stderr } = await stopped.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: "\nstopping with a checkpoint; once more to stop at once\n" });
  expect(stdout).toContain("stopped; the same command goes on from here");
  expect(existsSync(join(out(), "results.csv"))).toBe(false);

  const completed = await run(...TABLE_1, "--jobs", "2");
  expect(completed).toMatchObject({ code: 0, stderr: "" });
  expect(completed.stdout).toContain("files written; start with out/README.md");
  expect(readdirSync(work("evaluations")).filter((name) => name.endsWith(".csv"))).toHaveLength(CELLS.length);
  const locks = readdirSync(work("claims"), { recursive: true, encoding: "utf8" });
  expect(locks.filter((name) => name.endsWith("lock"))).toEqual([]);
});

describe("once the cells are done", () => {
  it("results.csv has their numbers, and nothing for the others", () => {
    const all = results();
    for (const id of CELLS) {
      const row = all.get(`table-1 ${id}`)!;
      expect(Number(row["accuracy"])).toBeGreaterThan(30); // chance: 25
      expect(Number(row["accuracy"])).toBeLessThanOrEqual(100);
      expect(row).toMatchObject({ ways: "4", shots: "10", budget: "quick", seed: "0" });
      expect(row["test_groups"]).toBe(id.endsWith("adam-1") ? "1" : "10");
      expect(row["command"]).toContain(`--cell ${id}`);
    }
    expect(Number(all.get(`table-1 ${CELLS[0]!}`)!["seconds"])).toBeGreaterThan(0);
    expect(all.get(`table-1 ${CELLS[0]!}`)!["train_groups"]).toBe("60");
    expect(all.get("table-1 resnet-18/fashion-set/pudnet")).toMatchObject({ accuracy: "", paper: "96.24" });
    expect(all.get("table-4 resnet-18/imagenet-1k-set/pudnet")).toMatchObject({ accuracy: "" });
  });

  it("pages show them", () => {
    const accuracy = results().get(`table-1 ${CELLS[0]!}`)!["accuracy"]!;
    expect(read("table-1", "README.md")).toContain(accuracy);
    expect(read("README.md")).toContain("table-1");
    for (const page of ["table-2", "table-8", "figure-5", "choices"])
      expect(existsSync(join(out(), page, "README.md"))).toBe(true);
  });

  it("a second run does nothing", async () => {
    const folders = ["store/evaluations", "table-1"] as const;
    const before = folders.map(files);
    const { code, stdout, stderr } = await run(...TABLE_1);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toHaveLength(1); // only where the pages are
    expect(files("store/evaluations")).toEqual(before[0]);
    expect(files("table-1").map(([, text]) => text)).toEqual(before[1]!.map(([, text]) => text));
  });

  it("--list tells what is known, and writes nothing", async () => {
    const { code, stdout } = await run(
      "table-1",
      "--list",
      ...QUICK.slice(0, -2), // nothing is computed
      "--cell",
      "*/fashion-set/p*",
    );
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^table-1: Table I/);
    const line = (id: string): string => lines.find((one) => one.trim().startsWith(`${id} `)) ?? "";
    expect(line("convnet-3/fashion-set/pudnet")).toMatch(
      / \d+\.\d+ .* % \(10 of 10 groups\) +pudnet-convnet-3-fashion-mnist-/,
    );
    expect(line("resnet-18/fashion-set/pretrained")).toMatch(/ not run /);
    expect(lines.some((one) => one.includes("/random") || one.includes("cifar-100-set"))).toBe(false);
  });
});

describe("a clone, which has what is published and no store", () => {
  const clone = (): string => join(home.path, "clone");
  const IN_CLONE = ["--budget", "quick", "--root", "data", "--out", "clone"];
  const published = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .filter((name) => !name.startsWith("store"))
        .toSorted()
        .map((name) => [
          name,
          createHash("sha256")
            .update(readFileSync(join(folder, name)))
            .digest("hex"),
        ]),
    );

  it("gets the same pages, byte by byte", async () => {
    cpSync(out(), clone(), { recursive: true, filter: (path) => path !== join(out(), "store") });
    for (const page of ["README.md", "results.csv", "table-1", "figure-5"])
      rmSync(join(clone(), page), { recursive: true });
    expect(await run("all", "--pages", ...IN_CLONE)).toMatchObject({ code: 0, stderr: "" });
    expect(published(clone())).toEqual(published(out()));
    expect(existsSync(join(clone(), "store"))).toBe(false);
    expect(readFileSync(join(clone(), "table-1", "README.md"), "utf8")).toMatch(
      /\| PudNet \| ProtoNet \| [+−-]?\d+\.\d+ ± \d+\.\d+ \| 10 \|/,
    );
  });

  it("goes on behind the groups that are published", async () => {
    const whole = published(clone());
    const line = readFileSync(join(clone(), RECIPES), "utf8")
      .split("\n")
      .find((one) => one.includes('"name":"random-'))!;
    const { evaluation } = JSON.parse(line) as { evaluation: string };
    const change = (file: string, edit: (text: string) => string): void =>
      writeFileSync(join(clone(), file), edit(readFileSync(join(clone(), file), "utf8")));
    change(GROUPS, (text) => text.replaceAll(new RegExp(`^${evaluation},[6-9],.*\n`, "gm"), ""));
    change(RECIPES, (text) => text.replace(line, line.replace('"groups":10', '"groups":6')));
    const { code, stdout } = await run("table-1", "--cell", CELLS[3]!, ...IN_CLONE, "--threads", "1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/random-convnet-3-on-fashion-mnist-.*: group 6 of 10/);
    const { [RECIPES]: _, ...others } = published(clone());
    const { [RECIPES]: __, ...before } = whole;
    expect(others).toEqual(before);
    const after = readFileSync(join(clone(), RECIPES), "utf8")
      .split("\n")
      .find((one) => one.includes(evaluation))!;
    expect((JSON.parse(after) as { sessions: unknown[] }).sessions).toMatchObject([{ fromGroup: 0 }, { fromGroup: 6 }]);
  });
});

it("data that is missing is told with a way out, and the other cells still run", async () => {
  const { code, stderr } = await run("choices", "--cell", "*/generation-norm", ...QUICK);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^failed: pudnet-convnet-3-cifar-100-.*: the dataset cifar-100 is not there: no folder/m);
  expect(stderr).toMatch(/^hint: unpack https:.*cifar-100-binary.tar.gz/m);
  expect(stderr).not.toMatch(/^\s+at /m);
  const all = results();
  expect(all.get("choices convnet-3/cifar-100-set/generation-norm")!["accuracy"]).toBe("");
  expect(Number(all.get("choices convnet-3/fashion-set/generation-norm")!["accuracy"])).toBeGreaterThan(30);
});

it("names that there are not and options without effect are bad use, and the way out is named", async () => {
  const fails = (args: readonly string[], message: RegExp, hint: RegExp): Promise<void> =>
    expectFailure(args, { code: 2, message, hint }, { cwd: home.path, program: REPRODUCE_MAIN });
  await Promise.all([
    fails(["table-9"], /no experiment "table-9"; there are table-1/, /did you mean table-1\?/),
    fails(
      ["table-1", "--cell", "*/pudnet", "--cell", "convnet-3/fashion-set/pudnt"],
      /no cell of table-1 is called "convnet-3\/fashion-set\/pudnt"/,
      /did you mean ".*pudnet"/,
    ),
    fails(["table-1", "--budget", "quik"], /Expected one of: quick, cpu, full/, /did you mean quick\?/),
    fails(["all", "--list", "--pages"], /--pages says nothing with --list$/m, /leave one of the two out/),
    fails(["all", "--list", "--jobs", "2"], /--jobs says nothing with --list$/m, /runs nothing/),
    fails(["all", "--list", "--device", "webgpu"], /--device says nothing with --list$/m, /runs nothing/),
    fails(
      ["all", "--queue", "redis://h", "--device", "webgpu"],
      /--device says nothing with --queue$/m,
      /compute on their CPUs/,
    ),
    fails(["all", "--device", "abacus"], /Expected one of: cpu, webgpu, cuda/, /--help/),
    fails(["all", "--pages", "--cell", "x"], /--cell says nothing with --pages$/m, /runs nothing/),
    fails(["all", "--pages", "--threads", "2"], /--threads says nothing with --pages$/m, /runs nothing/),
    fails(["all", "--budget", "quick", "--budget", "full"], /--budget is given twice$/m, /once/),
  ]);
});
