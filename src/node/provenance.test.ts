import { resolve } from "node:path";
import { expect, test } from "vitest";
import { commandLine, provenance } from "./provenance.ts";

test("names machine, versions and the commit of these sources", async () => {
  const { pudnet, commit, machine, versions } = await provenance();
  expect(pudnet).toMatch(/^\d+\.\d+\.\d+/);
  if (commit !== undefined) expect(commit).toMatch(/^[0-9a-f]{40}(-dirty)?$/);
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.cpu).not.toBe("");
  expect(versions["node"]).toBe(process.versions.node);
  expect(versions["onnxruntime-node"]).toMatch(/^\d+\.\d+\.\d+/);
});

test("the command can be typed again", () => {
  expect(commandLine([resolve("dist/cli/main.js"), "train", "--set", "a b=it's"])).toBe(
    String.raw`pudnet train --set 'a b=it'\''s'`,
  );
  expect(commandLine(["/usr/local/bin/pudnet", "predict", "pets/", "--out", "cats=1"])).toBe(
    "pudnet predict pets/ --out cats=1",
  );
  expect(commandLine(["/usr/local/bin/pudnet", "train", "--queue", "redis://:a@b:c@host:1/2"])).toBe(
    "pudnet train --queue redis://host:1/2",
  );
  expect(commandLine([resolve("dist-paper/main.js"), "table-7"])).toBe("npm run -s reproduce -- table-7");
  expect(commandLine([resolve("scripts/demo.ts"), "x"])).toMatch(/^scripts.demo\.ts x$/);
});
