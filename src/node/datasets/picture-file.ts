// The bytes of one picture file with their hash, or why there are none: decided from the file itself, before any decoder.
import { open, readFile } from "node:fs/promises";
import pMap from "p-map";
import { FormatError } from "../../errors.ts";
import type { ZippedPicture } from "../../formats/project-zip.ts";
import { bytesHash, fileHash } from "../files/file-hash.ts";
import { entryAt, NOWHERE } from "./folder-walk.ts";
import { HEAD_BYTES } from "./picture-kind.ts";
import { Zips } from "./zip-files.ts";

/** Larger files are not read as a whole, but from the disk by the decoder. */
const LARGEST_IN_MEMORY = 2 ** 25;

export interface PictureFile {
  /** All bytes, or the path of a file too large for that. */
  readonly input: Uint8Array | string;
  readonly head: Uint8Array;
  /** Of all bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Reads a file, also one in a zip; the answer is a reason, for people, where there is nothing to decode. */
export async function readPictureFile(path: string, zips = new Zips()): Promise<PictureFile | string> {
  const entry = await entryAt(path); // before it is opened: opening a pipe waits for a writer
  const zipped = entry.kind === "unreadable" ? await zips.find(path) : undefined;
  if (zipped) return "picture" in zipped ? await readZipped(zipped.picture) : "a folder, not a picture";
  if (entry.kind === "folder") return "a folder, not a picture";
  if (entry.kind !== "file") return entry.reason === NOWHERE ? "no such file" : entry.reason;
  try {
    if (entry.bytes === 0) return "an empty file";
    if (entry.bytes > LARGEST_IN_MEMORY) return { input: path, head: await headOf(path), sha256: await fileHash(path) };
    return pictureFile(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === "EACCES" || code === "EPERM" ? "permission denied" : `cannot be read (${code ?? message})`;
  }
}

async function readZipped(picture: ZippedPicture | undefined): Promise<PictureFile | string> {
  if (picture === undefined) return "not the name of a picture";
  if (picture.size === 0) return "an empty file";
  try {
    return pictureFile(await picture.read());
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error.message.slice(error.message.indexOf(picture.path) + picture.path.length + 2);
  }
}

function pictureFile(input: Uint8Array): PictureFile {
  return { input, head: input.subarray(0, HEAD_BYTES), sha256: bytesHash(input) };
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file with the hash of its contents, or the reason why there is none. */
export interface Hashed {
  readonly path: string;
  readonly sha256?: string;
  readonly reason?: string;
}

/** Contents are what identifies pictures: names, sizes and times may be those of others. */
export async function hashPictures<F extends { readonly path: string }>(
  files: readonly F[],
  { signal, zips }: { readonly signal?: AbortSignal | undefined; readonly zips?: Zips | undefined } = {},
): Promise<(F & Hashed)[]> {
  const hash = async (file: F): Promise<F & Hashed> => {
    const read = await readPictureFile(file.path, zips);
    return typeof read === "string" ? { ...file, reason: read } : { ...file, sha256: read.sha256 };
  };
  return pMap(files, hash, { concurrency: 8, signal });
}
