// Ctrl-C while pictures are decoded: the others are not decoded any more, and nothing is made.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { writePictures } from "../../test/pictures.ts";
import { tinyPudNet } from "../../test/tiny-pudnet.ts";
import { writeTinyTraining } from "../../test/e2e/tiny-training.ts";
import type { ImageFolderOptions } from "../node/datasets/image-folder.ts";
import { savePudNet } from "../node/checkpoints/pudnet.ts";
import { finetuneCommand } from "./finetune.ts";
import { trainCommand } from "./train.ts";

/** Pictures decoded at all. */
let decoded = 0;
let printed = "";

vi.mock("../node/datasets/image-folder.ts", async (load) => {
  const real = await load<typeof import("../node/datasets/image-folder.ts")>();
  const readImageFolder = (folder: string, options: ImageFolderOptions) => {
    const onProgress = ({ done }: { done: number }): void => {
      decoded = done;
      if (done === 1) process.emit("SIGINT");
    };
    return real.readImageFolder(folder, { ...options, cache: false, onProgress });
  };
  return { ...real, readImageFolder };
});

let folder: string;
beforeEach(async () => {
  [decoded, printed] = [0, ""];
  folder = await mkdtemp(join(tmpdir(), "pudnet-stop-"));
  const take = (text: string | Uint8Array): boolean => ((printed += String(text)), true);
  vi.spyOn(process.stdout, "write").mockImplementation(take);
  vi.spyOn(process.stderr, "write").mockImplementation(take);
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

function expectStopped(): void {
  expect(process.exitCode).toBe(130);
  expect(decoded).toBe(1);
}

it("finetune", async () => {
  const [pets, model, out] = ["pets", "tiny.safetensors", "out"].map((name) => join(folder, name));
  await writePictures(pets!, { cat: [220, 60, 40], dog: [40, 200, 60] }, 40);
  await savePudNet(model!, tinyPudNet({ side: 16, width: 4 }));
  await finetuneCommand().parseAsync([pets!, "--model", model!, "--out", out!], { from: "user" });
  expectStopped();
  expect(printed).toMatch(/^\nstopping, without writing ".*out"; once more to stop at once\n$/);
  expect(existsSync(join(out!, "classifier.json"))).toBe(false);
});

it("train", async () => {
  await writeTinyTraining(folder);
  const config = join(folder, "config.yaml");
  const data = ["data.dataset", "data.split"].flatMap((key, i) => [
    "--set",
    `${key}=${join(folder, ["pictures", "split.json"][i]!)}`,
  ]);
  const runs = join(folder, "runs");
  await trainCommand().parseAsync(["--config", config, ...data, "--runs", runs], { from: "user" });
  expectStopped();
  expect(printed).toBe("\nstopping before training; once more to stop at once\n\nstopped; no run was started\n");
  expect(existsSync(runs)).toBe(false);
});
