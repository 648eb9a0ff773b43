// What a drop, a paste or a file input gives, as files with the folders around them.

import type { Placed } from "../model/folders.ts";
import { TEXTS } from "../texts.ts";

/** Files and folders of a drop. Must be called at once: the entries are gone when the event is over. */
export async function placedOf(transfer: DataTransfer): Promise<Placed<File>[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const found = await Promise.all(entries.map(async (entry) => (entry instanceof File ? fileOf(entry) : walk(entry))));
  return found.flat();
}

/** What is to be said where a drop gives no file. Must be called at once, too. */
export function nothingIn(transfer: DataTransfer | null): string {
  return [...(transfer?.items ?? [])].some(({ kind }) => kind === "file") ? TEXTS.emptyFolder : TEXTS.noFilesDropped;
}

/** Of an input, which may have been for a folder. */
export function placedOfInput(input: HTMLInputElement): Placed<File>[] {
  const files = [...(input.files ?? [])];
  input.value = ""; // the same may be chosen again
  return files.flatMap(fileOf);
}

/** Pictures in the clipboard. */
export function filesOfPaste(event: ClipboardEvent): File[] {
  return [...(event.clipboardData?.files ?? [])];
}

export const isZip = ({ name, type }: File): boolean => type === "application/zip" || /\.zip$/i.test(name);

function fileOf(file: File): Placed<File>[] {
  const path = file.webkitRelativePath === "" ? [file.name] : file.webkitRelativePath.split("/");
  return [{ path, file }];
}

async function walk(entry: FileSystemEntry | null, around: readonly string[] = []): Promise<Placed<File>[]> {
  if (!entry) return [];
  const path = [...around, entry.name];
  if (isFile(entry)) {
    const file = await new Promise<File | undefined>((done) => entry.file(done, () => done(undefined)));
    return file ? [{ path, file }] : [];
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(inside.map((one) => walk(one, path)))).flat();
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

/** A reader gives some hundred at a time, and none at its end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
