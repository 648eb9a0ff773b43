import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, strFromU8, unzipSync, type Zippable, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { readProjectZip, type ZippedProject } from "./project-zip.ts";
import { type ProjectToZip, writeProjectZip } from "./project-zip-writer.ts";
import { sha256 } from "./sha256.ts";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function picture(name: string, text: string, burst?: string) {
  const bytes = bytesOf(text);
  return { name, content: await sha256(bytes), burst, read: async () => bytes };
}

async function written(project: ProjectToZip): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of writeProjectZip(project)) pieces.push(piece.slice());
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

const read = (bytes: Uint8Array<ArrayBuffer>, name = "my pets.zip") => readProjectZip(new Blob([bytes]), name);
const zipped = (files: Zippable, name?: string) => read(zipSync(files), name);

/** Names and contents. */
async function told({ name, classes, ...rest }: ZippedProject) {
  const all = classes.map(async ({ pictures, ...one }) => ({
    ...one,
    pictures: await Promise.all(
      pictures.map(async (found) => ({ ...found, size: undefined, read: strFromU8(await found.read()) })),
    ),
  }));
  return { name, ...rest, classes: await Promise.all(all) };
}

const project = async (): Promise<ProjectToZip> => ({
  name: "Pets </script>",
  classes: [
    {
      name: "cat/dog \u0007",
      enabled: true,
      pictures: [await picture("a.JPG", "1"), await picture("A.jpg", "2", "b1")],
    },
    { name: "cat_dog _", enabled: false, pictures: [await picture("../../x", "3"), await picture(".png", "4", "b1")] },
    { name: "", enabled: true, pictures: [] },
  ],
});

describe("a project", () => {
  it("comes back as it was, whatever stands in its names", async () => {
    const found = await told(await read(await written(await project())));
    expect(found).toEqual({
      name: "Pets </script>",
      isProject: true,
      leftOut: [],
      classes: [
        {
          name: "cat/dog \u0007",
          enabled: true,
          pictures: [
            { name: "a.JPG", path: "pictures/cat_dog _/a.JPG", content: await sha256("1"), read: "1" },
            { name: "A.jpg", path: "pictures/cat_dog _/A-2.jpg", content: await sha256("2"), burst: "b1", read: "2" },
          ],
        },
        {
          name: "cat_dog _",
          enabled: false,
          pictures: [
            { name: "../../x", path: "pictures/cat_dog _-2/_.._x", content: await sha256("3"), read: "3" },
            { name: ".png", path: "pictures/cat_dog _-2/png", content: await sha256("4"), burst: "b1", read: "4" },
          ],
        },
        { name: "", enabled: true, pictures: [] },
      ],
    });
  });

  it("is the same bytes each time, and what other programs open", async ({ skip }) => {
    const bytes = await written(await project());
    expect(await written(await project())).toEqual(bytes);
    const inside = unzipSync(bytes);
    expect(Object.keys(inside)).toHaveLength(5);
    expect(JSON.parse(strFromU8(inside["project.json"]!))).toMatchObject({ format: "pudnet-project", version: 1 });
    const folder = mkdtempSync(join(tmpdir(), "pudnet-zip-"));
    try {
      const file = join(folder, "p.zip");
      writeFileSync(file, bytes);
      const script =
        "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()), z.read(z.namelist()[2]))";
      let output: string;
      try {
        output = execFileSync("python3", ["-c", script, file], { encoding: "utf8" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") skip("python3 is not installed");
        throw error;
      }
      expect(output.trim()).toBe("None 5 b'2'");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("says of itself what it is given to say, and is read whatever that is", async () => {
    const about = { command: "pudnet serve", classes: "none", name: 5 };
    const bytes = await written({ ...(await project()), about });
    expect(JSON.parse(strFromU8(unzipSync(bytes)["project.json"]!))).toMatchObject({ version: 1, about });
    const odd = {
      ...unzipSync(bytes),
      "project.json": strToU8('{"format":"pudnet-project","version":1,"about":[],"name":"","classes":[]}'),
    };
    expect(await told(await read(bytes))).toEqual(await told(await read(await written(await project()))));
    expect((await zipped(odd)).classes).toEqual([]);
  });

  it("is read within a folder, too, and says what it does not speak of", async () => {
    const files = unzipSync(await written(await project()));
    const moved = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`copy/${path}`, bytes]));
    const found = await zipped({ ...moved, "copy/pictures/new.jpg": strToU8("5"), "copy/.DS_Store": strToU8("6") });
    expect(found.isProject).toBe(true);
    expect(found.classes[0]!.pictures).toHaveLength(2);
    expect(found.leftOut).toEqual([{ path: "copy/pictures/new.jpg", reason: "not mentioned in project.json" }]);
  });

  it("thousands of pictures of one name are told apart", async () => {
    const pictures = await Promise.all(Array.from({ length: 3000 }, (_, i) => picture("webcam.jpg", String(i))));
    const found = await read(await written({ name: "", classes: [{ name: "a", enabled: true, pictures }] }));
    expect(new Set(found.classes[0]!.pictures.map(({ path }) => path)).size).toBe(3000);
    expect(strFromU8(await found.classes[0]!.pictures[2999]!.read())).toBe("2999");
  });

  it("is not written with pictures that have changed, or too many", async () => {
    const changed = { ...(await picture("a.jpg", "1")), read: async () => bytesOf("2") };
    const of = (pictures: ProjectToZip["classes"][number]["pictures"]) =>
      written({ name: "", classes: [{ name: "a", enabled: true, pictures }] });
    await expect(of([changed])).rejects.toThrow('"a.jpg" is no longer what it was');
    await expect(of(Array.from({ length: 50_000 }, () => changed))).rejects.toThrow("50001 files, at most 50000");
    const huge = { ...changed, size: 2 ** 31, read: () => Promise.reject(new Error("read all the same")) };
    await expect(of([huge, huge])).rejects.toThrow("more than 4 GiB");
  });

  it.each<[what: string, change: (description: Record<string, never>) => unknown, message: RegExp]>([
    ["another version", (d) => ({ ...d, version: 2 }), /project version 2, made by a newer version/],
    ["no version", (d) => ({ ...d, version: undefined }), /no version/],
    ["no names", (d) => ({ ...d, name: 5 }), /not a description of a project\n {2}name: expected string, found 5/],
    ["no classes", (d) => ({ ...d, classes: {} }), /classes: expected array/],
    ["a picture that is not there", (d) => withFile(d, "pictures/gone.jpg"), /"pictures\/gone.jpg", which is not in/],
    ["a picture outside", (d) => withFile(d, "../../etc/passwd"), /"..\/..\/etc\/passwd", which is not in/],
    ["a picture twice", (d) => withFile(d, "pictures/cat_dog _/A-2.jpg"), /belongs to another picture/],
  ])("is refused with %s", async (_, change, message) => {
    const files = unzipSync(await written(await project()));
    const description = JSON.parse(strFromU8(files["project.json"]!)) as Record<string, never>;
    const failed = await zipped({ ...files, "project.json": strToU8(JSON.stringify(change(description))) }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(FormatError);
    expect((failed as FormatError).message).toMatch(message);
  });

  it("is refused where its description is no JSON, or a picture is another one", async () => {
    const files = unzipSync(await written(await project()));
    await expect(zipped({ ...files, "project.json": strToU8("{") })).rejects.toThrow("not JSON");
    const other = await zipped({ ...files, "pictures/cat_dog _/a.JPG": strToU8("9") });
    await expect(other.classes[0]!.pictures[0]!.read()).rejects.toThrow("not the picture that project.json speaks of");
    expect(strFromU8(await other.classes[0]!.pictures[1]!.read())).toBe("2");
  });
});

function withFile(description: Record<string, never>, file: string): unknown {
  const copy = structuredClone(description) as unknown as { classes: { pictures: { file: string }[] }[] };
  copy.classes[0]!.pictures[0]!.file = file;
  return copy;
}

describe("class folders", () => {
  const one = strToU8("1");
  const layout = async (files: Zippable, name?: string) => {
    const { classes, leftOut } = await zipped(files, name);
    return [
      Object.fromEntries(classes.map((found) => [found.name, found.pictures.map((inside) => inside.name)])),
      leftOut.map(({ path, reason }) => `${path}: ${reason}`),
    ];
  };

  it("are classes, at the top or within folders around all; deeper folders belong to them", async () => {
    const folders = { dog: { "1.png": one }, cat: { "2.JPG": one, deep: { "3.webp": one } } };
    const expected = [{ cat: ["2.JPG", "deep/3.webp"], dog: ["1.png"] }, []];
    expect(await layout(folders)).toEqual(expected);
    expect(await layout({ pets: { ...folders, __MACOSX: { "._1.png": one }, ".DS_Store": one } })).toEqual(expected);
    expect(await layout({ a: { b: folders } })).toEqual(expected);
  });

  it("what is no picture, or beside them, is left out and said", async () => {
    expect(await layout({ dog: { "1.png": one, "notes.txt": one }, "2.png": one })).toEqual([
      { dog: ["1.png"] },
      ["dog/notes.txt: not the name of a picture", "2.png: lies beside the class folders"],
    ]);
  });

  it("pictures without folders are a class named as the file, as Teachable Machine exports one", async () => {
    const flat = { "0.jpg": one, "1.jpg": one };
    expect(await layout(flat, "downloads/Class 1-samples.zip")).toEqual([{ "Class 1": ["0.jpg", "1.jpg"] }, []]);
    expect(await layout(flat, "Class 1-samples (2).zip")).toEqual([{ "Class 1": ["0.jpg", "1.jpg"] }, []]);
    expect(await layout(flat, "cats.zip")).toEqual([{ cats: ["0.jpg", "1.jpg"] }, []]);
  });

  it("somebody else's project.json is none of ours", async () => {
    expect(await layout({ "project.json": strToU8("{}"), dog: { "1.png": one } })).toEqual([
      { dog: ["1.png"] },
      ["project.json: not the name of a picture"],
    ]);
  });

  it("without a picture there is nothing to read", async () => {
    await expect(zipped({ "a.txt": one })).rejects.toThrow("no pictures in it: found 1 other files");
    await expect(zipped({})).rejects.toThrow("found no files");
  });
});
