// pudnet data make as people run it; no network is needed, and none is used.

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectFailure, expectNothingAt, runPudnet, temporaryFolder } from "./pudnet.ts";

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeAll(async () => {
  home = await temporaryFolder();
  cwd = home.path;
});
afterAll(() => home[Symbol.asyncDispose]());

it("makes a set, keeps it, and does not overwrite it by another", async () => {
  const made = await runPudnet(["data", "make", "shapes", "--size", "2"], { cwd });
  const classes = await readdir(join(cwd, "data", "shapes"));
  expect(made.stdout).toMatch(/^\d+ classes x 2 pictures made: data[/\\]shapes\n$/);
  expect(classes).toContain("ring");
  const kept = await runPudnet(["data", "make", "shapes", "--size", "2"], { cwd });
  expect(kept.stdout).toMatch(/classes x 2 pictures kept: data/);
  const other = {
    code: 2,
    message: /is there already, made with another seed/,
    hint: /rm -r data.shapes.*--root/,
  } as const;
  await expectFailure(["data", "make", "shapes", "--size", "3"], other, { cwd });
});

it("names the packages of a set, exactly", async () => {
  const { stdout } = await runPudnet(["data", "make", "icons-test", "--packages"]);
  expect(stdout).toMatch(/^@iconify-json\/ph@\d+\.\d+\.\d+\n$/);
});

it.each([
  [
    "an unknown set",
    ["icon-train"],
    { code: 2, message: /no made set "icon-train"/, hint: /did you mean icons-train\?/ },
  ],
  [
    "a folder without the packages",
    ["emoji", "--from", "empty"],
    { code: 2, message: /no iconify-json-noto-/, hint: /npm pack @iconify-json\/noto@/ },
  ],
  ["one picture a class", ["shapes", "--size", "1"], { code: 2, message: /Expected a whole number from 2/, hint: /./ }],
] as const)("refuses %s", async (_, args, expected) => {
  await mkdir(join(cwd, "empty"), { recursive: true });
  await expectFailure(["data", "make", ...args, "--root", "elsewhere"], expected, { cwd });
});

it("says what to do without npm", async () => {
  const without = { code: 1, message: /cannot run npm: it is not there/, hint: /--from/ } as const;
  await expectFailure(["data", "make", "icons-test", "--root", "nothing"], without, { cwd, env: { PATH: cwd } });
  await expectNothingAt(join(cwd, "nothing"), "icons-test");
});
