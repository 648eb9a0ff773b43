// The project as one zip, in and out. It is loaded when it is asked for: what reads zips of strangers is as large as the page.

import { aboutProject, readProjectZip, writeProjectZip, type ZippedProject } from "pudnet";
import { removePictures } from "../model/changes.ts";
import { EXPORTER } from "../model/exporter.ts";
import type { Project } from "../model/project.ts";
import type { Store } from "./store.ts";

/**
 * Opens a zip: a project, or class folders as others export them. No picture is unpacked before its `read`.
 * @throws FormatError, with a hint, for what no zip of pictures should be
 */
export function openZip(file: Blob, name: string): Promise<ZippedProject> {
  return readProjectZip(file, name);
}

export interface ProjectZip {
  readonly zip: Blob;
  /** What is in it. */
  readonly project: Project;
  /** Names of pictures whose files had gone before they could be kept. */
  readonly leftOut: readonly string[];
}

export interface ZipOptions {
  /** What is said of the project's classifier. */
  readonly about?: Readonly<Record<string, unknown>> | undefined;
  /** Hears how many pictures are in it. */
  readonly onProgress?: (pictures: number) => void;
}

/**
 * The project with its pictures as they came.
 * @throws UserError for more than a zip holds
 */
export async function zipOf(
  project: Project,
  store: Pick<Store, "file" | "withoutFile">,
  { about, onProgress }: ZipOptions = {},
): Promise<ProjectZip> {
  const all = project.classes.flatMap(({ pictures }) => pictures);
  const gone = new Set(await store.withoutFile(all.map(({ id }) => id)));
  for (;;) {
    const zipped = removePictures(project, gone);
    try {
      const zip = await zipOfAll(zipped, store, { about, ...(onProgress ? { onProgress } : {}) });
      return { zip, project: zipped, leftOut: all.filter(({ id }) => gone.has(id)).map((one) => one.name) };
    } catch (error) {
      if (!(error instanceof FileGone) || gone.has(error.id)) throw error;
      gone.add(error.id); // once more without it: the zip's first entry names all pictures
    }
  }
}

/** A file that waits to be kept was moved or edited. */
class FileGone extends Error {
  readonly id: string;

  constructor(id: string, cause: unknown) {
    super("a file cannot be read any more", { cause });
    this.id = id;
  }
}

async function zipOfAll(
  project: Project,
  store: Pick<Store, "file">,
  { about, onProgress = () => {} }: ZipOptions,
): Promise<Blob> {
  let count = 0;
  const read = async (id: string): Promise<Uint8Array> => {
    const file = await store.file(id);
    const bytes = await file?.arrayBuffer().catch((error: unknown) => Promise.reject(new FileGone(id, error)));
    onProgress(++count);
    return new Uint8Array(bytes ?? []);
  };
  const classes = project.classes.map(({ name, enabled, pictures }) => ({
    name,
    enabled,
    pictures: pictures.map((one) => ({ ...one, read: () => read(one.id) })),
  }));
  const described = { name: project.name, about: { ...aboutProject(EXPORTER), ...about }, classes };
  // a Blob a piece: browsers put them on the disk where memory is short
  const pieces: Blob[] = [];
  for await (const piece of writeProjectZip(described)) pieces.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
  return new Blob(pieces, { type: "application/zip" });
}
