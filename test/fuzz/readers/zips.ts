// Zips: of projects, and of class folders as others make them.

import fc from "fast-check";
import { zipSync } from "fflate";
import { printable } from "../../../src/names.ts";
import { readProjectZip, type ZippedProject } from "../../../src/formats/project-zip.ts";
import { type ProjectToZip, writeProjectZip } from "../../../src/formats/project-zip-writer.ts";
import { sha256 } from "../../../src/formats/sha256.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, roundTrip, text } from "../subjects.ts";

const ZIP = "pets.zip";

interface Unpacked {
  readonly project: ZippedProject;
  /** Of each class, of each picture. */
  readonly contents: readonly (readonly Uint8Array[])[];
}

async function unpacked(files: Files): Promise<Unpacked> {
  const bytes = files.get(ZIP)!;
  const source = { size: bytes.length, read: async (from: number, to: number) => bytes.slice(from, to) };
  const project = await readProjectZip(source, ZIP);
  const contents: Uint8Array[][] = [];
  for (const { pictures } of project.classes) {
    const ofClass: Uint8Array[] = [];
    for (const picture of pictures) ofClass.push(await picture.read());
    contents.push(ofClass);
  }
  return { project, contents };
}

function demandSound({ project, contents }: Unpacked): void {
  for (const [c, { pictures }] of project.classes.entries()) {
    for (const [i, { path, size }] of pictures.entries()) {
      demand(contents[c]![i]!.length === size, "a picture is not as large as it says");
      demand(printable(path) === path && !/(^|\/)(\.\.?)?(\/|$)|\\/.test(path), "a path that leads elsewhere");
    }
  }
}

async function zipOf(project: ProjectToZip): Promise<Files> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeProjectZip(project)) pieces.push(piece);
  return new Map([[ZIP, new Uint8Array(Buffer.concat(pieces))]]);
}

const picture = async (name: string, content: string, burst?: string) => ({
  name,
  content: await sha256(content),
  burst,
  read: async () => text(content),
});

export const projectZip: Reader = {
  reads: "zips of projects and of class folders",
  accepted: "sound",
  prepare: async () => {
    const project = {
      name: "Pets",
      classes: [
        {
          name: "cat/dog",
          enabled: true,
          pictures: [await picture("1.jpg", "one"), await picture("1.jpg", "two", "b")],
        },
        { name: "bird", enabled: false, pictures: [await picture("ü.png", "three".repeat(99))] },
      ],
    };
    const folders = {
      cat: { "1.jpg": text("one".repeat(99)) },
      "dog/deep": { "1.jpg": text("two") },
      "a.txt": text(""),
    };
    const samples = [await zipOf(project), new Map([[ZIP, zipSync(folders)]])];
    return mutated({ samples, read: unpacked, check: demandSound }, "sound");
  },
};

export const projectZipWritten: Reader = {
  reads: "made-up projects, written and read again",
  accepted: "same",
  prepare: async () =>
    roundTrip({
      content: fc.record(
        {
          name: fc.string({ unit: "binary" }),
          classes: fc.array(
            fc.record(
              {
                name: fc.string({ unit: "binary" }),
                enabled: fc.boolean(),
                pictures: fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string(), fc.option(fc.string())), {
                  maxLength: 4,
                }),
              },
              { noNullPrototype: true },
            ),
            { maxLength: 4 },
          ),
        },
        { noNullPrototype: true },
      ),
      write: async ({ name, classes }) =>
        zipOf({
          name,
          classes: await Promise.all(
            classes.map(async (one) => ({
              ...one,
              pictures: await Promise.all(
                one.pictures.map(([called, content, burst]) => picture(called, content, burst ?? undefined)),
              ),
            })),
          ),
        }),
      read: async (files) => {
        const { project, contents } = await unpacked(files);
        return {
          name: project.name,
          classes: project.classes.map((one, c) => ({
            name: one.name,
            enabled: one.enabled,
            pictures: one.pictures.map(({ name, burst }, i) => [
              name,
              new TextDecoder("utf-8", { ignoreBOM: true }).decode(contents[c]![i]),
              burst ?? null,
            ]),
          })),
        };
      },
    }),
};
