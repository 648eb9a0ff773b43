// A checkpoint on the domains of a config: which classes of which are judged, what is kept and gone on with, and what is refused.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { writePictures } from "../../../test/pictures.ts";
import { tinyPudNet } from "../../../test/tiny-pudnet.ts";
import { UserError } from "../../errors.ts";
import { Predictor } from "../../predict/predictor.ts";
import { parseTrainConfig } from "../../train/config.ts";
import { savePudNet } from "../checkpoints/pudnet.ts";
import { evaluateDomains, type EvaluateDomainsRequest } from "./evaluate-domains.ts";

const LIMIT = 300_000;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-domains-"));
  vi.stubEnv("PUDNET_CACHE", join(root, "cache"));
  const classes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, c) => [`class-${c}`, [30 * c, 220 - 25 * c, 90] as const]));
  for (const [name, count] of Object.entries({ food: 8, signs: 8, cards: 3, leaves: 3 }))
    await writePictures(join(root, name), classes(count), 5);
  const split = { train: [0, 1, 2], val: [3, 4], test: [5, 6, 7] };
  const named = Object.entries(split).map(([part, of]) => [part, of.map((c) => `class-${c}`)]);
  await writeFile(join(root, "split.json"), JSON.stringify(Object.fromEntries(named)));
  await savePudNet(join(root, "model"), tinyPudNet());
  await savePudNet(join(root, "static"), tinyPudNet({ predict: "none" }));
}, LIMIT);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

const split = () => join(root, "split.json");
const sources = () => [
  { dataset: "food", split: split() },
  { dataset: "signs", split: split() },
  { dataset: "cards", role: "validation" },
];
function request(more: Partial<EvaluateDomainsRequest> = {}, data: object = {}): EvaluateDomainsRequest {
  const config = parseTrainConfig({ name: "x", data: { sources: sources(), root, side: 16, ...data } }, "test");
  const shape = { ways: 2, generation: 3, test: 2, groups: 3 };
  const asked = { model: join(root, "model"), also: ["leaves"], classes: "test", sketch: "own", shape } as const;
  return { ...asked, data: config.data, seed: 0, threads: 1, ...more };
}
const outOf = (name: string): string => join(root, name);
async function rows(out: string): Promise<Record<string, string>> {
  const files = (await readdir(out)).filter((name) => name.endsWith(".csv"));
  const texts = await Promise.all(files.map((name) => readFile(join(out, name), "utf8")));
  return Object.fromEntries(files.map((name, i) => [/-on-(\w+)-2-way/.exec(name)![1], texts[i]!]));
}

it(
  "judges held-out classes of what was trained on and all of the rest, and keeps a row a group",
  { timeout: LIMIT },
  async () => {
    const predict = vi.spyOn(Predictor.prototype, "sketch");
    const first = await evaluateDomains(request({ out: outOf("records") }));
    expect(first.map(({ name, isTrained }) => [name, isTrained])).toEqual([
      ["food", true],
      ["signs", true],
      ["cards", false],
      ["leaves", false],
    ]);
    for (const { accuracy } of first) expect(Object.values(accuracy).map(({ n }) => n)).toEqual([3, 3]);
    expect(predict).toHaveBeenCalledTimes(12);
    const kept = await rows(outOf("records"));
    expect(Object.keys(kept).toSorted()).toEqual(["cards", "food", "leaves", "signs"]);
    for (const text of Object.values(kept))
      expect(text).toMatch(
        /^group,accuracy: centred centroids,accuracy: closed form,seconds: prediction,error: closed form on left-out images\n0,[\d.]+,[\d.]+,[\d.]+,[\d.]+\n1,.*\n2,.*\n$/,
      );

    const more = request({ out: outOf("records"), shape: { ...request().shape, groups: 4 } });
    const again = await evaluateDomains(more);
    expect(predict).toHaveBeenCalledTimes(16); // the fourth group of each
    expect(Object.values(again[0]!.accuracy)[0]!.n).toBe(4);
  },
);

it(
  "judges validation classes where these are asked for, and other sketches beside the own one",
  { timeout: LIMIT },
  async () => {
    const notes: string[] = [];
    const onNote = (line: string): void => void notes.push(line);
    const val = await evaluateDomains(request({ classes: "val", out: outOf("wrong") }));
    expect(val.length).toBe(4);
    const sketch = vi.spyOn(Predictor.prototype, "sketch");
    const other = await evaluateDomains(
      request({ sketch: "other-classes", classes: "val", out: outOf("wrong"), onNote }),
    );
    expect(other.map(({ name }) => name)).toEqual(["food", "signs"]);
    expect(notes).toEqual([
      "note: cards is left out: has no training classes for another sketch",
      "note: leaves is left out: has no training classes for another sketch",
    ]);
    expect(sketch.mock.calls.map(([, name]) => name)).toEqual(["food", "food", "food", "signs", "signs", "signs"]);
    expect((await readdir(outOf("wrong"))).filter((name) => name.endsWith(".csv")).length).toBe(6);
  },
);

it.each([
  [
    "another sketch of a static network",
    { model: "static", sketch: "mean" },
    {},
    /--sketch mean says nothing .* static network/,
  ],
  [
    "too few classes",
    { shape: { ways: 4, generation: 3, test: 2, groups: 1 } },
    {},
    /groups of "food" .* of its 3 classes 3/,
  ],
  [
    "too few pictures",
    { shape: { ways: 2, generation: 4, test: 2, groups: 1 } },
    {},
    /of 4 \+ 2 pictures, .* 0 have so many/,
  ],
  [
    "validation classes that are trained on",
    { classes: "val" },
    { trainOn: "train+val" },
    /trains on the validation classes/,
  ],
  ["a domain twice", { also: ["cards"] }, {}, /has "cards" twice/],
] as const)("refuses %s", async (_, more, data, message) => {
  const model = join(root, "model" in more ? more.model : "model");
  const error: unknown = await evaluateDomains(request({ ...more, model }, data)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
});

it("refuses a config of one data set", async () => {
  const { data } = parseTrainConfig({ name: "x", data: { dataset: "food", split: split(), root } }, "test");
  await expect(evaluateDomains({ ...request(), data })).rejects.toThrow(/is of one data set/);
});
