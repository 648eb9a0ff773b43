// Meta-training with several groups a step: however many processes share them, and whichever of them are killed, the numbers
// are the same, and nothing is left behind.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./pudnet.ts";
import { run, start, writeTinyMixture } from "./tiny-training.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
  await writeTinyMixture(home.path);
});
afterAll(() => home[Symbol.asyncDispose]());

/** Ids of the processes that trained here. */
const trained: number[] = [];
function begin(...args: readonly string[]): ReturnType<typeof start> {
  const running = start(home.path, ...args);
  trained.push(running.pid);
  return running;
}

const SHORT = ["--set", "steps=30", "--set", "validation.every=15"];
const train = (name: string, parallel: readonly string[], ...more: readonly string[]) => [
  "train",
  "--config",
  name.startsWith("mixture") ? "mixture.yaml" : "config.yaml",
  ...SHORT,
  ...parallel.flatMap((one) => ["--set", one]),
  "--set",
  `name=${name}`,
  ...more,
];
/** What a run is judged by: its rows, and its weights. */
const outcome = (name: string) => ({
  rows: readFileSync(join(home.path, "runs", `${name}-1`, "metrics.csv"), "utf8"),
  weights: readFileSync(join(home.path, "runs", `${name}-1`, "checkpoints", "last.safetensors")),
});

/** Linux lists the children of a process. */
const childrenOf = (parent: number): string => `/proc/${parent}/task/${parent}/children`;
const listsChildren = existsSync(childrenOf(process.pid));

/** The processes that compute groups for the process `parent`; none once that has ended. */
function workersOf(parent: number): number[] {
  if (!existsSync(childrenOf(parent))) return [];
  return readFileSync(childrenOf(parent), "utf8").split(" ").filter(Boolean).map(Number);
}

describe.each([
  ["gradients", ["groupsPerStep=3"]],
  ["states after local steps", ["groupsPerStep=3", "localSteps=5"]],
] as const)("where %s are averaged", (kind, parallel) => {
  const name = kind.replaceAll(" ", "-");

  it("one process and three give the same run", async () => {
    for (const workers of ["1", "3"]) {
      const running = begin(...train(`${name}-by-${workers}`, parallel, "--workers", workers));
      expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
    }
    expect(outcome(`${name}-by-3`)).toEqual(outcome(`${name}-by-1`));
  });

  it.skipIf(!listsChildren)("workers that are killed are replaced, and change nothing", async () => {
    const running = begin(...train(`${name}-killed`, parallel, "--workers", "2"));
    let killed = 0;
    for (let row = 1; row <= 5; row++) {
      await running.rows(row);
      const [victim] = workersOf(running.pid);
      if (victim === undefined) continue;
      process.kill(victim, "SIGKILL");
      killed++;
    }
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(killed).toBeGreaterThan(2);
    expect(outcome(`${name}-killed`)).toEqual(outcome(`${name}-by-1`));
  });

  it("a run that is killed goes on to the same end, and its processes end with it", async () => {
    const running = begin(...train(`${name}-resumed`, parallel, "--workers", "2"));
    await running.rows(3);
    const workers = workersOf(running.pid);
    running.stop("SIGKILL");
    await running.ended;
    const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);
    while (workers.some(isThere)) await new Promise((done) => setTimeout(done, 50));
    const path = join("runs", `${name}-resumed-1`);
    expect(await begin("train", "--resume", path, "--workers", "3").ended).toMatchObject({ code: 0 });
    expect(outcome(`${name}-resumed`)).toEqual(outcome(`${name}-by-1`));
  });
});

it(
  "a mixture, with groups of several shapes and a sketch for each domain, gives the same run, killed and gone on with",
  { timeout: 900_000 },
  async () => {
    const of = ["groupsPerStep=2", "pudnet.sketch=domain"];
    expect(await begin(...train("mixture-alone", of, "--workers", "1")).ended).toMatchObject({ code: 0 });
    const running = begin(...train("mixture-killed", of, "--workers", "2"));
    await running.rows(4);
    running.stop("SIGKILL");
    await running.ended;
    const resumed = await begin("train", "--resume", join("runs", "mixture-killed-1"), "--workers", "2").ended;
    expect(resumed).toMatchObject({ code: 0 });
    expect(outcome("mixture-killed")).toEqual(outcome("mixture-alone"));
    expect(resumed.stdout).toMatch(/ {2}shapes-3: 3 training classes, 50\.0 % of the steps\n/);
    expect(resumed.stdout).toMatch(/ {2}validation: pictures \d+\.\d %, tones-3 \d+\.\d %\n/);
  },
);

it.skipIf(!existsSync("/dev/shm"))("leaves nothing in memory", () => {
  const owner = (name: string) => Number(/^pudnet-groups\.tmp-\w+-(\d+)-\d+$/.exec(name)?.[1]);
  expect(readdirSync("/dev/shm").filter((name) => trained.includes(owner(name)))).toEqual([]);
});

it("workers without groups to share are bad use", async () => {
  const { code, stderr } = await run(home.path, ...train("alone", [], "--workers", "2"));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: 2 workers have nothing to share: a step is one group\nhint: set groupsPerStep/);
});
