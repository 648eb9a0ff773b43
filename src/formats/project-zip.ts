// A project as one zip: project.json, and the pictures as they came, in a folder a class. A zip of class folders that
// somebody else made is read, too.

import { z } from "zod";
import { FormatError, issueLines } from "../errors.ts";
import { parseJson } from "./json.ts";
import { isPassedOver, isPictureName } from "./picture-names.ts";
import { sha256 } from "./sha256.ts";
import { requireVersion } from "./version.ts";
import { type ByteSource, readZipEntries, readZipEntry, type ZipEntry } from "./zip.ts";

export const PROJECT_FORMAT = "pudnet-project";
export const PROJECT_VERSION = 1;
export const PROJECT_FILE = "project.json";
/** Bytes of a picture. */
const LARGEST_PICTURE = 2 ** 28;
const LARGEST_DESCRIPTION = 2 ** 25;
const LAYOUT_HINT = 'expected a folder a class with its pictures inside: "cat/1.jpg", "dog/1.jpg", ...';

export interface ZippedPicture {
  /** As the file was called when it was taken into the project; in a zip of class folders its path in the class. */
  readonly name: string;
  /** In the zip. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 of the file's bytes, hexadecimal, where the zip says so. */
  readonly content?: string;
  /** Pictures that were taken in one go share it. */
  readonly burst?: string;
  /**
   * Unpacks it; each call anew.
   * @throws FormatError where it is damaged, or not the content that the project speaks of
   */
  read(): Promise<Uint8Array>;
}

export interface ZippedClass {
  /** Anything may stand in it. */
  readonly name: string;
  /** Whether the classifier is to know it. */
  readonly enabled: boolean;
  readonly pictures: readonly ZippedPicture[];
}

export interface ZippedProject {
  readonly name: string;
  /** Of a project in its order; of class folders by name. */
  readonly classes: readonly ZippedClass[];
  /** Whether it was saved as a project: else classes are folders, and all are enabled. */
  readonly isProject: boolean;
  /** Files that are no picture of a class. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

const SCHEMA = z.object({
  name: z.string(),
  classes: z.array(
    z.object({
      name: z.string(),
      enabled: z.boolean(),
      pictures: z.array(
        z.object({
          file: z.string(),
          name: z.string(),
          content: z.string().regex(/^[\da-f]{64}$/, "expected a SHA-256 in hexadecimal"),
          burst: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** What `project.json` says beside format and version. */
export type ProjectDescription = z.infer<typeof SCHEMA>;

/**
 * Opens a zip: a project, or class folders (also within one folder; pictures without folders are one class, named as the
 * file). No picture is unpacked before it is read. For example: `const { classes } = await readProjectZip(file, file.name);`
 * @param source the zip, such as a `File` of a page
 * @param file its name, for errors; a class may be called after it
 * @throws FormatError for what no zip of pictures should be: see `readZipEntries`
 */
export async function readProjectZip(source: ByteSource | Blob, file: string): Promise<ZippedProject> {
  const bytes = "read" in source ? source : blobSource(source);
  const entries = await readZipEntries(bytes, file);
  const zip = { source: bytes, file, entries };
  return (await readProject(zip)) ?? readClassFolders(zip);
}

interface OpenZip {
  readonly source: ByteSource;
  readonly file: string;
  readonly entries: readonly ZipEntry[];
}

/** Undefined for a zip without a project's description, at its top or in a folder that holds all. */
async function readProject(zip: OpenZip): Promise<ZippedProject | undefined> {
  const { source, file, entries } = zip;
  const described = entries.find(({ path }) => /^(?:[^/]+\/)?project\.json$/.test(path) && !isHidden(path));
  if (described === undefined) return undefined;
  const place = `${file}: ${described.path}`;
  if (described.size > LARGEST_DESCRIPTION)
    throw new FormatError(place, `${described.size} bytes, at most ${LARGEST_DESCRIPTION} are read`);
  const json = parseJson(await readZipEntry(source, described, file), place);
  const header = z.object({ format: z.literal(PROJECT_FORMAT), version: z.unknown().optional() }).safeParse(json);
  if (!header.success) return undefined; // of somebody else's
  requireVersion(place, "project", header.data.version, PROJECT_VERSION);
  const parsed = SCHEMA.safeParse(json, { reportInput: true });
  if (!parsed.success)
    throw new FormatError(place, "not a description of a project", { details: issueLines(parsed.error.issues) });
  const base = described.path.slice(0, -PROJECT_FILE.length);
  const left = new Map(entries.map((entry) => [entry.path.normalize(), entry]));
  left.delete(described.path.normalize());
  const take = (path: string): ZipEntry => {
    const key = (base + path).normalize();
    const entry = left.get(key);
    if (entry === undefined) throw missing(place, path);
    left.delete(key);
    return entry;
  };
  return { ...projectOf(zip, parsed.data, take), leftOut: leftOutOf([...left.values()], () => NOT_MENTIONED) };
}

const NOT_MENTIONED = `not mentioned in ${PROJECT_FILE}`;

/** @param take gives each entry once */
function projectOf(
  zip: OpenZip,
  { name, classes }: ProjectDescription,
  take: (path: string) => ZipEntry,
): Omit<ZippedProject, "leftOut"> {
  const taken = (one: ProjectDescription["classes"][number]["pictures"][number]): ZippedPicture => {
    const { file, name: called, content, burst } = one;
    const entry = take(file);
    return {
      ...pictureOf(zip, entry, called),
      content,
      ...(burst === undefined ? {} : { burst }),
      read: () => readKnown(zip, entry, content),
    };
  };
  return { name, isProject: true, classes: classes.map((one) => ({ ...one, pictures: one.pictures.map(taken) })) };
}

function missing(place: string, path: string): FormatError {
  return new FormatError(place, `it speaks of "${path}", which is not in the zip or belongs to another picture, too`, {
    hint: "save the project again, or unpack the zip and give its folder of pictures",
  });
}

async function readKnown(zip: Omit<OpenZip, "entries">, entry: ZipEntry, content: string): Promise<Uint8Array> {
  const bytes = await readZipEntry(zip.source, entry, zip.file);
  if ((await sha256(bytes)) === content) return bytes;
  throw new FormatError(`${zip.file}: ${entry.path}`, `not the picture that ${PROJECT_FILE} speaks of`);
}

function readClassFolders(zip: OpenZip): ZippedProject {
  const { file, entries } = zip;
  const visible = entries.filter(({ path }) => !isHidden(path));
  const pictures = visible.filter(({ path }) => isPictureName(path));
  if (pictures.length === 0) {
    const found = visible.length > 0 ? `${visible.length} other files` : "no files";
    throw new FormatError(file, `no pictures in it: found ${found}`, { hint: LAYOUT_HINT, exitCode: 2 });
  }
  const stem = stemOf(file);
  const depth = wrappersOf(pictures);
  const isOneClass = pictures.every(({ path }) => partsOf(path).length === depth + 1);
  const classes = new Map<string, ZippedPicture[]>();
  const others = visible.filter(({ path }) => !isPictureName(path));
  for (const entry of pictures) {
    const parts = partsOf(entry.path).slice(depth);
    if (isOneClass) parts.unshift(stem);
    const [name, ...inside] = parts as [string, ...string[]];
    if (inside.length === 0) others.push(entry);
    else {
      const ofClass = classes.get(name) ?? [];
      ofClass.push(pictureOf(zip, entry, inside.join("/")));
      classes.set(name, ofClass);
    }
  }
  return {
    name: stem,
    classes: [...classes]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, found]) => ({ name, enabled: true, pictures: found })),
    isProject: false,
    leftOut: leftOutOf(others, ({ path }) =>
      isPictureName(path) ? "lies beside the class folders" : "not the name of a picture",
    ),
  };
}

function leftOutOf(entries: readonly ZipEntry[], reason: (entry: ZipEntry) => string): ZippedProject["leftOut"] {
  return entries.filter(({ path }) => !isHidden(path)).map((entry) => ({ path: entry.path, reason: reason(entry) }));
}

/** How many folders around the classes hold everything. */
function wrappersOf(pictures: readonly ZipEntry[]): number {
  const all = pictures.map(({ path }) => partsOf(path));
  for (let depth = 0; ; depth++) {
    const first = all[0]![depth];
    if (!all.every((parts) => parts.length > depth + 2 && parts[depth] === first)) return depth;
  }
}

/** The name of the file without its ending, and without what Teachable Machine puts behind the name of a class. */
function stemOf(file: string): string {
  const name = file.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, "");
  return name.replace(/[-_ ]samples(?: ?\(\d+\))?$/i, "") || "pictures";
}

function pictureOf({ source, file }: Omit<OpenZip, "entries">, entry: ZipEntry, name: string): ZippedPicture {
  const { path, size } = entry;
  const named = `${file}: ${path}`;
  if (size > LARGEST_PICTURE)
    throw new FormatError(named, `${size} bytes, at most ${LARGEST_PICTURE} for a picture in a zip`, {
      hint: "take it out of the zip, or unpack the zip and give the folder",
    });
  return { name, path, size, read: () => readZipEntry(source, entry, file) };
}

const partsOf = (path: string): string[] => path.split("/");
const isHidden = (path: string): boolean => partsOf(path).some(isPassedOver);

function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer()),
  };
}
