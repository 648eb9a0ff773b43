// Where things go when the user does not say: numbered folders, and paths from where the user stands.

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { expectFailure, PETS, ROOT, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

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
