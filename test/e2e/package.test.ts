// The package packed and installed elsewhere: it holds what it needs and no more, its types compile with every check on,
// and it does all that the README shows, with and without the native runtime.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "../built-program.ts";
import { jsonOf, tinyCheckpoint } from "./pudnet.ts";
import { addNativeRuntime, installed, installPacked } from "./packed.ts";

const MOST_BYTES = 150e6;
const PICTURE = "samples/fashion-unseen/bag/0000.png";
const EXAMPLES = join(ROOT, "examples");
const examples = readFileSync(join(EXAMPLES, "README.md"), "utf8");
const isProgram = (name: string): boolean => name.endsWith(".mjs");
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const source = readFileSync(join(ROOT, "src/index.ts"), "utf8");

const packed = await installPacked();
const reason = typeof packed === "string" ? packed : undefined;
const project = typeof packed === "string" ? "" : packed.project;
afterAll(() => (typeof packed === "string" ? undefined : packed.remove()));

it.runIf(reason !== undefined)(`SKIPPED: the packed package, ${reason}`, () => {});

describe.skipIf(reason !== undefined)("the packed package", () => {
  it("has all that publint looks for", async () => {
    const { messages } = await publint({ pkgDir: installed(project), pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it("takes less than 150 MB with all it depends on, without the native runtime", () => {
    const modules = join(project, "node_modules");
    const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.reduce((total, { parentPath, name }) => total + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(readdirSync(modules).filter((name) => name.startsWith("onnxruntime"))).toEqual(["onnxruntime-common"]);
  });

  it("holds the page", () => {
    for (const name of ["index.html", "model.safetensors", "service-worker.js"])
      expect(statSync(join(installed(project), "dist/web", name)).size).toBeGreaterThan(100);
  });

  it("names no place of the machine it was built on", () => {
    const text = /\.(js|ts|json|md|yaml|cff|txt)$/;
    const files = readdirSync(installed(project), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && text.test(entry.name),
    );
    expect(files.length).toBeGreaterThan(100);
    const naming = files.filter(({ parentPath, name }) => {
      const content = readFileSync(join(parentPath, name), "utf8");
      // the page has libraries in it, which speak of schemes and of registries of their own
      const ours = parentPath.startsWith(join(installed(project), "dist/web")) ? [] : ["registry.", "file://"];
      return [ROOT, project, ...ours].some((place) => content.includes(place));
    });
    expect(naming.map(({ name }) => name)).toEqual([]);
  });

  it("has types that compile under strict, with library files checked and no types of Node", async () => {
    await writeFile(join(project, "readme.ts"), codeOf(readme));
    await writeFile(join(project, "module.ts"), moduleExample());
    await writeFile(join(project, "all.ts"), 'export * from "pudnet";\n');
    const options = { skipLibCheck: false, types: [], target: "es2022" };
    for (const modules of [{ module: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }])
      expect(await compile(["*.ts"], { ...options, ...modules })).toMatchObject({ code: 0, stdout: "" });
  });

  describe("without the native runtime", () => {
    it("predicts and classifies by WebAssembly, and says so once, with what it costs and what helps", async () => {
      const model = await tinyCheckpoint(project, { side: 28, width: 8 });
      const predicting = ["predict", "samples/fashion-unseen", "--model", model, "--out", "out/web"];
      for (const args of [predicting, ["classify", "out/web", PICTURE]]) {
        const { code, stderr } = await pudnet(...args);
        expect(code).toBe(0);
        expect(stderr).toMatch(/^note: onnxruntime-node .*WebAssembly.* 2 to 4 times the time; .*\n$/);
      }
      const made = JSON.parse(readFileSync(join(project, "out/web/classifier.json"), "utf8")) as {
        readonly versions: Readonly<Record<string, string>>;
      };
      expect(made.versions).toMatchObject({ "onnxruntime-web": expect.stringMatching(/^1\./) });
      expect(made.versions).not.toHaveProperty("onnxruntime-node");
    });

    it("has nothing to say where nothing is computed", async () => {
      expect(await pudnet("--version")).toMatchObject({ code: 0, stderr: "" });
      expect(await pudnet("classify", "--help")).toMatchObject({ code: 0, stderr: "" });
    });

    it("a queue says which packages it needs", async () => {
      const { code, stderr } = await pudnet("worker", "--queue", "redis://127.0.0.1:1");
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /bullmq and ioredis, which are not installed\nhint: npm install bullmq@6\.\S+ ioredis@6\.\S+\n$/,
      );
    });

    it("pudnet checks works, and tells what is missing", async () => {
      const { code, stdout } = await pudnet("checks", "--json");
      expect(code).toBe(0);
      const { works, checks } = jsonOf("checks", stdout);
      expect(works).toBe(true);
      const native = checks.find(({ name }) => name === "onnxruntime-node");
      expect(native).toMatchObject({ status: "warning", found: expect.stringContaining("WebAssembly") });
      expect(checks.find(({ name }) => name === "onnxruntime-web")?.status).toBe("good");
      expect(checks.find(({ name }) => name === "CPU")).toMatchObject({ status: "warning", mend: native?.mend });
    });
  });

  describe("with the native runtime, as the README shows it:", () => {
    it("the quickstart", async () => {
      await addNativeRuntime(project);
      const { code, stdout, stderr } = await pudnet("quickstart", "--epochs", "1");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("PudNet, predicted");
      for (const name of ["clothes", "icons"])
        expect(existsSync(join(project, "quickstart-results", name, "report.html"))).toBe(true);
    });

    const commands = [...readme.matchAll(/^npm run -s pudnet -- ((?:predict|finetune|classify) .*)$/gm)].map(
      ([, args]) => args!,
    );
    it("three commands on the samples", () => expect(commands).toHaveLength(3));
    it.each(commands)("pudnet %s", async (args) => {
      const sooner = args.startsWith("finetune") ? ["--epochs", "1", "--no-compare"] : [];
      const { stdout, stderr } = await pudnet(...args.split(" "), ...sooner);
      expect(stderr).toBe("");
      expect(stdout).toMatch(args.startsWith("classify") ? /0000\.png: bag \d/ : /held-out accuracy: \d/);
    });

    it("the library", async () => {
      await writeFile(join(project, "library.mjs"), codeOf(readme));
      const { stdout } = await node("library.mjs");
      expect(Number(/held-out accuracy: ([\d.]+) %/.exec(stdout)![1])).toBeGreaterThan(80);
      expect(stdout).toMatch(/label: 'ankle-boot', score: [01]/);
      expect(existsSync(join(project, "out", "fashion-by-library", "classifier.onnx"))).toBe(true);
    });
  });

  describe("the examples", () => {
    it("compile", async () => {
      const typeRoots = [join(ROOT, "node_modules", "@types")];
      const options = {
        allowJs: true,
        checkJs: true,
        skipLibCheck: true,
        module: "nodenext",
        typeRoots,
        types: ["node"],
      };
      expect(await compile(["examples/*.mjs"], options)).toMatchObject({ code: 0, stdout: "" });
    });

    const told = [...examples.matchAll(/`node examples\/(\S+) /g)].map(([, name]) => name!);
    it("are all told of", () => expect(told.toSorted()).toEqual(readdirSync(EXAMPLES).filter(isProgram).toSorted()));

    it.each([
      {
        args: ["predict-folder.mjs", "samples/fashion-unseen", "out/example"],
        says: /right: (9\d|100)\.\d % of 200 held back/,
      },
      { args: ["test-classifier.mjs", "out/example", "samples/fashion-unseen"], says: /bag: 2\d\d of 250/ },
      { args: ["onnx-alone.mjs", "out/example", PICTURE], says: /0000\.png: bag 9\d/ },
      {
        args: ["sort-pictures.mjs", "out/example", "samples/fashion-unseen/bag", "sorted"],
        says: /sorted 250 pictures/,
      },
      { args: ["fine-tune.mjs", "samples/fashion-unseen", "out/example-tuned", "1"], says: /epoch 1: (9\d|100)\.\d %/ },
      {
        args: ["meta-train.mjs", "samples/fashion-unseen", "tiny.safetensors", "20"],
        says: /step 20: \d+\.\d % on pic/,
      },
    ])("$args", async ({ args: [program, ...rest], says }) => {
      const { code, stdout, stderr } = await node(join("examples", program!), ...rest);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(says);
    });

    it("leave what they say", () => {
      const places = readdirSync(join(project, "sorted")).filter((name) => !["unsure", "unknown"].includes(name));
      expect(places).toEqual(["bag"]);
      expect(existsSync(join(project, "tiny.safetensors"))).toBe(true);
    });
  });

  it("without the bundled checkpoint the library says what is missing", async () => {
    await rm(join(installed(project), "checkpoints"), { recursive: true });
    const { code, stderr } = await pudnet("predict", "samples/fashion-unseen", "--out", "out/none");
    expect(code).toBe(2);
    expect(stderr).toContain('base-resnet-8.safetensors" is missing');
  });
});

it("the documents name the scripts of package.json, and no others", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
  const documents = readme + readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const named = [...documents.matchAll(/npm (?:run (?:-s )?([a-z:]+)|(test)\b)/g)].map(([, run, test]) => run ?? test);
  expect(new Set(named)).toEqual(new Set(Object.keys(scripts).filter(isRun)));
});

/** Not a script that npm runs by itself. */
const isRun = (script: string): boolean => script !== "prepack";

/** The TypeScript of a document. */
function codeOf(text: string): string {
  return /```ts\n(.*?)```/s.exec(text)![1]!;
}

/** The @example of src/index.ts. */
function moduleExample(): string {
  return /@example\n(.*?)\n \* @module/s.exec(source)![1]!.replaceAll(/^ \* ?/gm, "");
}

/** Runs the project's compiler on files of the folder. */
async function compile(include: readonly string[], options: object) {
  const compilerOptions = { strict: true, noEmit: true, ...options };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  return await node(join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", project);
}

const pudnet = (...args: string[]) => node(join(installed(project), "dist/cli/main.js"), ...args);

function node(...args: string[]) {
  const env = { ...process.env, PUDNET_CACHE: join(project, "cache") };
  return promisify(execFile)(process.execPath, args, { cwd: project, env }).then(
    (said) => ({ code: 0, ...said }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}
