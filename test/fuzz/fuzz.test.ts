// A bounded part of `npm run fuzz`: some inputs of every reader, always the same ones, without limits on time or memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadClassifier } from "../../src/node/classifier/classifier-folder.ts";
import { applyEdits } from "./edits.ts";
import { Finding } from "./reader.ts";
import { READERS } from "./readers.ts";
import { classifierSamples, sealClassifier } from "./readers/ours.ts";
import { mutated, roundTrip, text, textOf, writeFiles } from "./subjects.ts";
import { inputFiles, tryInput } from "./try-input.ts";
import fc from "fast-check";

const SEED = 1;
const INPUTS = 30;
/** Some readers refuse nearly all that is edited: so many inputs are tried for one that is accepted. */
const MOST_INPUTS = 400;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-fuzz-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each(Object.keys(READERS))("%s ends in an answer or in an error for people", async (name) => {
  const { accepted, prepare } = READERS[name]!;
  const attempts = await prepare(mkdtempSync(join(folder, "reader-")));
  const endings = { accepted: 0, refused: 0 };
  // Where everything edited is refused, something in front of the reader refuses it, and nothing of it is tried.
  const isTried = () => accepted !== "sound" || endings.accepted > 0;
  for (let index = 0; index < INPUTS || (index < MOST_INPUTS && !isTried()); index++) {
    const outcome = await tryInput(attempts, { seed: SEED, index }, { shrinkMs: 1000 });
    if (outcome.kind === "finding") throw new Finding(`seed ${SEED}, input ${index}: ${outcome.what}`);
    endings[outcome.kind]++;
  }
  expect(isTried()).toBe(true);
  if (name.endsWith("-written")) expect(endings.refused).toBe(0);
});

it("a classifier that is sealed again is read as what it says", async () => {
  const at = mkdtempSync(join(folder, "sealed-"));
  const [sample] = await classifierSamples(at);
  const edited = textOf(sample!, "classifier.json")
    .replaceAll('"cat"', '"lynx"')
    .replace(/("temperature": *)8\.5/, "$19.5"); // a time in it may have these digits, too
  writeFiles(at, await sealClassifier(new Map([...sample!, ["classifier.json", text(edited)]])));
  const { classes, head } = (await loadClassifier(at)).classifier;
  expect([classes, head]).toMatchObject([["lynx", "dög"], { temperature: 9.5 }]);
});

describe("the harness finds", () => {
  const sample = new Map([["a.json", text('{"a": 1, "b": "two"}')]]);
  const firstFinding = async (attempts: Awaited<ReturnType<typeof mutated>>) => {
    for (let index = 0; index < INPUTS; index++) {
      const outcome = await tryInput(attempts, { seed: SEED, index }, { shrinkMs: 1000 });
      if (outcome.kind === "finding") return { index, ...outcome };
    }
  };

  it("an error that is not for people, and makes the input smaller", async () => {
    const attempts = await mutated(
      { samples: [sample], read: (files) => JSON.parse(textOf(files, "a.json")) as unknown },
      "sound",
    );
    const found = await firstFinding(attempts);
    expect(found!.what).toMatch(/^SyntaxError: /);
    const made = await inputFiles(attempts, { seed: SEED, index: found!.index });
    expect(textOf(found!.files, "a.json").length).toBeLessThanOrEqual(textOf(made, "a.json").length + 64);
  });

  it("something damaged that is accepted", async () => {
    const attempts = await mutated({ samples: [sample], read: (files) => textOf(files, "a.json").length }, "same");
    expect((await firstFinding(attempts))!.what).toMatch(/damaged, but accepted/);
  });

  it("content that does not come back", async () => {
    const attempts = roundTrip({
      content: fc.string({ unit: fc.constantFrom(" ", "a") }),
      write: (value) => new Map([["a", text(value)]]),
      read: (files) => textOf(files, "a").trim(),
    });
    expect((await firstFinding(attempts))!.what).toMatch(/is read as something else/);
  });
});

it("an input is a function of seed and number", async () => {
  const attempts = await READERS["csv"]!.prepare(folder);
  const input = async (seed: number, index: number) => textOf(await inputFiles(attempts, { seed, index }), "a.csv");
  expect(await input(1, 7)).toBe(await input(1, 7));
  const many = await Promise.all(Array.from({ length: 50 }, (_, i) => input(1, i)));
  expect(new Set(many).size).toBeGreaterThan(25);
  expect(await input(2, 7)).not.toBe(await input(1, 7));
});

it("edits leave the sample as it is", () => {
  const bytes = text('{"a": 1}');
  const files = new Map([["a.json", bytes]]);
  for (const how of ["flip a bit", "zero bytes", "a value or key", "a number"])
    applyEdits(files, [{ how, file: 0, at: 3, size: 1, value: 5 }]);
  expect(new TextDecoder().decode(bytes)).toBe('{"a": 1}');
});
