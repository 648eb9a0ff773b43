// The project as one zip, in and out. It is loaded when it is asked for: what reads zips of strangers is as large as the page.

import { readProjectZip, writeProjectZip, type ZippedProject } from "pudnet";
import type { Project } from "../model/project.ts";
import type { Store } from "./store.ts";

/**
 * Opens a zip: a project, or class folders as others export them. No picture is unpacked before its `read`.
 * @throws FormatError, with a hint, for what no zip of pictures should be
 */
export function openZip(file: Blob, name: string): Promise<ZippedProject> {
  return readProjectZip(file, name);
}

/**
 * The project with its pictures as they came; `onProgress` hears how many are in it.
 * @throws UserError for more than a zip holds
 */
export async function zipOf(
  { name, classes }: Project,
  store: Pick<Store, "file">,
  onProgress: (pictures: number) => void = () => {},
): Promise<Blob> {
  let count = 0;
  const read = async (id: string): Promise<Uint8Array> => {
    const file = await store.file(id);
    onProgress(++count);
    return new Uint8Array((await file?.arrayBuffer()) ?? []); // what is missing is no longer what its hash says
  };
  const pieces: BlobPart[] = [];
  const project = {
    name,
    classes: classes.map(({ name: called, enabled, pictures }) => ({
      name: called,
      enabled,
      pictures: pictures.map((one) => ({
        name: one.name,
        content: one.content,
        burst: one.burst,
        read: () => read(one.id),
      })),
    })),
  };
  for await (const piece of writeProjectZip(project)) pieces.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
  return new Blob(pieces, { type: "application/zip" });
}
