// A project as the bytes of a zip, picture by picture: as many as a disk holds, in the memory of one.

import { Zip, ZipDeflate } from "fflate";
import { UserError } from "../errors.ts";
import { safeFileName, uniqueNames } from "../names.ts";
import { PROJECT_FILE, PROJECT_FORMAT, PROJECT_VERSION, type ProjectDescription } from "./project-zip.ts";
import { sha256 } from "./sha256.ts";
import { ZIP_LIMITS } from "./zip.ts";

export interface PictureToZip {
  /** As the file was called; anything may stand in it. */
  readonly name: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly content: string;
  /** Bytes, where they are known: then more than a zip holds is refused before one is read. */
  readonly size?: number | undefined;
  /** Pictures that were taken in one go share it. */
  readonly burst?: string | undefined;
  readonly read: () => Promise<Uint8Array>;
}

export interface ProjectToZip {
  readonly name: string;
  /** Facts for people and other programs, as plain JSON: `aboutProject`. Nothing of it is read when the zip is opened. */
  readonly about?: Readonly<Record<string, unknown>>;
  readonly classes: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly pictures: readonly PictureToZip[];
  }[];
}

/** Offsets have 32 bits; room for the directory is left. */
const MOST_BYTES = 2 ** 32 - 2 ** 26;
/** The same project gives the same bytes, whenever it is written. */
const WRITTEN = new Date(1980, 0, 1);

/**
 * The zip of a project, in pieces to be written one after the other; pictures are read one at a time. `project.json` comes
 * first, then `pictures/CLASS/FILE` by names that every system takes. For example:
 * `for await (const piece of writeProjectZip(project)) pieces.push(piece);`
 * @throws UserError for more than a zip holds, and where a picture is no longer what its hash says
 */
export async function* writeProjectZip(project: ProjectToZip): AsyncGenerator<Uint8Array, void, void> {
  const description = describe(project);
  const known = project.classes.flatMap(({ pictures }) => pictures.map(({ size = 0 }) => size));
  if (known.reduce((sum, size) => sum + size, 0) > MOST_BYTES) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let written = 0;
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    pieces.push(piece);
    written += piece.length;
  });
  const put = (path: string, bytes: Uint8Array, level: 0 | 6): Uint8Array[] => {
    const entry = Object.assign(new ZipDeflate(path, { level }), { mtime: WRITTEN });
    zip.add(entry);
    entry.push(bytes, true);
    return pieces.splice(0);
  };
  yield* put(PROJECT_FILE, new TextEncoder().encode(`${JSON.stringify(description, undefined, 1)}\n`), 6);
  for (const [c, { pictures }] of project.classes.entries()) {
    for (const [i, picture] of pictures.entries()) {
      const bytes = await picture.read();
      if ((await sha256(bytes)) !== picture.content) throw changed(picture.name);
      if (written + bytes.length > MOST_BYTES) throw tooLarge();
      yield* put(description.classes[c]!.pictures[i]!.file, bytes, 0); // pictures are packed already
    }
  }
  zip.end();
  yield* pieces;
}

function describe({ name, about, classes }: ProjectToZip): ProjectDescription & { format: string; version: number } {
  const count = classes.reduce((sum, { pictures }) => sum + pictures.length, 1);
  if (count > ZIP_LIMITS.entries) throw tooMany(count);
  const folders = uniqueNames(classes.map((one) => safeFileName(one.name, "class")));
  return {
    format: PROJECT_FORMAT,
    version: PROJECT_VERSION,
    ...(about === undefined ? {} : { about }),
    name,
    classes: classes.map(({ pictures, ...one }, c) => {
      const files = uniqueNames(pictures.map((picture) => safeFileName(picture.name, "picture")));
      return {
        name: one.name,
        enabled: one.enabled,
        pictures: pictures.map((picture, i) => ({
          file: `pictures/${folders[c]!}/${files[i]!}`,
          name: picture.name,
          content: picture.content,
          ...(picture.burst === undefined ? {} : { burst: picture.burst }),
        })),
      };
    }),
  };
}

function changed(name: string): UserError {
  return new UserError(`the picture "${name}" is no longer what it was when it was taken into the project`, {
    hint: "leave what is being written alone, or take the pictures into the project again",
  });
}

function tooMany(count: number): UserError {
  return new UserError(`${count} files, at most ${ZIP_LIMITS.entries} in the zip of a project`, {
    hint: "save several projects, such as one a class, or keep the folder of pictures itself",
  });
}

function tooLarge(): UserError {
  return new UserError("more than 4 GiB of pictures, which is more than a zip holds", {
    hint: "save several projects, such as one a class, or keep the folder of pictures itself",
  });
}
