// What every exported file carries, whatever its format: all that who gets it must know, found where the format keeps it.

import { ModelProtoSchema } from "onnx-buf";
import { fromBinary } from "@bufbuild/protobuf";
import { strFromU8, unzipSync } from "fflate";
import { expect, it } from "vitest";
import { importText } from "../../test/import-text.ts";
import { roughClassifier } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { writeProjectZip } from "../formats/project-zip-writer.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { aboutProject } from "./about.ts";
import { EXPORT_FORMATS, exportClassifier, type ExportFormat, numbersOf } from "./export-classifier.ts";
import { LICENCE } from "./licence.ts";

type Facts = Readonly<Record<string, unknown>>;

const classes = ["cat", "dog", "fish"];
const classifier = roughClassifier({ arch: "resnet-8", classes, head: "closed-form" });
const { images } = colouredImages(3, 2, 16);
const exporter = { command: "pudnet export pets --format x", pudnet: "1.2.3", pictures: images };

/** The text between a word and the end of the comment that it stands in. */
const aboutIn = (source: string): Facts => JSON.parse(/made by PudNet\. (\{.*\})$/m.exec(source)![1]!) as Facts;

/** Metadata that are strings: JSON where they are. */
function ofStrings({ labels, classes: names = labels, ...strings }: Readonly<Record<string, string>>): Facts {
  const {
    arch,
    preprocessing,
    temperature,
    unknown_below: below,
    export_format: format,
    export_version: version,
    ...facts
  } = strings;
  const parsed = { arch, preprocessing, temperature, version, labels: names };
  return {
    ...facts,
    unknown: { below: Number(below) },
    format,
    ...Object.fromEntries(Object.entries(parsed).map(([name, text]) => [name, JSON.parse(text!) as unknown])),
  };
}

const READERS: Readonly<Record<ExportFormat, (bytes: Uint8Array) => Promise<Facts>>> = {
  onnx: async (bytes) => {
    const { metadataProps } = fromBinary(ModelProtoSchema, bytes);
    return ofStrings(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])));
  },
  safetensors: async (bytes) => ofStrings(readSafetensors(bytes, "x").metadata),
  js: async (bytes) => {
    const { about, labels } = await importText<{ about: Facts; labels: unknown }>(bytes);
    return { ...about, labels };
  },
  html: async (bytes) => {
    const script = /<script[^>]*>([^]*?)<\/script>/.exec(new TextDecoder().decode(bytes))![1]!;
    const told = script.replace(/\brunPage\(answer, labels, about\);/, "export { labels, about };");
    const { about, labels } = await importText<{ about: Facts; labels: unknown }>(new TextEncoder().encode(told));
    return { ...about, labels };
  },
  c: async (bytes) => {
    const source = new TextDecoder().decode(bytes);
    return { ...aboutIn(source), labels: classes.filter((name) => source.includes(`"${name}"`)) };
  },
};

/** What is true of every file that a classifier leaves in. */
const CARRIED = {
  version: 1,
  pudnet: "1.2.3",
  command: exporter.command,
  licence: expect.stringContaining("MIT"),
  head: "closed-form",
  temperature: 3,
  unknown: { below: classifier.unknown!.threshold },
  arch: { name: "resnet-8", side: 16 },
  preprocessing: {
    side: 16,
    colours: "RGB",
    resize: expect.stringMatching(/^square-1: /),
    normalization: classifier.normalization,
  },
  labels: classes,
};

it.each(EXPORT_FORMATS.flatMap((format) => numbersOf(format).map((numbers) => [format, numbers] as const)))(
  "%s in %s carries labels, preprocessing, temperature, unknown threshold, licence, version and the command that made it",
  async (format, numbers) => {
    const { files } = await exportClassifier(classifier, { format, numbers, name: "pets", ...exporter });
    const facts = { ...CARRIED, format: "pudnet-exported-classifier", numbers };
    expect(await READERS[format](files[0]!.bytes)).toMatchObject(facts);
    const code: readonly ExportFormat[] = ["js", "html", "c"];
    const text = new TextDecoder().decode(files[0]!.bytes);
    if (code.includes(format)) expect(text).toContain(LICENCE.split("\n")[2]); // code needs the licence itself
  },
);

it("the zip of a project carries the same, and one without a classifier who made it and under which licence", async () => {
  const describe = async (about: Facts): Promise<Facts> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of writeProjectZip({ name: "pets", about, classes: [] })) pieces.push(piece);
    const { "project.json": json } = unzipSync(Buffer.concat(pieces));
    const { format, version, about: found } = JSON.parse(strFromU8(json!)) as Record<string, unknown>;
    return { ...(found as Facts), format, version };
  };
  const facts = { ...CARRIED, format: "pudnet-project" };
  expect(await describe(aboutProject(exporter, classifier))).toMatchObject(facts);
  const { pudnet, command, licence, version, format } = facts;
  expect(await describe(aboutProject(exporter))).toEqual({ pudnet, command, licence, version, format });
});
