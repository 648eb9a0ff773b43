// What the README shows is run as it stands there: the library's lines and the commands on the samples.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const node = (cwd: string, ...args: string[]) => promisify(execFile)(process.execPath, args, { cwd });

/** Like the project of someone who installed pudnet, with the repository's samples and checkpoints beside it. */
let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "pudnet-readme-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(root, join(project, "node_modules", "pudnet"), "junction");
  for (const name of ["samples", "checkpoints"]) symlinkSync(join(root, name), join(project, name), "junction");
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

it("the library's lines work", async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!;
  writeFileSync(join(project, "library.mjs"), code!);
  const { stdout } = await node(project, "library.mjs");
  expect(Number(/held-out accuracy: ([\d.]+) %/.exec(stdout)![1])).toBeGreaterThan(80);
  expect(stdout).toMatch(/label: 'ankle-boot', score: [01]/);
  expect(existsSync(join(project, "out", "fashion-by-library", "classifier.onnx"))).toBe(true);
});

describe("the commands on the samples work", () => {
  const commands = [...readme.matchAll(/^npm run -s pudnet -- ((?:predict|finetune|classify) .*)$/gm)].map(
    ([, args]) => args!,
  );

  it("are three", () => expect(commands).toHaveLength(3));

  it.each(commands)("pudnet %s", async (args) => {
    const { stdout, stderr } = await node(project, join(root, "dist/cli/main.js"), ...args.split(" "));
    expect(stderr).toBe("");
    expect(stdout).toMatch(args.startsWith("classify") ? /0000\.png: bag \d/ : /held-out accuracy: \d/);
  });
});

it("every script of package.json that the documents name is there", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const documents = readme + readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const named = [...documents.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
