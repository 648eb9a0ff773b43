// What leaves the page opens elsewhere: every export by a reader that is not ours, the zip on another page and by the library.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import * as ort from "onnxruntime-node";
import type { Download, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProjectZip } from "../../../src/formats/project-zip.ts";
import { writeProjectZip } from "../../../src/formats/project-zip-writer.ts";
import { readSafetensors } from "../../../src/formats/safetensors.ts";
import { sha256 } from "../../../src/formats/sha256.ts";
import { printable } from "../../../src/names.ts";
import { TEXTS } from "../../../web/texts.ts";
import { noGcc } from "../../compiled-c.ts";
import { HOSTILE } from "../../hostile-names.ts";
import { icons, learned } from "./driver.ts";
import { noChromium, type OpenedPage, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

/** Markup, control characters, ends of strings and comments, all in the name of one class. */
const EVIL = HOSTILE.join(" ");

/** A project of these classes. */
async function zipWith(classes: Readonly<Record<string, readonly string[]>>): Promise<Buffer> {
  const described = Object.entries(classes).map(async ([name, files]) => ({
    name,
    enabled: true,
    pictures: await Promise.all(
      files.map(async (file) => ({
        name: basename(file),
        content: await sha256(await readFile(file)),
        read: () => readFile(file),
      })),
    ),
  }));
  const pieces: Uint8Array[] = [];
  for await (const piece of writeProjectZip({ name: "project", classes: await Promise.all(described) }))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("from the page", () => {
  let site: PageInBrowser;
  let opened: OpenedPage;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    site = await pageInBrowser();
    folder = await mkdtemp(join(tmpdir(), "pudnet-leave-"));
    opened = await site.open();
    ({ page } = opened);
    const buffer = await zipWith({ [EVIL]: icons("anchor", 0, 12), ghost: icons("ghost", 0, 12) });
    await page.getByLabel(TEXTS.openZip).setInputFiles({ name: "pets.zip", mimeType: "application/zip", buffer });
    await learned(page, 24);
  });
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** Presses a button that downloads so many files; their places. */
  async function downloads(button: string, count: number): Promise<string[]> {
    const begun: Download[] = [];
    const all = page.waitForEvent("download", (download) => begun.push(download) === count);
    await page.getByRole("button", { name: button, exact: true }).click();
    await all;
    const files = begun.map((download) => join(folder, download.suggestedFilename()));
    await Promise.all(begun.map((download, i) => download.saveAs(files[i]!)));
    return files;
  }

  async function exported(format: keyof typeof TEXTS.formats, numbers: keyof typeof TEXTS.numbers, count = 1) {
    const label = `${TEXTS.formats[format]}, ${TEXTS.numbers[numbers]}`;
    await page.getByLabel(TEXTS.format).selectOption({ label });
    const files = await downloads(TEXTS.download, count);
    await page.getByRole("heading", { name: TEXTS.snippet }).waitFor();
    return files.toSorted();
  }

  /** A held-back picture, as rgba. */
  async function rgba(file: string) {
    const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  }

  it.each(["int8", "float32"] as const)("JavaScript (%s) runs in Node", async (numbers) => {
    const [path] = await exported("js", numbers);
    const module = (await import(`${pathToFileURL(path!).href}?${numbers}`)) as {
      readonly classify: (picture: object, top: number) => readonly { readonly label: string }[];
      readonly labels: readonly string[];
    };
    expect(module.labels).toEqual([EVIL, "ghost"]);
    for (const [name, label] of [
      ["anchor", EVIL],
      ["ghost", "ghost"],
    ] as const) {
      const picture = await rgba(icons(name, 15, 16)[0]!);
      expect(module.classify(picture, 1)[0]!.label).toBe(label);
    }
  });

  it.each(["int8", "float32"] as const)("ONNX (%s) runs in onnxruntime", async (numbers) => {
    const [path] = await exported("onnx", numbers);
    const session = await ort.InferenceSession.create(path!);
    expect(session.outputNames).toContain("probabilities");
    const [file] = icons("ghost", 15, 16);
    const side = 32;
    const pixels = await sharp(file).resize(side, side).removeAlpha().raw().toBuffer();
    const planes = Uint8Array.from(
      { length: 3 * side * side },
      (_, i) => pixels[(i % (side * side)) * 3 + Math.floor(i / (side * side))]!,
    );
    const { probabilities } = await session.run({ images: new ort.Tensor("uint8", planes, [1, 3, side, side]) });
    const [first, second] = probabilities!.data as Float32Array;
    expect(second).toBeGreaterThan(first!);
    await session.release();
    const { metadataProps } = fromBinary(ModelProtoSchema, await readFile(path!));
    expect(JSON.parse(metadataProps.find(({ key }) => key === "labels")!.value)).toEqual([EVIL, "ghost"]);
  });

  it("the page of one file opens from the disk and answers", async () => {
    const [path] = await exported("html", "int8");
    const alone = await opened.context.newPage();
    await alone.goto(pathToFileURL(path!).href).catch(() => {});
    await alone.locator("#file").setInputFiles(icons("ghost", 15, 16)[0]!);
    await alone.locator("#bars li").first().waitFor();
    expect(await alone.locator("#bars li").first().textContent()).toContain("ghost");
    expect(await alone.locator("img").count()).toBe(0); // which the name of a class would be as markup
    await alone.close();
    opened.problems.splice(0, opened.problems.length, ...opened.problems.filter((one) => !one.includes("file:")));
  });

  it("safetensors hold the weights", async () => {
    const [path] = await exported("safetensors", "float16");
    const { tensors, metadata } = readSafetensors(await readFile(path!), "exported");
    expect(tensors.size).toBeGreaterThan(10);
    expect(JSON.parse(metadata["classes"] ?? metadata["labels"]!)).toEqual([EVIL, "ghost"]);
  });

  it.skipIf(noGcc)("C is compiled by gcc, and says what it takes", async () => {
    const [source, header] = await exported("c", "int8", 2);
    expect([source, header]).toEqual([join(folder, "classifier.c"), join(folder, "classifier.h")]);
    const main = join(folder, "main.c");
    const grey = "static uint8_t rgb[3 * CLASSIFIER_SIDE * CLASSIFIER_SIDE];\nstatic float scores[CLASSIFIER_CLASSES];";
    await writeFile(
      main,
      `#include "classifier.h"\n${grey}\nint main(void) { return classifier_classify(rgb, scores) < 0; }\n`,
    );
    const program = join(folder, "main");
    await promisify(execFile)("gcc", ["-std=c99", "-Wall", "-Werror", main, source!, "-lm", "-o", program]);
    await promisify(execFile)(program);
    await page.getByText(/kB of flash and \d+ kB of RAM/).waitFor();
  });

  it("the project leaves as a zip, which the library reads and another browser opens", async () => {
    const [path] = await downloads(TEXTS.saveZip, 1);
    const bytes = await readFile(path!);
    const zipped = await readProjectZip(new Blob([bytes]), "project.zip");
    expect(zipped.classes.map(({ name, pictures }) => [name, pictures.length])).toEqual([
      [EVIL, 12],
      ["ghost", 12],
    ]);
    const { about } = JSON.parse(strFromU8(unzipSync(bytes)["project.json"]!)) as { readonly about: object };
    expect(about).toMatchObject({
      command: "pudnet serve",
      licence: expect.stringContaining("MIT"),
      labels: [EVIL, "ghost"],
      temperature: expect.any(Number),
      unknown: { below: expect.any(Number) },
      preprocessing: { side: 32 },
    });
    await using other = await site.open();
    await other.page.getByLabel(TEXTS.openZip).setInputFiles(path!);
    await learned(other.page, 24);
    expect(await other.page.locator(".card-name").first().inputValue()).toBe(printable(EVIL));
  });

  const many = (count: number) =>
    zipSync(Object.fromEntries(Array.from({ length: count }, (_, i) => [`a/${i}.png`, Buffer.of()])), { level: 0 });
  const described = JSON.stringify({ format: "pudnet-project", version: 2, classes: [] });

  it.each<readonly [what: string, zip: Uint8Array, reason: RegExp]>([
    ["no zip", Buffer.from("PK nothing of a zip"), /not a zip/],
    [
      "a path that leads out",
      zipSync({ "a/1.png": Buffer.from("x"), "../../evil.png": Buffer.from("x") }),
      /leads out of the zip/,
    ],
    ["a bomb", zipSync({ "a/1.png": Buffer.alloc(2 ** 27) }), /unpack to 134217728/],
    ["60,000 entries", many(60_000), /60000 .*at most 50000/],
    ["100,000 entries, more than its directory can count", many(100_000), /damaged/],
    ["another version", zipSync({ "project.json": strToU8(described) }), /version 2, made by a newer version/],
  ])("a zip is refused for %s, and nothing of it comes in", async (_, zip, reason) => {
    const bad = { name: "bad.zip", mimeType: "application/zip", buffer: Buffer.from(zip) };
    await page.getByLabel(TEXTS.openZip).setInputFiles(bad);
    await page.locator(".leaving .problem").filter({ hasText: reason }).waitFor();
    expect(await page.locator(".leaving .problem").textContent()).toContain("bad.zip");
    expect(await page.locator(".card").count()).toBe(2);
    await page.getByRole("button", { name: TEXTS.saveZip }).first().waitFor();
  });
});
