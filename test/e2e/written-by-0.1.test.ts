// What version 0.1 wrote (test/fixtures/0.1, by its own code) still opens and gives the same answers; what a newer version
// will write is refused with the way out.

import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCsv } from "../../src/formats/csv.ts";
import { expectFailure, jsonOf, ROOT, runPudnet, temporaryFolder } from "./pudnet.ts";

const LAST = "runs/tiny-2/checkpoints/last.safetensors";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = join(folder.path, "0.1");
  await cp(join(ROOT, "test/fixtures/0.1"), cwd, { recursive: true });
});
afterAll(() => folder[Symbol.asyncDispose]());

const read = (path: string): Promise<string> => readFile(join(cwd, path), "utf8");

interface Answers {
  readonly images: readonly {
    readonly path: string;
    readonly labels: readonly { label: string; score: number }[];
    /** Not told by 0.1. */
    readonly unknown?: boolean;
  }[];
}

/** The same labels in the same order; scores but for the rounding of another machine. */
function expectSame(found: Answers, expected: Answers): void {
  expect(found.images.map(({ path, labels }) => ({ path, labels }))).toEqual(
    expected.images.map(({ path, labels }) => ({
      path,
      labels: labels.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) as number })),
    })),
  );
}

async function classify(classifier: string): Promise<Answers> {
  const args = ["classify", classifier, "pictures/class-0", "pictures/class-4", "--top", "6", "--json"];
  const { code, stdout, stderr } = await runPudnet(args, { cwd });
  expect([code, stderr]).toEqual([0, ""]);
  return jsonOf("classify", stdout);
}

describe("of version 0.1", () => {
  it.each(["predicted", "finetuned"])("a %s classifier gives the same answers", async (name) => {
    const answers = await classify(name);
    expectSame(answers, JSON.parse(await read(`${name}.json`)) as Answers);
    expect(answers.images.some(({ unknown }) => unknown)).toBe(false); // it has no rule for that
    const evaluated = await runPudnet(["evaluate", "--classifier", name, "--data", "pictures", "--json"], { cwd });
    const figures = jsonOf("evaluate-classifier", evaluated.stdout);
    expect(figures).toMatchObject({ n: 36, classes: { length: 6 }, notes: [expect.stringMatching(/is not known/)] });
    expect(figures).not.toHaveProperty("familiar");
  });

  it("a checkpoint predicts the same classifier, with the head that there was then", async () => {
    const args = ["predict", "pictures", "--model", LAST, "--out", "again", "--seed", "3", "--head", "centroids"];
    const made = await runPudnet(args, { cwd });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expectSame(await classify("again"), JSON.parse(await read("predicted.json")) as Answers);
  });

  it("a classifier is replaced with --force", async () => {
    await cp(join(cwd, "predicted"), join(cwd, "replaced"), { recursive: true });
    const args = ["predict", "pictures", "--model", LAST, "--out", "replaced"];
    expect((await runPudnet(args, { cwd })).code).toBe(2);
    expect((await runPudnet([...args, "--force"], { cwd })).code).toBe(0);
    await classify("replaced");
  });

  it("rows of an evaluation are found again, in records", async () => {
    const shape = ["--ways", "2", "--shots", "2", "--generation", "3", "--test", "2", "--baseline-groups", "1"];
    const data = ["--model", LAST, "--data", "pictures", "--split", "split-test.json", "--groups", "4"];
    const evaluate = (out: string) => runPudnet(["evaluate", ...data, ...shape, "--out", out], { cwd });
    expect(await evaluate("groups.csv")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be gone on with/),
    });
    const { code, stderr } = await evaluate("records");
    expect([code, stderr]).toEqual([0, ""]);
    const [header, ...rows] = parseCsv(await read("whole-groups.csv")) as [string[], ...string[][]];
    const older = (method: string) => {
      const at = ["2-shot centroids", "centroids of all"].map((head) => header.indexOf(`${method}/${head}`));
      return rows.map((row) => at.map((i) => row[i]!)).filter(([first]) => first !== "");
    };
    const names = (await readdir(join(cwd, "records"))).filter((name) => name.endsWith(".csv"));
    const found = await Promise.all(names.map(async (name) => parseCsv(await read(`records/${name}`)).slice(1)));
    const inOrder = (all: string[][][]) => all.map((one) => JSON.stringify(one)).toSorted();
    expect(inOrder(found.map((one) => one.map((row) => row.slice(1, 3))))).toEqual(
      inOrder(["running", "generation", "random network", "raw pixels"].map(older)),
    );
  });

  it("a run goes on from its checkpoint and ends as 0.1 ended it", async () => {
    await cp(join(cwd, "runs/tiny-2"), join(cwd, "runs/resumed"), { recursive: true });
    const before = await read("runs/resumed/metrics.csv");
    const { code, stdout, stderr } = await runPudnet(["train", "--resume", "runs/resumed"], { cwd });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^done: runs\/resumed$/m);
    const after = await read("runs/resumed/metrics.csv");
    expect(after.startsWith(before)).toBe(true);
    const [found, whole] = [parseCsv(after), parseCsv(await read("whole-metrics.csv"))];
    expect(found.map(([step]) => step)).toEqual(whole.map(([step]) => step));
    // another machine rounds otherwise, and 40 steps later that can be seen
    expect(Number(found.at(-1)![1])).toBeCloseTo(Number(whole.at(-1)![1]), 1);
    const { resumed } = JSON.parse(await read("runs/resumed/run.json")) as { resumed: { afterStep: number }[] };
    expect(resumed.map(({ afterStep }) => afterStep)).toEqual([20]);
  });
});

describe("of a newer version", () => {
  const expected = {
    code: 1,
    message: /version 9, made by a newer version of pudnet: this one reads \d+/,
    hint: /^hint: update pudnet/,
  } as const;

  /** Raises the version that stands in a copy of a file beyond any that is read here, in as many bytes. */
  async function raise(from: string, to: string, file: string): Promise<void> {
    await rm(join(cwd, to), { recursive: true, force: true });
    await cp(join(cwd, from), join(cwd, to), { recursive: true });
    const text = await readFile(join(cwd, file), "latin1"); // byte for byte
    const raised = text.replace(/"version": ?("?)1\1/, (found) => found.replace("1", "9"));
    expect(raised).not.toBe(text);
    await writeFile(join(cwd, file), raised, "latin1");
  }

  it("a classifier", async () => {
    await raise("predicted", "newer", "newer/classifier.json");
    await expectFailure(["classify", "newer", "pictures"], expected, { cwd });
    await expectFailure(["evaluate", "--classifier", "newer", "--data", "pictures"], expected, { cwd });
  });

  it("a run and its checkpoint", async () => {
    await raise("runs/tiny-2", "runs/newer", "runs/newer/run.json");
    await expectFailure(["train", "--resume", "runs/newer"], expected, { cwd });
    await raise("runs/tiny-2", "runs/newer", "runs/newer/checkpoints/last.safetensors");
    await expectFailure(["train", "--resume", "runs/newer"], expected, { cwd });
    const predict = [
      "predict",
      "pictures",
      "--model",
      "runs/newer/checkpoints/last.safetensors",
      "--out",
      "newer-made",
    ];
    await expectFailure(predict, expected, { cwd });
  });
});
