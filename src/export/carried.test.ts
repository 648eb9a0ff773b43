// What every exported file carries, whatever its format: all that who gets it must know, found where the format keeps it.

import { ModelProtoSchema } from "onnx-buf";
import { fromBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { importText } from "../../test/import-text.ts";
import { roughClassifier } from "../../test/rough-network.ts";
import { colouredImages } from "../../test/tiny-pudnet.ts";
import { readSafetensors } from "../formats/safetensors.ts";
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

it.each(EXPORT_FORMATS.flatMap((format) => numbersOf(format).map((numbers) => [format, numbers] as const)))(
  "%s in %s carries labels, preprocessing, temperature, unknown threshold, licence, version and the command that made it",
  async (format, numbers) => {
    const { files } = await exportClassifier(classifier, { format, numbers, name: "pets", ...exporter });
    expect(await READERS[format](files[0]!.bytes)).toMatchObject({
      format: "pudnet-exported-classifier",
      version: 1,
      pudnet: "1.2.3",
      command: exporter.command,
      licence: expect.stringContaining("MIT"),
      numbers,
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
    });
    const code: readonly ExportFormat[] = ["js", "html", "c"];
    const text = new TextDecoder().decode(files[0]!.bytes);
    if (code.includes(format)) expect(text).toContain(LICENCE.split("\n")[2]); // code needs the licence itself
  },
);
