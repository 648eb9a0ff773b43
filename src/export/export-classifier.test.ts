// What files say of themselves, hostile names in them, sizes, and what is refused.

import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../test/hostile-names.ts";
import { importText } from "../../test/import-text.ts";
import { roughClassifier } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { EXPORT_FORMATS, exportClassifier, type ExportOptions, numbersOf } from "./export-classifier.ts";
import { LICENCE } from "./licence.ts";
import { pack, wholeBytes } from "./pack.ts";
import { quantised } from "./quantise.ts";
import { readFileSync } from "node:fs";

const COMMAND = "pudnet export '*/' --out '</script>'";

const classifier = roughClassifier({ arch: "resnet-8", classes: HOSTILE });
const { images } = colouredImages(3, 2, 16);
const filesOf = async (options: Omit<ExportOptions, "command">) =>
  (await exportClassifier(classifier, { pictures: images, command: COMMAND, ...options })).files;

it("the licence in the files is that of the repository", () => {
  expect(`${LICENCE}\n`).toBe(readFileSync(new URL("../../LICENSE", import.meta.url), "utf8"));
});

describe.each(EXPORT_FORMATS)("%s", (format) => {
  it.each(numbersOf(format))("in %s is the same each time, and named as asked", async (numbers) => {
    const [first, again] = [
      await filesOf({ format, numbers, name: "x" }),
      await filesOf({ format, numbers, name: "x" }),
    ];
    expect(first).toEqual(again);
    expect(first[0]!.name).toBe(`x.${format}`);
  });
});

it("JavaScript is ASCII, and has names as they are", async () => {
  for (const numbers of numbersOf("js")) {
    const { bytes } = (await filesOf({ format: "js", numbers }))[0]!;
    expect(bytes.every((byte) => byte === 9 || byte === 10 || (byte >= 32 && byte < 127))).toBe(true);
    const { labels, about, classify } = await importText<{
      labels: string[];
      about: object;
      classify: (picture: object, top?: number) => { label: string; score: number }[];
    }>(bytes);
    expect(labels).toEqual(HOSTILE);
    expect(about).toMatchObject({
      format: "pudnet-exported-classifier",
      version: 1,
      command: COMMAND,
      numbers,
      temperature: 9,
      preprocessing: { side: 16, resize: expect.stringMatching(/^square-1: /) },
    });
    const answers = classify({ data: new Uint8Array(20 * 30 * 4).fill(200), width: 20, height: 30 });
    expect(answers.map(({ label }) => label).toSorted()).toEqual(HOSTILE.toSorted());
    expect(answers.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(answers[0]!.score).toBeGreaterThanOrEqual(answers[1]!.score);
  }
});

it("safetensors have torchvision's names, the head and the facts, in 32 and 16 bits", async () => {
  for (const numbers of numbersOf("safetensors")) {
    const { bytes } = (await filesOf({ format: "safetensors", numbers }))[0]!;
    const { tensors, metadata } = readSafetensors(bytes, "x");
    expect([...tensors.keys()]).toEqual(
      expect.arrayContaining(["conv1.weight", "layer2.0.downsample.1.running_var", "centroids"]),
    );
    expect(metadata).toMatchObject({ command: COMMAND, numbers, classes: JSON.stringify(HOSTILE) });
  }
});

it.each([
  ["js", 150_000],
  ["html", 250_000],
] as const)("of a ResNet-8 of width 16 and 20 classes, %s in 8 bits has less than %i bytes", async (format, most) => {
  const classes = Array.from({ length: 20 }, (_, i) => `a class of the number ${i}`);
  const tiny = roughClassifier({
    arch: "resnet-8",
    width: 16,
    side: 32,
    readout: "stages",
    head: "closed-form",
    classes,
  });
  const pictures = colouredImages(1, 1, 32).images;
  const { files } = await exportClassifier(tiny, { format, numbers: "int8", pictures });
  expect(files[0]!.bytes.length).toBeLessThan(most);
});

describe("is refused", () => {
  it.each([
    [
      { format: "js", numbers: "float16" },
      "js has no numbers of float16",
      "it has float32 and int8; safetensors can hold float16",
    ],
    [{ format: "js", numbers: "int8" }, "numbers of 8 bits need pictures", "it keeps their hashes"],
    [
      { format: "c", numbers: "float32" },
      "c has no numbers of float32",
      "it has int8; onnx, safetensors, js and html can hold float32",
    ],
  ] as const)("%j", async (options, message, hint) => {
    const refused = exportClassifier(classifier, options);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining(hint), exitCode: 2 });
  });
});

const aboutOf = async (of: typeof classifier, more: Partial<ExportOptions> = {}) => {
  const { files, notes } = await exportClassifier(of, { format: "js", ...more });
  return { notes, ...(await importText<{ about: object }>(files[0]!.bytes)) };
};

it("tells of a classifier whose squares were made by another rule, and names the rule of the file", async () => {
  const other = { ...classifier, resize: "libvips-cover" } as const;
  const { notes, about } = await aboutOf(other);
  expect(notes).toEqual([expect.stringContaining("libvips-cover")]);
  const resize = expect.stringMatching(/^square-1: /);
  expect(about).toMatchObject({ squares: notes[0], preprocessing: { resize } });
  expect((await aboutOf(classifier)).about).not.toHaveProperty("squares");
  const { files, notes: ofC } = await exportClassifier(other, { format: "c", pictures: images });
  expect(ofC).toEqual([]);
  expect(new TextDecoder().decode(files[0]!.bytes)).toContain("libvips-cover: ");
  expect((await exportClassifier(other, { format: "onnx" })).notes).toEqual([]);
});

it("tells what white is in deep pictures", async () => {
  const sampleRanges = { ushort: 4095 };
  const { notes, about } = await aboutOf(classifier, { sampleRanges });
  expect(notes).toEqual([expect.stringContaining("white was 4095 (ushort)")]);
  expect(about).toMatchObject({ sampleRanges, depth: notes[0] });
  expect((await aboutOf(classifier, { sampleRanges: {} })).about).not.toHaveProperty("sampleRanges");
  const [file] = (await exportClassifier(classifier, { format: "safetensors", sampleRanges })).files;
  expect(readSafetensors(file!.bytes, "x").metadata).toMatchObject({ sample_ranges: '{"ushort":4095}' });
});

it("wholeBytes are those of the numbers in 8 bits that files hold", () => {
  expect(wholeBytes(classifier)).toBe(pack(quantised(classifier, images)).bytes.length);
});
