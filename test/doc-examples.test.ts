// Runs every @example of src/ and paper/ as it stands in the doc comment, in a folder of its own: `expression // value` is
// checked where the comment is a value, and only run where it is prose. Beside all exports an example sees a small `model`,
// a `dataset` of cats and dogs with its `images` and `labels`, and their `classifier`; in the folder there are pictures of
// both (pets/) and the classifier (predictions/pets-1/). Where a redis-server is installed there is one at `redisUrl`; else examples
// with it are skipped.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { predictClassifier } from "../src/classifier/classifier.ts";
import { saveClassifier } from "../src/node/classifier/classifier-folder.ts";
import { imageSource } from "../src/predict/image-source.ts";
import { easyDataset } from "./easy-data.ts";
import { PETS, writePictures } from "./pictures.ts";
import { noRedis, RedisServer } from "./redis.ts";
import { tinyPudNet } from "./tiny-pudnet.ts";

const ROOT = join(import.meta.dirname, "..");
/** Its example has a test of its own, test/index.test.ts. */
const PUBLIC = "src/index.ts";

interface Example {
  readonly file: string;
  readonly code: string;
}
type Exports = Readonly<Record<string, unknown>>;

const files = ["src", "paper"].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.test)\.ts$/.test(name))
    .map((name) => `${top}/${name.replaceAll("\\", "/")}`),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
const examples = files.filter((file) => file !== PUBLIC).flatMap(examplesOf);
/** The files that export a name. */
const exporting = new Map<string, string[]>();
for (const [file, text] of texts) {
  for (const [, name] of text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm))
    exporting.set(name!, [...(exporting.get(name!) ?? []), file]);
}
const here = process.cwd();
let folder: string;
let given: Exports;
let redis: RedisServer | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pudnet-examples-"));
  given = await fixtures();
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(here);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  return redis?.stop();
});

async function fixtures(): Promise<Exports> {
  vi.stubEnv("PUDNET_CACHE", join(folder, "cache"));
  const model = tinyPudNet({ side: 12 });
  const dataset = easyDataset({ classes: ["cat", "dog"], perClass: 12, side: 12 });
  const images = imageSource(dataset.images, 3 * 12 * 12);
  const { classifier } = await predictClassifier(model, images, dataset.labels, dataset.classes);
  await saveClassifier(join(folder, "predictions/pets-1"), classifier);
  await writePictures(join(folder, "pets"), PETS, 4);
  if (noRedis === undefined) redis = await RedisServer.start();
  return { model, dataset, images, labels: dataset.labels, classifier, redisUrl: redis?.url };
}

describe("examples in doc comments", () => {
  test("are all found", () => {
    const tags = [...texts.values()].flatMap((text) => text.match(/@example/g) ?? []);
    expect(examples.length).toBe(tags.length - 1); // but for that of PUBLIC
  });

  test.for(examples.map(({ file, code }, i) => [`${file}: ${code.split("\n")[0]}`, file, code, i] as const))(
    "%s",
    async ([, file, code, i], { skip }) => {
      if (noRedis !== undefined && /\bredisUrl\b/.test(code)) skip(noRedis);
      const scope = await scopeOf(file, code);
      const lines = code.split("\n").map(checkedLine);
      const path = join(folder, `example-${i}.ts`); // imported, so that types in it are left out as in any other file
      // in a block of its own, where an example may give such a name anew
      writeFileSync(
        path,
        `export default async (check, { ${Object.keys(scope).join(", ")} }) => {{\n${lines.join("\n")}\n}};\n`,
      );
      const { default: run } = (await import(path)) as { default: (check: unknown, scope: Exports) => Promise<void> };
      await run(check, scope);
    },
  );
});

/** What the names in an example stand for: exports of its own file, what is given here, other exports. Loads no other file. */
async function scopeOf(file: string, code: string): Promise<Exports> {
  const scope: Record<string, unknown> = {};
  for (const name of new Set(code.match(/\w+/g))) {
    const from = exporting.get(name) ?? [];
    if (name in given && !from.includes(file)) scope[name] = given[name];
    else if (from.length > 0) {
      const module = (await import(join(ROOT, from.includes(file) ? file : from[0]!))) as Exports;
      scope[name] = module[name];
    }
  }
  return scope;
}

function examplesOf(file: string): Example[] {
  const comments = texts.get(file)!.matchAll(/\/\*\*(.*?)\*\//gs);
  return [...comments].flatMap(([, comment]) => {
    const text = comment!.replaceAll(/^\s*\* ?/gm, "");
    return Array.from(text.matchAll(/@example\s(.*?)(?=\n\s*@|$)/gs), ([, code]) => ({ file, code: code!.trim() }));
  });
}

/** `f(x); // value` becomes a check; declarations and bare calls stay. */
function checkedLine(line: string): string {
  const [, expression, comment] = /^(.*?);?\s*\/\/ (.*)$/.exec(line) ?? [];
  if (expression === undefined || /^(const|let|await using) /.test(expression)) return line;
  return `check(${expression.startsWith("await ") ? `(${expression})` : expression}, ${JSON.stringify(comment)});`;
}

/** Words behind a value are taken for what they are: `true: midpoint, 256 steps`, `"a", where there is none yet`. */
function check(actual: unknown, comment: string): void {
  const text = comment.replace(/^\w+Array (?=\[)/, "");
  const value = /^(["'[{\d-]|true\b|false\b)/.test(text) ? valueOf(text) : undefined;
  if (!value) return; // prose
  const [expected] = value;
  expect(rounded(ArrayBuffer.isView(actual) ? Array.from(actual as Float32Array) : actual, expected)).toEqual(expected);
}

/** The value that a comment begins with, in a list; words may follow it behind a colon or a comma. */
function valueOf(text: string): [unknown] {
  for (const end of [text.length, ...Array.from(text.matchAll(/[:,] /g), ({ index }) => index)]) {
    try {
      // oxlint-disable-next-line typescript/no-implied-eval -- our own doc comments
      return [new Function(`return (${text.slice(0, end)});`)()];
    } catch {}
  }
  throw new Error(`"${text}" begins like a value, but is none`);
}

/** Numbers at the digits that are written: 0.24841 as 0.248 where that is expected. */
function rounded(actual: unknown, expected: unknown): unknown {
  if (typeof actual === "number" && typeof expected === "number") {
    const digits = String(expected).split(".")[1]?.length ?? 0;
    return digits > 0 ? Number(actual.toFixed(digits)) : actual;
  }
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return actual;
  const parts = Object.entries(actual).map(
    ([name, part]) => [name, rounded(part, (expected as Exports)[name])] as const,
  );
  return Array.isArray(actual) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}
