// What a drop, a paste or a file input gives, as files with the folders around them.

import { isPassedOver } from "pudnet";
import type { Placed } from "../model/folders.ts";
import type { Session } from "../session/session.ts";
import { TEXTS } from "../texts.ts";

/**
 * Zips are opened, wherever on the page they are dropped; `take` is given all else but what systems leave in folders. What gives no file,
 * or cannot be read, is told. Must be called at once: the entries are gone when the event is over.
 */
export async function takeDrop(
  session: Session,
  event: DragEvent,
  take: (placed: readonly Placed<File>[]) => void,
): Promise<void> {
  event.preventDefault();
  event.stopPropagation(); // what is around it takes drops, too
  const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
  const entries = items.flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  const found = (await Promise.all(entries.map((entry) => walk(entry)))).flat();
  const read = found.filter(isRead);
  const zips = read.filter(({ path, file }) => path.length === 1 && isZip(file));
  const placed = read.filter((one) => !zips.includes(one));
  const notRead = found.filter((one) => !isRead(one)).map(({ path }) => path.join("/"));
  if (notRead.length > 0) session.notice(TEXTS.notRead(notRead));
  if (found.length === 0) session.notice(items.length > 0 ? TEXTS.emptyFolder : TEXTS.noFilesDropped);
  for (const { file } of zips) await session.leaving.openZip(file, file.name);
  if (placed.length > 0) take(placed);
}

/** Of an input, which may have been for a folder. */
export function placedOfInput(input: HTMLInputElement): Placed<File>[] {
  const files = [...(input.files ?? [])];
  input.value = ""; // the same may be chosen again
  return files.map(placedOfFile);
}

/** Pictures in the clipboard. */
export function filesOfPaste(event: ClipboardEvent): File[] {
  return [...(event.clipboardData?.files ?? [])];
}

const isZip = ({ name, type }: File): boolean => type === "application/zip" || /\.zip$/i.test(name);

function placedOfFile(file: File): Placed<File> {
  const path = file.webkitRelativePath === "" ? [file.name] : file.webkitRelativePath.split("/");
  return { path, file };
}

/** Without a file where that, or the folder of this path, cannot be read. */
type Found = Placed<File | undefined>;

const isRead = (found: Found): found is Placed<File> => found.file !== undefined;

async function walk(entry: FileSystemEntry | File, around: readonly string[] = []): Promise<Found[]> {
  if (isPassedOver(entry.name)) return [];
  if (entry instanceof File) return [placedOfFile(entry)];
  const path = [...around, entry.name];
  if (isFile(entry)) {
    const file = await new Promise<File | undefined>((done) => entry.file(done, () => done(undefined)));
    return [{ path, file }];
  }
  const { entries, isWhole } = await entriesOf(entry as FileSystemDirectoryEntry);
  const inside = (await Promise.all(entries.map((one) => walk(one, path)))).flat();
  return isWhole ? inside : [...inside, { path, file: undefined }];
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

/** Of a folder; a reader gives some hundred at a time, and none at its end. Not whole where they cannot all be read. */
async function entriesOf(folder: FileSystemDirectoryEntry) {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[] | undefined>((done) =>
      reader.readEntries(done, () => done(undefined)),
    );
    if (!some || some.length === 0) return { entries, isWhole: some !== undefined };
    entries.push(...some);
  }
}
