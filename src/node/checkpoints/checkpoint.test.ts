import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FormatError, UserError } from "../../errors.ts";
import { writeSafetensors } from "../../formats/safetensors.ts";
import { type HostTensor, hostTensor } from "../../tensor/tree.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-checkpoint-"));
  path = join(folder, "last.safetensors");
});
afterEach(() => rm(folder, { recursive: true }));

const tensors = new Map<string, HostTensor>([
  ["layer1.weight", hostTensor([2, 2], [1, -2, 0.5, Number.NaN])],
  ["step", { shape: [], data: BigInt64Array.of(12345678901234567n) }],
]);
const metadata = { step: "300", config: '{"seed":7}' };

async function failure(): Promise<UserError> {
  const error = await loadCheckpoint(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).toBeTruthy();
  return error as UserError;
}

test("tensors and metadata come back as they were saved", async () => {
  await saveCheckpoint(path, { tensors, metadata });
  const loaded = await loadCheckpoint(path);
  expect(loaded.metadata).toEqual(metadata);
  expect(new Map([...loaded.tensors].sort())).toEqual(tensors);
  expect(await readdir(folder)).toEqual(["last.safetensors"]);
});

test("with 16 bits the rounded numbers come back, and damage is found", async () => {
  await saveCheckpoint(path, { tensors: new Map([["w", hostTensor([2], [1 / 3, 0.5])]]), metadata }, { float16: true });
  const { data } = (await loadCheckpoint(path)).tensors.get("w")!;
  expect(Array.from(data as Float32Array)).toEqual([0.333251953125, 0.5]);
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  expect((await failure()).message).toContain("corrupted");
});

test("the same content gives the same bytes", async () => {
  await saveCheckpoint(path, { tensors, metadata });
  const first = await readFile(path);
  await saveCheckpoint(path, { tensors: new Map([...tensors].reverse()), metadata });
  expect(await readFile(path)).toEqual(first);
});

test("any flipped bit, be it in numbers, names, shapes or metadata, is found", async () => {
  await saveCheckpoint(path, { tensors, metadata });
  const good = await readFile(path);
  const headerEnd = 8 + Number(good.readBigUInt64LE(0));
  const padding = good.subarray(0, headerEnd).lastIndexOf("}") + 1;
  for (let byte = 0; byte < good.length; byte++) {
    if (byte >= padding && byte < headerEnd) continue;
    const damaged = Buffer.from(good);
    damaged[byte]! ^= 1;
    await writeFile(path, damaged);
    expect(await failure(), `byte ${byte}`).toBeInstanceOf(FormatError);
  }
});

test("a truncated file, a foreign one and one of a newer version say so", async () => {
  await saveCheckpoint(path, { tensors, metadata });
  await writeFile(path, (await readFile(path)).subarray(0, -3));
  expect((await failure()).message).toMatch(/truncated/);

  await writeFile(path, writeSafetensors(tensors, { format: "pt" }));
  expect((await failure()).message).toMatch(/not a checkpoint of pudnet \(format: "pt"\)/);

  await writeFile(path, writeSafetensors(tensors, { format: "pudnet-checkpoint", version: "2" }));
  expect((await failure()).message).toMatch(/checkpoint version 2, made by a newer version/);

  await writeFile(path, "PK\u0003\u0004 a zip file by torch.save");
  expect((await failure()).message).toMatch(/not a safetensors file/);
});

test("a missing file and a folder are errors that name the path", async () => {
  expect((await failure()).message).toBe(`no checkpoint at "${path}"`);
  path = folder;
  expect((await failure()).message).toMatch(/is a folder/);
});

test("a failed save leaves the previous checkpoint", async () => {
  await saveCheckpoint(path, { tensors, metadata });
  const broken = new Map([["a", { shape: [3], data: new Float32Array(2) }]]);
  await expect(saveCheckpoint(path, { tensors: broken, metadata })).rejects.toThrow();
  expect((await loadCheckpoint(path)).metadata).toEqual(metadata);
});
