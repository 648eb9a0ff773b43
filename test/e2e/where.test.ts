// Where things go when the user does not say: numbered folders, and paths from where the user stands.

import { execFile, spawn, type SpawnOptions } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  expectFailure,
  MAIN,
  PETS,
  ROOT,
  runPudnet,
  temporaryFolder,
  tinyCheckpoint,
  writePictures,
} from "./pudnet.ts";

let cwd: string;
let model: string;
beforeEach(async () => {
  const folder = await temporaryFolder();
  cwd = folder.path;
  model = await tinyCheckpoint(cwd);
  await writePictures(join(cwd, "my pets!"), PETS, 4);
  return () => folder[Symbol.asyncDispose]();
});

describe("without --out", () => {
  it("a new folder is made, numbered and printed, of two at once for each its own", async () => {
    const verbs = ["predict", "finetune", "predict"];
    const ended = await Promise.all(verbs.map((verb) => runPudnet([verb, "my pets!", "--model", model], { cwd })));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const said = ended.map(({ stdout }) => /^classifier: (\S+) /m.exec(stdout)?.[1]);
    const folders = [1, 2, 3].map((n) => join("predictions", `my-pets-${n}`));
    expect(said.toSorted()).toEqual(folders);
    for (const folder of folders) {
      expect((await runPudnet(["classify", folder, "my pets!/cat/0.png"], { cwd })).code).toBe(0);
    }
    const { stdout } = await runPudnet(["predict", "my pets!", "--model", model, "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ out: join("predictions", "my-pets-4") });
  });

  it("nothing is left of what failed, and a file in the way is told before the work", async () => {
    const args = ["predict", "missing", "--model", model];
    await expectFailure(args, { code: 2, message: /there is no such folder/, hint: /pets/ }, { cwd });
    expect(await readdir(cwd)).not.toContain("predictions");
    await writeFile(join(cwd, "predictions"), "mine");
    await expectFailure(
      args,
      { code: 1, message: /"predictions": a file is in the way/, hint: /move that file/ },
      { cwd },
    );
    expect(await readFile(join(cwd, "predictions"), "utf8")).toBe("mine");
  });

  it("pictures are never written among pictures", async () => {
    const args = ["predict", ".", "--model", model];
    const expected = { code: 2, message: /lies in the folder of pictures "."/, hint: /--out/ } as const;
    await expectFailure(args, expected, { cwd: join(cwd, "my pets!") });
  });
});

describe("npm run pudnet", () => {
  it("takes paths from where the user stands, not from the checkout", async () => {
    await mkdir(join(cwd, "below"));
    const npm = ["run", "-s", "--prefix", ROOT, "pudnet", "--", "predict", "../my pets!", "--model", model];
    const { INIT_CWD: _, ...env } = process.env;
    const output = await new Promise<string>((done, failed) => {
      execFile(
        "npm",
        npm,
        { cwd: join(cwd, "below"), env, shell: process.platform === "win32" },
        (error, stdout, stderr) => (error ? failed(new Error(stderr)) : done(stdout)),
      );
    });
    expect(output).toMatch(/^classifier: predictions\/my-pets-1 /m);
    const json = await readFile(join(cwd, "below/predictions/my-pets-1/classifier.json"), "utf8");
    expect(JSON.parse(json)).toMatchObject({ command: expect.stringMatching(/^pudnet predict '..\/my pets!' /) });
  });
});

describe.skipIf(process.platform === "win32")("where there is no", () => {
  const asShell = (script: string, options: SpawnOptions): Promise<{ code: number | null; told: string }> => {
    const child = spawn("sh", ["-c", script, process.execPath, MAIN, model], {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (told += String(text)));
    return new Promise((done) => child.on("close", (code) => done({ code, told })));
  };

  it("current folder any more, the user is told", async () => {
    await mkdir(join(cwd, "gone"));
    const { code, told } = await asShell('rmdir ../gone; "$0" "$1" predict /tmp', { cwd: join(cwd, "gone") });
    expect([code, told]).toEqual([
      2,
      expect.stringMatching(/^error: the folder .* is no longer there\nhint: change to/),
    ]);
  });

  it("home, nothing is cached", async ({ skip }) => {
    const asNobody = "setpriv --reuid 54321 --regid 54321 --clear-groups env -u HOME -u PUDNET_CACHE";
    if ((await asShell(`${asNobody} test -r "$1" -a -x "$0"`, { cwd })).code !== 0) {
      skip("running as a user without a name needs root on Linux, and a checkout that others may read");
    }
    await chmod(cwd, 0o777);
    const { code, told } = await asShell(`${asNobody} "$0" "$1" predict "my pets!" --model "$2"`, { cwd });
    expect(told).toMatch(/^classifier: predictions\/my-pets-1 /m);
    expect(code).toBe(0);
  });
});
