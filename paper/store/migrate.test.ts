// A store of version 0.1 is taken over: identities of all cells, networks and evaluations on disk, killed at any change to the disk.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "pudnet/engine";
import { HEADS } from "pudnet/evaluation";
import { evaluationIdentity, identityHash, networkIdentity, readRecord, RunFolder } from "pudnet/files";
import { BUDGETS } from "../recipes/budgets.ts";
import type { EvaluationRecipe, TrainedRecipe } from "../recipes/recipe.ts";
import { TABLES } from "../tables/tables.ts";
import { evaluationName, knownGroups } from "./evaluations.ts";
import { openStore, requireOpened } from "./migrate.ts";
import { networkFolder, networkName } from "./networks.ts";
import { evaluationIdentity1, migrated, networkIdentity1 } from "./older-identities.ts";
import { Store } from "./store.ts";

/** Changes to the disk: from the one after `left` on all fail, as if the process had been killed. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, changes: 0 }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const mortal = <F extends (...args: never[]) => unknown>(change: F, isChange: (...args: unknown[]) => boolean): F =>
    (async (...args: Parameters<F>) => {
      if (isChange(...args)) {
        disk.changes++;
        if (disk.left-- <= 0) throw new Error("killed");
      }
      return change(...args);
    }) as unknown as F;
  const always = () => true;
  return {
    ...real,
    rename: mortal(real.rename, always),
    rm: mortal(real.rm, always),
    rmdir: mortal(real.rmdir, always),
    link: mortal(real.link, always),
    mkdir: mortal(real.mkdir, always),
    writeFile: mortal(real.writeFile, always),
    open: mortal(real.open, (_, flags = "r") => flags !== "r"),
  };
});

const cells = Object.values(BUDGETS).flatMap((budget) => Object.values(TABLES).flatMap((make) => make(budget).cells));
const cellOf = (table: string, id: string): EvaluationRecipe =>
  TABLES[table]!(BUDGETS.cpu).cells.find((one) => one.id === id)!.evaluation;

describe("identities", () => {
  it("of 0.1 are what it named its results by", () => {
    const hashOf = (table: string, id: string, heads?: readonly string[]): string =>
      identityHash(evaluationIdentity1(cellOf(table, id), heads));
    const column = "convnet-3/cifar-100-set";
    expect(hashOf("table-7", `${column}/pudnet`, HEADS)).toBe("c38bd03f00");
    expect(hashOf("table-7", `${column}/protonet`, ["few"])).toBe("a8d21137d1");
    expect(hashOf("table-7", `${column}/meta-deepbdc`, ["few"])).toBe("8c9790123c");
    expect(hashOf("table-7", `${column}/adam-1`)).toBe("fabb769096");
    expect(hashOf("table-7", `${column}/musml`)).toBe("f7c238c8a6");
    expect(hashOf("table-7", `${column}/random`, HEADS)).toBe("4923b37661");
    expect(hashOf("table-6", "convnet-3/fashion-set/no-kl", ["few"])).toBe("adf610b295");
  });

  it("of 0.1 become those of now, for all cells of all budgets", () => {
    for (const { evaluation } of cells) {
      const now = evaluationIdentity(evaluation);
      for (const heads of [undefined, ["few"], HEADS])
        expect(migrated(evaluationIdentity1(evaluation, heads))).toEqual(now);
      if (!("network" in evaluation)) continue;
      expect(migrated(networkIdentity1(evaluation.network))).toEqual(networkIdentity(evaluation.network));
    }
    expect(cells.length).toBeGreaterThan(4000);
  });

  it("of now stay what they are", () => {
    for (const { evaluation } of cells) {
      const now = evaluationIdentity(evaluation) as ReturnType<typeof migrated>;
      expect(migrated(now)).toEqual(now);
    }
  });
});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "pudnet-older-"));
  [disk.left, disk.changes] = [Number.POSITIVE_INFINITY, 0];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const storeAt = (out: string): Store => new Store({ out: join(home, out), root: join(home, "data"), print: () => {} });
const write = (path: string, content: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
};

const machine = { cpu: "a CPU", cores: 2, memoryGiB: 4, system: "linux" };
const own = { pudnet: "0.1.0", command: "pudnet reproduce table-6", machine, versions: { node: "20.20.2" } };
const pudnet = cellOf("table-6", "convnet-3/fashion-set/pudnet") as EvaluationRecipe & { readonly kind: "pudnet" };
const protonet = cellOf("table-7", "convnet-3/cifar-100-set/protonet") as EvaluationRecipe & { readonly kind: "fixed" };
const adam = cellOf("table-7", "convnet-3/cifar-100-set/adam-1");
const FEW_CSV = "group,accuracy: 10-shot centroids,seconds: prediction\n0,0.9,0.05\n1,0.8,0.06\n";
const ALL_CSV =
  "group,accuracy: 10-shot centroids,accuracy: centroids of all,accuracy: closed form on all,seconds: prediction\n" +
  "0,0.9,0.91,0.95,0.07\n1,0.8,0.85,0.9,0.08\n2,0.7,0.75,0.8,0.09\n";

function oldName(recipe: EvaluationRecipe, heads?: readonly string[]): string {
  const [what, where] = evaluationName(recipe)
    .replace(/-[0-9a-f]{10}$/, "")
    .split("-on-");
  const older = "network" in recipe ? what!.replace(/[0-9a-f]{10}$/, networkHash(recipe.network)) : "scratch-convnet-3";
  return `${older}-on-${where}-${identityHash(evaluationIdentity1(recipe, heads))}`;
}

const networkHash = (recipe: Parameters<typeof networkIdentity1>[0]): string => identityHash(networkIdentity1(recipe));
const oldNetworkName = (recipe: TrainedRecipe): string =>
  networkName(recipe).replace(/[0-9a-f]{10}$/, networkHash(recipe));

/** What version 0.1 left in <out>/. */
async function writeOlder(out: string): Promise<void> {
  const folder = join(home, out);
  for (const network of [pudnet.network, protonet.network] as TrainedRecipe[]) {
    const facts = { steps: 3, recipe: networkIdentity1(network), madeFrom: { "fashion-mnist@28": "0123456789abcdef" } };
    const name = oldNetworkName(network);
    const options = { config: {}, columns: ["loss"], facts, number: 1 };
    const run = await RunFolder.create(join(folder, "networks"), name, options);
    await run.close();
    write(run.checkpointPath("last"), `weights of ${network.method}`);
    mkdirSync(join(folder, "networks", ".claims", name), { recursive: true });
  }
  write(join(folder, "networks", "weights-fashion-mnist-own-0123456789.safetensors"), "samples");
  const evaluation = (recipe: EvaluationRecipe, heads: readonly string[] | undefined, csv: string, more = {}): void => {
    const record = {
      recipe: evaluationIdentity1(recipe, heads),
      madeFrom: { network: "0123456789abcdef" },
      ...own,
      ...more,
    };
    write(join(folder, "evaluations", `${oldName(recipe, heads)}.csv`), csv);
    write(join(folder, "evaluations", `${oldName(recipe, heads)}.json`), JSON.stringify(record));
  };
  evaluation(pudnet, ["few"], FEW_CSV);
  evaluation(pudnet, HEADS, ALL_CSV, { continued: [{ fromGroup: 2, ...own }] });
  evaluation(adam, undefined, "group,accuracy: 1 epoch,seconds: 1 epoch\n0,0.6,1.5\n");
  const curve = ["Fashion-set", oldNetworkName(pudnet.network as TrainedRecipe), "50", "0.8", "3.3"].join();
  write(join(folder, "figure-7", "curves.csv"), `source,network,step,metric,total\n${curve}\nx,a-0123456789,50,1,1\n`);
}

/** All files with their contents, but for locks and what a killed process was writing. */
function filesOf(out: string): Record<string, string> {
  const folder = join(home, out);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !/\.tmp-|lock$/.test(path));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

describe("a store of 0.1", () => {
  it("is taken over: networks and samples as they are, evaluations that differed in heads merged", async () => {
    await writeOlder("out");
    const store = storeAt("out");
    await openStore(store);
    expect(readdirSync(join(home, "out")).toSorted()).toEqual(["figure-7", "store"]);
    expect(readdirSync(store.workPath("networks")).toSorted()).toEqual(
      [
        `${networkName(pudnet.network)}-1`,
        `${networkName(protonet.network)}-1`,
        "weights-fashion-mnist-own-0123456789.safetensors",
      ].toSorted(),
    );
    await using run = await RunFolder.open(networkFolder(store, pudnet.network as TrainedRecipe));
    expect(run.record["recipe"]).toEqual(networkIdentity(pudnet.network as TrainedRecipe));
    expect(run.record.name).toBe(`${networkName(pudnet.network)}-1`);
    expect(readFileSync(run.checkpointPath("last"), "utf8")).toBe("weights of pudnet");

    const record = (await readRecord(store.workPath("evaluations", evaluationName(pudnet))))!;
    expect(record.identity).toEqual(evaluationIdentity(pudnet));
    expect(record.groups).toHaveLength(3);
    expect(record.groups[0]).toEqual({
      accuracy: { "10-shot centroids": 0.9, "centroids of all": 0.91, "closed form on all": 0.95 },
      seconds: { prediction: 0.07, "prediction, one head": 0.05 },
    });
    expect(record.groups[2]!.seconds).toEqual({ prediction: 0.09 });
    expect(record.sessions.map(({ fromGroup }) => fromGroup).toSorted()).toEqual([0, 2]);
    expect(await knownGroups(store, adam)).toEqual([{ accuracy: { "1 epoch": 0.6 }, seconds: { "1 epoch": 1.5 } }]);

    const curves = readFileSync(store.path("figure-7", "curves.csv"), "utf8");
    expect(curves).toBe(
      `source,network,step,metric,total\nFashion-set,${networkName(pudnet.network)},50,0.8,3.3\nx,a-0123456789,50,1,1\n`,
    );
    const renamed = readFileSync(store.workPath("renamed.csv"), "utf8");
    expect(renamed).toContain(`${oldNetworkName(pudnet.network as TrainedRecipe)},${networkName(pudnet.network)}\n`);
    expect(renamed).toContain(`${oldName(pudnet, ["few"])},${evaluationName(pudnet)}\n`);
    expect(JSON.parse(readFileSync(store.workPath("store.json"), "utf8"))).toEqual({ format: 2 });
  });

  it("is the same after a kill at any change to the disk", async () => {
    await writeOlder("older");
    const opened = async (out: string): Promise<void> => {
      cpSync(join(home, "older"), join(home, out), { recursive: true });
      await openStore(storeAt(out));
    };
    disk.changes = 0;
    await opened("undisturbed");
    const { changes } = disk;
    const expected = filesOf("undisturbed");
    expect(changes).toBeGreaterThan(40);
    for (let left = 0; left < changes; left++) {
      disk.left = left;
      const end = await opened("killed").then(
        () => "opened", // what fails at the very end is of no importance: the lock and empty folders
        (error: Error) => error.message,
      );
      disk.left = Number.POSITIVE_INFINITY;
      expect(end).toMatch(/killed|opened/);
      await openStore(storeAt("killed"));
      expect([left, filesOf("killed")]).toEqual([left, expected]);
      rmSync(join(home, "killed"), { recursive: true });
    }
  }, 120_000);

  it("is left as it is where two evaluations that are to be one disagree", async () => {
    await writeOlder("out");
    const file = join(home, "out", "evaluations", `${oldName(pudnet, ["few"])}.csv`);
    writeFileSync(file, FEW_CSV.replace("1,0.8", "1,0.81"));
    const error: unknown = await openStore(storeAt("out")).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(UserError);
    const other = join(home, "out", "evaluations", `${oldName(pudnet, HEADS)}.csv`);
    expect((error as UserError).message).toBe(
      `"${other}" and "${file}" disagree: 10-shot centroids of group 1 is 0.8 and 0.81`,
    );
    expect(existsSync(file) && existsSync(other)).toBe(true);
  });

  it("is not taken over by what only reads, and not passed over", async () => {
    await writeOlder("out");
    const before = filesOf("out");
    await expect(requireOpened(storeAt("out"))).rejects.toThrow(/evaluations" is of an older version/);
    expect(filesOf("out")).toEqual(before);
    await openStore(storeAt("out"));
    await requireOpened(storeAt("out"));
    await requireOpened(storeAt("nothing-yet"));
    expect(existsSync(join(home, "nothing-yet"))).toBe(false);
  });
});

it("a store of a newer version is refused", async () => {
  const store = storeAt("out");
  await openStore(store);
  expect(filesOf("out")).toEqual({ [join("store", "store.json")]: '{"format":2}\n' });
  write(store.workPath("store.json"), '{"format":3}');
  for (const open of [openStore, requireOpened]) await expect(open(storeAt("out"))).rejects.toThrow(/is of format 3/);
});
