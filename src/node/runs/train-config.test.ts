import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { readTrainConfig } from "./train-config.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-config-"));
  file = join(folder, "config.yaml");
  await writeFile(file, "name: tiny\ndata: { dataset: a, split: b }\n");
});
afterAll(() => rm(folder, { recursive: true }));

it("settings override the file, key by key", async () => {
  const config = await readTrainConfig(file, [
    "steps=3000",
    "optimizer.learningRate=1e-4",
    "data.split=c=d",
    "target={width: 8}",
  ]);
  expect(config).toMatchObject({
    steps: 3000,
    optimizer: { learningRate: 1e-4 },
    data: { split: "c=d" },
    target: { width: 8 },
  });
});

it.each([
  ["steps", /is not key=value/],
  ["steps=[1", /--set "steps=\[1": the value is not YAML: /],
  ["name=%", /the value is not YAML: /],
  ["name=!!x y", /the value is not YAML: Unresolved tag/],
  ["name=*a", /the value is not YAML: Unresolved alias/],
  [`name=${"[".repeat(5000)}`, /the value is nested more than 50 deep/],
  ["__proto__.steps=5", /__proto__/],
  ["data.__proto__.augment=true", /__proto__/],
  ["constructor.prototype.steps=5", /constructor/],
  ["name.a=1", /name is "tiny", not a section/],
] as const)("refuses --set %s, and changes no object of ours", async (setting, message) => {
  const error: unknown = await readTrainConfig(file, [setting]).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).exitCode).toBe(2);
  expect((error as UserError).message).toMatch(message);
  expect("steps" in {} || "augment" in {}).toBe(false);
});
