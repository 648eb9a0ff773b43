import { resolve } from "node:path";
import { expect, test } from "vitest";
import { commandLine, cpuName, provenance } from "./provenance.ts";

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

test("tells processors of one name apart by family and model", () => {
  const facts = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n";
  expect(cpuName("AMD EPYC ", facts)).toBe("AMD EPYC (family 25, model 17)");
  expect(cpuName("Apple M3", "")).toBe("Apple M3");
  expect(cpuName("Neoverse-N1", "processor\t: 0\nBogoMIPS\t: 243.75\n")).toBe("Neoverse-N1");
  expect(cpuName(undefined, "")).toBe("unknown");
  expect(cpuName(" ", facts)).toBe("unknown (family 25, model 17)");
});

test("the folder of the data is not published, nor that a process was one of several", () => {
  const reproduce = resolve("dist-paper/main.js");
  expect(commandLine([reproduce, "table-7", "--root", "elsewhere/data", "--worker", "--cell", "a b"])).toBe(
    "npm run -s reproduce -- table-7 --cell 'a b'",
  );
  expect(commandLine([reproduce, "map", "--root=elsewhere/data", "--jobs", "2"])).toBe(
    "npm run -s reproduce -- map --jobs 2",
  );
  expect(commandLine(["/usr/local/bin/pudnet", "train", "--root", "data"])).toBe("pudnet train --root data");
});
