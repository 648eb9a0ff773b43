// The quickstart on the sample pictures, with a hypernetwork nobody has trained and a short training beside it.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseCsv } from "../../src/formats/csv.ts";
import { expectFailure, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

it("quickstart compares on both samples, says where everything lies, and can be run again", async () => {
  await using folder = await temporaryFolder();
  const model = await tinyCheckpoint(folder.path, { side: 28, width: 8 });
  const run = (...more: string[]) =>
    runPudnet(["quickstart", "--model", model, "--epochs", "2", "--out", "results", ...more], { cwd: folder.path });
  const made = await run();
  expect(made).toMatchObject({ code: 0, stderr: "" });
  for (const line of [
    /PudNet, predicted \| +\d/,
    /Adam from scratch, 2 epochs \| +\d/,
    /^report: +results\/clothes\/report.html$/m,
    /^report: +results\/icons\/report.html$/m,
  ])
    expect(made.stdout).toMatch(line);
  const read = (name: string): Promise<string> => readFile(join(folder.path, "results", name), "utf8");
  const [header, ...rows] = parseCsv(await read("clothes/comparison.csv"));
  expect(header).toEqual(["method", "accuracy", "low95", "high95", "n", "seconds", "ratio"]);
  expect(rows.map((cells) => cells[4])).toEqual(Array(5).fill("400"));
  const [, ...ofIcons] = parseCsv(await read("icons/comparison.csv"));
  expect(ofIcons.map((cells) => cells[4])).toEqual(Array(5).fill("160"));
  const report = await read("clothes/report.html");
  expect(report).toContain("ankle-boot");
  expect(report.match(/data:image\/png;base64,iVBOR/g)!.length).toBeGreaterThanOrEqual(48);
  expect(await read("icons/report.html")).toContain("lighthouse");

  const picture = join(import.meta.dirname, "../../samples/fashion-unseen/bag/0000.png");
  expect((await runPudnet(["classify", "results/clothes/classifier", picture], { cwd: folder.path })).code).toBe(0);
  const other = await run("--norm", "running", "--head", "centroids");
  expect(other.code).toBe(0); // replaces its own results
  const [, again] = parseCsv(await read("clothes/comparison.csv"));
  expect(again![1]).not.toBe(rows[0]![1]);
});

it("quickstart shows what it is given, with the network that comes with the package", async () => {
  await using folder = await temporaryFolder();
  await writePictures(join(folder.path, "paint"), { ochre: [200, 120, 20], mauve: [180, 120, 220] }, 5);
  const { code, stderr, stdout } = await runPudnet(["quickstart", "--data", "paint", "--epochs", "1"], {
    cwd: folder.path,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("3 a class to learn from, 2 held out");
  expect(stdout).toMatch(/General network \| +\d/);
  expect(existsSync(join(folder.path, "quickstart-results", "report.html"))).toBe(true);
});

it("quickstart refuses classes that the hypernetwork knows, and folders that cannot be used", async () => {
  await using folder = await temporaryFolder();
  const model = await tinyCheckpoint(folder.path, { side: 28, width: 8 });
  const fail = (data: string, message: RegExp, hint: RegExp) =>
    expectFailure(["quickstart", "--model", model, "--data", data], { code: 2, message, hint }, { cwd: folder.path });
  await writePictures(join(folder.path, "known"), { A: [200, 0, 0], other: [0, 200, 0] }, 2);
  await fail("known", /class "A" was used to train this PudNet/, /--data/);
  await fail("no-such-folder", /no-such-folder/, /./);
  expect(existsSync(join(folder.path, "quickstart-results"))).toBe(false); // nothing is left of what came to nothing
});
