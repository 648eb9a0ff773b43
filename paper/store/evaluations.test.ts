// Evaluations on disk: stopped, killed, extended, damaged, or in another process's hands.

import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FormatError, UserError } from "pudnet/engine";
import { BusyError } from "pudnet/files";
import { ADAM, parseSingleConfig } from "pudnet/methods";
import { writeFashionStandIn } from "../../test/fashion-stand-in.ts";
import { cellOf } from "../../test/made-up-results.ts";
import type { Cell } from "../tables/cell.ts";
import { withinProtocol } from "../recipes/datasets.ts";
import type { EpisodicRecipe, EvaluationRecipe } from "../recipes/recipe.ts";
import { ownerOf } from "../../src/node/files/folder-lock.ts";
import { startTraining } from "../../src/node/runs/meta-training.ts";
import { measuredTable } from "../pages/cell-results.ts";
import { completeEvaluation, evaluationName, knownGroups } from "./evaluations.ts";
import { judgedCheckpoint, networkFolder } from "./networks.ts";
import { runEvaluations } from "./run.ts";
import { Store, type StoreOptions } from "./store.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "pudnet-data-"));
  writeFashionStandIn(root, { train: 20, test: 10 });
});
afterAll(() => rmSync(root, { recursive: true }));

let out: string;
let lines: string[];
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "pudnet-out-"));
  lines = [];
});
afterEach(() => rmSync(out, { recursive: true }));

const storeAt = (options: Partial<StoreOptions> = {}): Store =>
  new Store({ out, root, threads: 1, print: (line) => lines.push(line), ...options });

const protocol = { ...withinProtocol("fashion-set", 5), shots: 3, generation: 8, test: 10 };
const target = { arch: "convnet-3", width: 4, stem: "3x3" } as const;
const source = { dataset: "fashion-mnist", split: "fashion-set", side: 28, trainOn: "train" } as const;
const asking = (groups: number, kind: "pixels" | "random" = "pixels"): EvaluationRecipe => ({
  kind,
  target,
  normalization: source,
  protocol: { ...protocol, groups },
});
const recipe = asking(5);
const asked = (...recipes: readonly EvaluationRecipe[]) => recipes.map((evaluation) => ({ evaluation }));
const csvOf = (of: EvaluationRecipe, folder = out): string =>
  join(folder, "store", "evaluations", `${evaluationName(of)}.csv`);
const read = (path: string): string => readFileSync(path, "utf8");

/** What an evaluation of 5 groups gives in a folder of its own. */
async function undisturbed(): Promise<string> {
  const elsewhere = join(out, "undisturbed");
  await completeEvaluation(storeAt({ out: elsewhere }), recipe);
  return read(csvOf(recipe, elsewhere));
}

describe("a CSV with a row a group", () => {
  it("holds what was found, and says beside it what it is of", async () => {
    const store = storeAt();
    expect(await knownGroups(store, recipe)).toEqual([]);
    await completeEvaluation(store, recipe);
    const [header, ...rows] = read(csvOf(recipe)).trim().split("\n");
    expect(header).toBe("group,accuracy: 3-shot centroids,accuracy: centroids of all,accuracy: closed form on all");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["0", "1", "2", "3", "4"]);
    const known = await knownGroups(store, recipe);
    expect(known.map(({ accuracy }) => Object.values(accuracy).join())).toEqual(rows.map((row) => row.slice(2)));
    for (const { accuracy } of known) expect(accuracy["centroids of all"]).toBeGreaterThan(0.5);
    const about = JSON.parse(read(csvOf(recipe).replace(".csv", ".json"))) as Record<string, unknown>;
    expect(about).toMatchObject({
      format: 2,
      identity: { kind: "pixels", protocol: { ways: 4 } },
      sessions: [{ fromGroup: 0, versions: { node: process.versions.node } }],
    });
  });

  it("is the same after a kill behind any row", async () => {
    const whole = await undisturbed();
    const rows = whole.trimEnd().split("\n");
    for (const kept of [1, 3]) {
      await completeEvaluation(storeAt(), recipe);
      writeFileSync(csvOf(recipe), `${rows.slice(0, 1 + kept).join("\n")}\n`);
      await completeEvaluation(storeAt(), recipe);
      expect(read(csvOf(recipe))).toBe(whole);
      expect(lines.at(-1)).toContain(`group ${kept} of 5`);
    }
  });

  it("is the same after a stop, which loses no group that was done", async () => {
    const whole = await undisturbed();
    const stop = new AbortController();
    const print = (): void => void setImmediate(() => stop.abort(new Error("stopped")));
    const stopped = completeEvaluation(storeAt({ signal: stop.signal, print }), recipe);
    await expect(stopped).rejects.toThrow("stopped");
    const rows = read(csvOf(recipe)).trimEnd().split("\n");
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.length).toBeLessThan(6);
    await completeEvaluation(storeAt(), recipe);
    expect(read(csvOf(recipe))).toBe(whole);
  });

  it("says which images it is of and who added groups, and takes no groups of other images", async () => {
    const record = () => JSON.parse(read(csvOf(recipe).replace(".csv", ".json"))) as Record<string, unknown>;
    await completeEvaluation(storeAt(), asking(2));
    const first = record();
    const hash = expect.stringMatching(/^[0-9a-f]{16}$/) as string;
    expect(first["madeFrom"]).toEqual({ "fashion-mnist@28": hash, "class split fashion-set": hash });
    expect(first["sessions"]).toHaveLength(1);
    await completeEvaluation(storeAt(), asking(3));
    const second = expect.objectContaining({ fromGroup: 2, versions: expect.anything() }) as unknown;
    expect(record()).toEqual({ ...first, sessions: [...(first["sessions"] as unknown[]), second] });
    const before = read(csvOf(recipe));
    const elsewhere = mkdtempSync(join(tmpdir(), "pudnet-data-"));
    writeFashionStandIn(elsewhere, { train: 21, test: 10 });
    await expect(completeEvaluation(storeAt({ root: elsewhere }), recipe)).rejects.toThrow(/another fashion-mnist@28/);
    expect(read(csvOf(recipe))).toBe(before);
    rmSync(elsewhere, { recursive: true });
  });

  it("grows where more groups are asked for, and stays where fewer are", async () => {
    await completeEvaluation(storeAt(), asking(2));
    const two = read(csvOf(recipe));
    expect(two.trimEnd().split("\n")).toHaveLength(3);
    await completeEvaluation(storeAt(), recipe);
    const five = read(csvOf(recipe));
    expect(five.startsWith(two)).toBe(true);
    expect(five).toBe(await undisturbed());
    const before = statSync(csvOf(recipe)).mtimeMs;
    lines = [];
    await completeEvaluation(storeAt(), asking(1));
    expect(await knownGroups(storeAt(), asking(1))).toHaveLength(1);
    expect([statSync(csvOf(recipe)).mtimeMs, lines]).toEqual([before, []]);
  });

  it.each([
    [
      "a column of another kind",
      (text: string) => text.replace("accuracy: 3", "precision: 3"),
      /column "precision: 3-shot/,
    ],
    ["no header", (text: string) => text.slice(text.indexOf("\n") + 1), /its first column is "0"/],
    ["nothing", () => "", /its first column is ""/],
    ["a missing group", (text: string) => text.replace(/^1,.*\n/m, ""), /row 2 is group "2", expected 1/],
    ["half a row", (text: string) => text.slice(0, text.lastIndexOf(",")), /group 4 has 3 cells, its header 4/],
    ["a word", (text: string) => text.replace(/^(2,).*?,/m, "$1good,"), /group 2: "good" is no number/],
  ])("is refused with %s, and left as it is", async (_, damage, message) => {
    await completeEvaluation(storeAt(), recipe);
    const damaged = damage(read(csvOf(recipe)));
    writeFileSync(csvOf(recipe), damaged);
    for (const work of [knownGroups, completeEvaluation]) {
      const error: unknown = await work(storeAt(), asking(9)).then(
        () => undefined,
        (found: unknown) => found,
      );
      expect(error).toBeInstanceOf(FormatError);
      expect((error as FormatError).message).toMatch(message);
      expect((error as FormatError).hint).toContain("delete the file");
    }
    expect(read(csvOf(recipe))).toBe(damaged);
  });
});

describe("a measure that older versions did not take", () => {
  const CLOSED = "closed form on all";
  const withClosed = { evaluation: recipe, measure: CLOSED };
  /** What an older version left. */
  async function withoutClosed(edit = (csv: string) => csv): Promise<string> {
    await completeEvaluation(storeAt(), recipe);
    const whole = read(csvOf(recipe));
    const older = whole.replaceAll(/,[^,]*$/gm, "");
    writeFileSync(csvOf(recipe), `${edit(older)}\n`);
    lines = [];
    return whole;
  }

  it("is added to the groups that are there, by a session of its own", async () => {
    const whole = await withoutClosed();
    expect(await runEvaluations(storeAt(), asked(recipe))).toEqual([]);
    expect(lines).toEqual([]); // nobody asks for it
    expect(await runEvaluations(storeAt(), [withClosed])).toEqual([]);
    expect(lines).toEqual([expect.stringContaining("group 0 of 5, for what it lacks")]);
    expect(read(csvOf(recipe))).toBe(whole);
    const { sessions } = JSON.parse(read(csvOf(recipe).replace(".csv", ".json"))) as { sessions: unknown[] };
    expect(sessions).toMatchObject([{ fromGroup: 0 }, { fromGroup: 0, measures: [CLOSED] }]);
  });

  it("is added to as many groups as are asked for, also before new ones", async () => {
    await withoutClosed((csv) => csv.split("\n").slice(0, 4).join("\n"));
    const few = { evaluation: asking(2), measure: CLOSED };
    expect(await runEvaluations(storeAt(), [few, { evaluation: recipe }])).toEqual([]);
    const rows = (await knownGroups(storeAt(), recipe)).map(({ accuracy }) => CLOSED in accuracy);
    expect(rows).toEqual([true, true, false, true, true]);
    const table = { id: "", title: "", notes: [], form: "table" as const };
    const cells = [cellOf("closed", { evaluation: recipe, measure: CLOSED })];
    const measured = await measuredTable(storeAt(), { ...table, cells });
    expect(measured.cells[0]!.measured!.accuracy.n).toBe(2); // behind a gap, groups would not be paired
  });

  it("leaves what differs by one answer, and refuses what differs by more", async () => {
    const answer = 1 / (protocol.ways * protocol.test);
    const raised = (by: number) => (csv: string) =>
      csv.replace(
        /^3,([^,]*)/m,
        (_, value: string) => `3,${Number(value) > 0.5 ? Number(value) - by : Number(value) + by}`,
      );
    await withoutClosed(raised(answer));
    const [before] = [read(csvOf(recipe)).split("\n")[4]];
    expect(await runEvaluations(storeAt(), [withClosed])).toEqual([]);
    expect(read(csvOf(recipe)).split("\n")[4]).toMatch(before!);
    rmSync(out, { recursive: true });
    await withoutClosed(raised(2 * answer));
    const [failure] = await runEvaluations(storeAt(), [withClosed]);
    expect(failure!.error.message).toMatch(
      /3-shot centroids of group 3 is [\d.]+, and [\d.]+ when it is evaluated again/,
    );
  });
});

describe("runEvaluations", () => {
  const missing: EvaluationRecipe = { ...recipe, protocol: { ...protocol, dataset: "cifar-100", side: 32 } };

  it("goes on after failures, and tells each with its way out", async () => {
    mkdirSync(dirname(csvOf(recipe)), { recursive: true });
    const damaged = asking(5, "random");
    writeFileSync(csvOf(damaged), "nonsense\n");
    const failures = await runEvaluations(storeAt(), asked(missing, damaged, recipe));
    expect(failures.map(({ name }) => name)).toEqual([evaluationName(missing), evaluationName(damaged)]);
    for (const { error } of failures) expect((error as UserError).hint).toBeTruthy();
    expect(failures[0]!.error.message).toContain("the dataset cifar-100 is not there");
    expect(await knownGroups(storeAt(), recipe)).toHaveLength(5);
    expect(lines.some((line) => line.startsWith(evaluationName(missing)))).toBe(true);
  });

  it("does each evaluation once, with the most groups that are asked for", async () => {
    expect(await runEvaluations(storeAt(), asked(asking(2), asking(4), asking(1)))).toEqual([]);
    expect(lines).toEqual([expect.stringContaining("group 0 of 4")]);
  });

  it("stops at the signal", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    await expect(runEvaluations(storeAt({ signal: stop.signal }), asked(recipe))).rejects.toThrow("stopped");
    expect(existsSync(csvOf(recipe))).toBe(false);
  });
});

describe("what another process works on", () => {
  const claimOf = (of: EvaluationRecipe): string => join(out, "store", "claims", evaluationName(of));
  /** Takes the claim for a process that lives for so many seconds, or until the function returned is called. */
  function claimedByAnother(of: EvaluationRecipe): () => void {
    const other = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
    mkdirSync(claimOf(of), { recursive: true });
    writeFileSync(join(claimOf(of), "lock"), JSON.stringify(ownerOf(other.pid!)));
    return () => {
      other.kill("SIGKILL");
      rmSync(join(claimOf(of), "lock"), { force: true });
    };
  }

  it("is busy, and no work is done on it", async () => {
    const free = claimedByAnother(recipe);
    await expect(completeEvaluation(storeAt(), recipe)).rejects.toThrow(BusyError);
    expect(lines).toEqual([]);
    free();
    await completeEvaluation(storeAt(), recipe);
    expect(readdirSync(claimOf(recipe))).toEqual([]);
  });

  it("is left to it, with who it is and a way out, and taken up once it is free", async () => {
    const free = claimedByAnother(recipe);
    setTimeout(free, 300);
    const other = asking(3, "random");
    expect(await runEvaluations(storeAt(), asked(recipe, other), { waitSeconds: 0.1 })).toEqual([]);
    expect(await knownGroups(storeAt(), other)).toHaveLength(3);
    expect(await knownGroups(storeAt(), recipe)).toHaveLength(5);
    const left = lines.filter((line) => line.includes("left for now"));
    expect(left).toEqual([expect.stringMatching(/to process \d+ on .*; wait for it or stop it$/)]);
    const [atOther, atRecipe] = [other, recipe].map((one) =>
      lines.findIndex((line) => line.startsWith(`${evaluationName(one)}: group 0`)),
    );
    expect(atOther).toBeLessThan(atRecipe!);
  });

  it.each([0, 1, 300])("is not waited for after a stop, %d ms after the start", async (delay) => {
    const free = claimedByAnother(recipe);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("stopped")), delay);
    const waiting = runEvaluations(storeAt({ signal: stop.signal }), asked(recipe), { waitSeconds: 3600 });
    await expect(waiting).rejects.toThrow("stopped");
    free();
  });
});

const network: EpisodicRecipe = {
  method: "episodic",
  rule: "protonet",
  source,
  target,
  seed: 0,
  optimizer: ADAM,
  augment: false,
  task: { ways: 3, shots: 2, queries: 2 },
  tasksPerStep: 1,
  steps: 120,
};
const judged: EvaluationRecipe & { readonly kind: "fixed" } = {
  kind: "fixed",
  network,
  protocol: { ...protocol, groups: 2 },
};

const parallelConfig = {
  name: "parallel",
  data: { dataset: "fashion-mnist", split: "fashion-set" },
  target: { width: 4 },
  pudnet: { hiddenSize: 8, generatorWidth: 2 },
  group: { ways: 2, shots: 2, queries: 2, extra: 0 },
  steps: 4,
  validation: { every: 4, groups: 1, generation: 4, test: 2 },
  logEvery: 2,
};

describe("networks", () => {
  const trainings = (): string[] => lines.filter((line) => line.includes("training from step"));

  it("are trained once for all evaluations, also of other processes, and go on where they were stopped", async () => {
    const stop = new AbortController();
    const store = storeAt({
      signal: stop.signal,
      print: (line) => {
        lines.push(line);
        if (line.includes("training from")) stop.abort(new Error("stopped")); // heeded at step 100, the first log line
      },
    });
    await expect(runEvaluations(store, asked(judged))).rejects.toThrow("stopped");
    const across: EvaluationRecipe = { ...judged, protocol: { ...judged.protocol, classes: "all", ways: 10 } };
    expect(await runEvaluations(storeAt(), asked(judged, across))).toEqual([]);
    expect(trainings().map((line) => line.replace(/.*training/, "training"))).toEqual([
      "training from step 0 of 120",
      "training from step 100 of 120",
    ]);
    const figures = await knownGroups(storeAt(), across);
    expect(Object.keys(figures[0]!.accuracy)).toEqual(["3-shot rule"]);
  });

  it("of several groups a step, or of streams, are what `pudnet train` makes of their configs", async () => {
    for (const parallelism of [{ groupsPerStep: 2 }, { groupsPerStep: 2, localSteps: 2 }]) {
      const config = parseSingleConfig({ ...parallelConfig, ...parallelism }, "the test");
      const evaluation = { ...judged, kind: "pudnet", norm: "running", network: { method: "pudnet", config } } as const;
      expect(await runEvaluations(storeAt(), asked(evaluation))).toEqual([]);
      expect(await knownGroups(storeAt(), evaluation)).toHaveLength(2);
      const own = { ...config, data: { ...config.data, root }, threads: 1 };
      const { path } = await startTraining(own, join(out, "runs"), { workers: 1 });
      const rows = read(join(path, "metrics.csv")).trimEnd().split("\n");
      expect(rows).toHaveLength(1 + 2);
      expect(read(join(networkFolder(storeAt(), evaluation.network), "metrics.csv"))).toBe(`${rows.join("\n")}\n`);
    }
  });

  it("whose folder was never made whole are trained anew, whatever lies beside it", async () => {
    const folder = networkFolder(storeAt(), network);
    mkdirSync(folder.replace(/-1$/, "-2"), { recursive: true });
    mkdirSync(join(folder, "checkpoints"), { recursive: true });
    writeFileSync(join(folder, "config.yaml"), "half");
    expect(await runEvaluations(storeAt(), asked(judged))).toEqual([]);
    expect(trainings()).toEqual([expect.stringContaining("from step 0")]);
    expect(read(join(folder, "config.yaml"))).toContain("protonet");
  });
});

it("what is begun goes on with its own weights and images, and with no others", async () => {
  const trained = (steps: number) => ({ ...judged, network: { ...network, steps } });
  const [fewer, more] = [trained(10), trained(20)];
  await completeEvaluation(storeAt(), fewer);
  await completeEvaluation(storeAt(), more);
  const [own, others] = [fewer, more].map(({ network: of }) => judgedCheckpoint(storeAt(), of));
  copyFileSync(others!, own!);
  const grown = { ...fewer, protocol: { ...fewer.protocol, groups: 3 } };
  await expect(completeEvaluation(storeAt(), grown)).rejects.toThrow(/made with another network/);
  expect(await knownGroups(storeAt(), grown)).toHaveLength(2);
  rmSync(networkFolder(storeAt(), fewer.network), { recursive: true });
  lines = [];
  await expect(completeEvaluation(storeAt(), grown)).rejects.toThrow(/made with a network .* that is not at hand/);
  expect(lines).toEqual([]); // nothing is trained for it

  const stop = new AbortController();
  const print = (line: string): void => void (line.includes("training from") && stop.abort(new Error("stopped")));
  await expect(completeEvaluation(storeAt({ signal: stop.signal, print }), judged)).rejects.toThrow("stopped");
  const elsewhere = mkdtempSync(join(tmpdir(), "pudnet-data-"));
  writeFashionStandIn(elsewhere, { train: 21, test: 10 });
  const goneOn = completeEvaluation(storeAt({ root: elsewhere }), judged);
  await expect(goneOn).rejects.toThrow(/protonet.*begun with another fashion-mnist@28/);
  rmSync(elsewhere, { recursive: true });
});

it("cells of one evaluation get the numbers of groups that each asks for", async () => {
  await completeEvaluation(storeAt(), recipe);
  const cell = (id: string, groups: number, measure: string): Cell =>
    cellOf(id, { evaluation: asking(groups), measure });
  const cells = [
    cell("few", 2, "3-shot centroids"),
    cell("many", 5, "3-shot centroids"),
    cell("more", 50, "centroids of all"),
    cell("none", 5, "30 epochs"),
  ];
  const table = await measuredTable(storeAt(), { id: "", title: "", notes: [], form: "table", cells });
  const measured = table.cells.map((one) => one.measured);
  expect(measured.map((one) => one?.accuracy.n)).toEqual([2, 5, 5, undefined]);
  const known = (await knownGroups(storeAt(), recipe)).map(({ accuracy }) => accuracy["centroids of all"]!);
  expect(measured[2]!.groups).toEqual(known);
  expect(measured[2]!.accuracy.mean).toBeCloseTo(known.reduce((a, b) => a + b) / 5, 12);
});
