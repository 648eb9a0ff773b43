import { describe, expect, it } from "vitest";
import { CHOSEN, epochTitle, HEADS, headTitle, ruleTitle } from "pudnet/evaluation";
import { canonicalJson, evaluationIdentity, networkIdentity } from "pudnet/files";
import { BUDGETS } from "./budgets.ts";
import type { Cell } from "../tables/cell.ts";
import { sourceRecipe, withinProtocol } from "./datasets.ts";
import { TABLES } from "../tables/tables.ts";
import { episodicRecipe, metaRecipe, musmlRecipe, pretrainedRecipe, pudnetRecipe, targetOf } from "./networks.ts";
import { type EvaluationRecipe, type MusmlRecipe, type NetworkRecipe, type PretrainedRecipe } from "./recipe.ts";

type Json = number | string | boolean | readonly Json[] | { readonly [name: string]: Json };

/** Every copy of a recipe with one number, word or flag changed, by the path of what was changed. */
function changed(value: Json): [path: string, copy: Json][] {
  if (typeof value === "number") return [["", value + 1]];
  if (typeof value === "string") return [["", `${value}-other`]];
  if (typeof value === "boolean") return [["", !value]];
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return [
      ["length", [...items, items[0]!]],
      ...items.flatMap((item, i) => inside(item, String(i), (copy) => items.with(i, copy))),
    ];
  }
  const record = value as { readonly [name: string]: Json };
  return Object.entries(record).flatMap(([name, child]) =>
    inside(child, name, (copy) => ({ ...record, [name]: copy })),
  );
}

const inside = (child: Json, name: string, whole: (copy: Json) => Json): [string, Json][] =>
  changed(child).map(([path, copy]) => [path === "" ? name : `${name}.${path}`, whole(copy)]);

/** The paths that an identity does not see. */
function unseen<R>(recipe: R, identity: (recipe: R) => unknown): string[] {
  const plain = JSON.parse(JSON.stringify(recipe)) as Json;
  const before = canonicalJson(identity(recipe));
  return changed(plain)
    .filter(([, copy]) => canonicalJson(identity(copy as R)) === before)
    .map(([path]) => path);
}

const { cpu } = BUDGETS;
const setting = { source: "cifar-100-set", arch: "convnet-3", budget: cpu } as const;
const pudnet = pudnetRecipe(setting, { steps: 24_000 });
const machine = { ...pudnet, config: { ...pudnet.config, threads: 2 } };
const NETWORKS: readonly NetworkRecipe[] = [
  pretrainedRecipe({ ...setting, arch: "resnet-18" }, "strong", { neck: "meta-deepbdc" }),
  episodicRecipe("protonet", { ...setting, source: "fashion-set" }, "paper"),
  metaRecipe("meta-baseline", { ...setting, source: "imagenet-100-set" }, "strong"),
  musmlRecipe(setting),
];
const VALIDATION = ["every", "groups", "generation", "test"].map((name) => `validation.${name}`);
const MACHINE = ["name", "data.root", "logEvery", "checkpointSeconds", "device", "threads", ...VALIDATION];
const under = (prefix: string, paths: readonly string[]): string[] => paths.map((path) => `${prefix}.${path}`);

describe("networkIdentity", () => {
  it("of PudNet ignores names, machine settings and validation, and nothing else", () => {
    expect(unseen<NetworkRecipe>(machine, networkIdentity).toSorted()).toEqual(under("config", MACHINE).toSorted());
    expect(canonicalJson(networkIdentity(machine))).toBe(canonicalJson(networkIdentity(pudnet)));
  });

  it.each(NETWORKS.map((recipe) => [recipe.method, recipe] as const))("of %s ignores nothing", (_, recipe) => {
    expect(unseen(recipe, networkIdentity)).toEqual([]);
  });

  it("sees that an option is added", () => {
    const before = canonicalJson(networkIdentity(NETWORKS[1]!));
    const start = pretrainedRecipe({ ...setting, source: "fashion-set" }, "paper");
    expect(canonicalJson(networkIdentity({ ...NETWORKS[1]!, start }))).not.toBe(before);
  });
});

describe("evaluationIdentity", () => {
  const protocol = withinProtocol("cifar-100-set", 500);
  const target = targetOf({ arch: "resnet-18", budget: cpu });
  const place = { target, normalization: sourceRecipe("cifar-100-set"), protocol } as const;
  const EVALUATIONS: readonly EvaluationRecipe[] = [
    { kind: "fixed", network: NETWORKS[2]! as PretrainedRecipe, protocol },
    { kind: "musml", network: NETWORKS[3]! as MusmlRecipe, protocol },
    { kind: "random", ...place },
    { kind: "pixels", ...place },
    {
      kind: "supervised",
      ...place,
      epochs: [1, 30],
      batch: 64,
      optimizer: { algorithm: "adam", learningRate: 1e-3 },
      start: NETWORKS[0]!,
      bodyRate: 0.1,
    },
  ];
  it.each(EVALUATIONS.map((recipe) => [recipe.kind, recipe] as const))(
    "of %s ignores the number of groups, and nothing else",
    (_, recipe) => {
      expect(unseen(recipe, evaluationIdentity)).toEqual(["protocol.groups"]);
    },
  );

  it("of PudNet ignores names, machine settings and validation too, also where it is what a fine-tuning starts from", () => {
    const norm = "running" as const;
    const judged: EvaluationRecipe = { kind: "pudnet", network: machine, norm, protocol };
    const expected = ["protocol.groups", ...under("network.config", MACHINE)];
    expect(unseen(judged, evaluationIdentity).toSorted()).toEqual(expected.toSorted());
    const wrong: EvaluationRecipe = { ...judged, wrongSketch: { ...protocol, seed: 1 } };
    expect(unseen(wrong, evaluationIdentity).toSorted()).toEqual([...expected, "wrongSketch.groups"].toSorted());
    const gated: EvaluationRecipe = { ...judged, strength: "auto" };
    expect(unseen(gated, evaluationIdentity).toSorted()).toEqual(expected.toSorted());
    const tuned: EvaluationRecipe = {
      ...(EVALUATIONS[4] as EvaluationRecipe & { kind: "supervised" }),
      start: machine,
    };
    expect(unseen(tuned, evaluationIdentity).toSorted()).toEqual(
      ["protocol.groups", ...under("start.config", MACHINE)].toSorted(),
    );
  });
});

/** What a recipe's evaluator measures. */
function measuresOf(recipe: EvaluationRecipe): string[] {
  const { shots } = recipe.protocol;
  if (recipe.kind === "supervised") return recipe.epochs.map(epochTitle);
  if (recipe.kind === "musml") return [headTitle("few", shots)];
  const hasRule = recipe.kind === "fixed" && recipe.network.method === "episodic";
  if (hasRule) return [ruleTitle(shots)];
  const heads = HEADS.map((head) => headTitle(head, shots));
  return recipe.kind === "predict" ? [CHOSEN, ...heads] : heads;
}

describe.each(Object.values(BUDGETS))("budget $name", (budget) => {
  describe.each(Object.keys(TABLES))("%s", (id) => {
    const table = TABLES[id]!(budget);
    const { cells } = table;

    it("is called so, and its cells have ids of their own", () => {
      expect(table.id).toBe(id);
      const ids = cells.map((cell) => cell.id);
      expect(ids.filter((cell, i) => ids.indexOf(cell) !== i)).toEqual([]);
      expect(ids.length).toBeGreaterThan(0);
    });

    it("asks each evaluation for what it measures", () => {
      const lost = (cell: Cell): boolean => {
        return !measuresOf(cell.evaluation).includes(cell.measure);
      };
      expect(cells.filter(lost).map((cell) => cell.id)).toEqual([]);
    });

    it("validates PudNet at log lines, where validations are made, and draws tasks that can be drawn", () => {
      for (const { evaluation } of cells) {
        if (evaluation.kind !== "pudnet" || evaluation.network.method === "file") continue;
        const { validation, logEvery, steps, group } = evaluation.network.config;
        expect(validation.every % logEvery === 0 || validation.every === steps).toBe(true);
        expect(group).toMatchObject({ shots: 10, queries: 15, extra: 10 });
        expect(evaluation.protocol.shots).toBeLessThanOrEqual(evaluation.protocol.generation);
      }
    });

    it("has numbers for x in a graph, ascending", () => {
      if (table.form === "table") return;
      for (const row of new Set(cells.map((cell) => cell.row))) {
        const xs = cells.filter((cell) => cell.row === row).map((cell) => Number(cell.column));
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
        expect(xs.every(Number.isFinite)).toBe(true);
      }
    });
  });
});

it("PudNet's recipe is the paper's, but for the falling learning rate", () => {
  const { config } = pudnetRecipe({ ...setting, budget: BUDGETS.full }, { steps: 100_000 });
  expect(config).toMatchObject({
    seed: 0,
    steps: 100_000,
    data: { dataset: "cifar-100", split: "cifar-100-set", trainOn: "train+val", augment: false, turnedClasses: false },
    group: { ways: 5 },
    optimizer: { learningRate: 0.001, decay: "linear" },
    target: { arch: "convnet-3", width: 64 },
  });
});
