// Zips as they come from strangers: every offset, size and name is checked before anything is unpacked, and nothing is
// unpacked further than was declared. Read piece by piece, so that a zip may be larger than the memory.

import { Inflate } from "fflate";
import { FormatError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { zipName } from "./zip-name.ts";

/** Bytes that can be read from anywhere: a file on a disk, a Blob of a page. */
export interface ByteSource {
  readonly size: number;
  /** The bytes [from, to), all of them. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface ZipEntry {
  /** Parts of folders and a name with "/" between them: relative, without "..", of printable characters, each path once. */
  readonly path: string;
  /** Bytes once it is unpacked. */
  readonly size: number;
  /** Bytes in the zip. */
  readonly packed: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  /** Of its header in the zip. */
  readonly offset: number;
  /** As it stands in the zip. */
  readonly rawName: Uint8Array;
}

export const ZIP_LIMITS = {
  /** Files and folders. */
  entries: 50_000,
  /** All names together, in bytes with what belongs to them. */
  directory: 2 ** 25,
  /** Unpacked, all together: pictures hardly shrink, and what grows to more than this was made to do harm. */
  unpacked: 2 ** 33,
  ratio: 50,
  /** Up to so many bytes any ratio is harmless. */
  harmless: 2 ** 26,
} as const;

const END = 0x06054b50;
const END_BYTES = 22;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_BYTES = 20;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
/** Stands for a number that only zip64 has room for. */
const BEYOND = 0xffffffff;
/** Encrypted, by the old and by the strong way, or with an encrypted directory. */
const ENCRYPTED = 0x2041;
const SIZES_FOLLOW = 0x8;
const MOST_DEFLATED = 1032;
const METHODS: Readonly<Record<number, string>> = {
  9: "deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "Zstandard",
  95: "xz",
  98: "PPMd",
};
const AGAIN = "make the zip again with another program, or unpack it and give the folder";

/** Whether bytes begin as a zip does. */
export function beginsAsZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * All files of a zip, none of them unpacked yet; folders are left out.
 * @param file names it in errors
 * @throws FormatError for what is no zip or damaged, encrypted, zip64, in parts or packed in another way; for paths that lead
 *   out of a folder, links, names twice or with control characters; for more entries or bytes than `ZIP_LIMITS`
 */
export async function readZipEntries(source: ByteSource, file: string): Promise<ZipEntry[]> {
  const { count, from, to } = await readEnd(source, file);
  const bytes = await source.read(from, to);
  const view = viewOf(bytes);
  const entries: Entry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const entry = readCentral(bytes, view, at, file);
    at = entry.next;
    entries.push(entry);
    if (i % AT_A_TIME === AT_A_TIME - 1) await pause();
  }
  if (at !== bytes.length) throw damaged(file, `its directory has ${bytes.length - at} bytes more than its entries`);
  requireNoLinks(entries, file);
  requireOnce(entries, file);
  await pause();
  requireApart(entries, from, file);
  requireHarmless(entries, source.size, file);
  await pause();
  return entries.filter(({ isFolder }) => !isFolder);
}

/**
 * The bytes of a file of a zip.
 * @throws FormatError where they are not those that the directory speaks of
 */
export async function readZipEntry(source: ByteSource, entry: ZipEntry, file: string): Promise<Uint8Array> {
  const { path, offset, rawName, packed, size, method } = entry;
  const named = `${file}: ${path}`;
  const fixed = viewOf(await source.read(offset, offset + LOCAL_BYTES));
  if (fixed.getUint32(0, true) !== LOCAL) throw damaged(named, "nothing begins where it should");
  const start = offset + LOCAL_BYTES + fixed.getUint16(26, true) + fixed.getUint16(28, true);
  const name = await source.read(offset + LOCAL_BYTES, offset + LOCAL_BYTES + fixed.getUint16(26, true));
  const flags = fixed.getUint16(6, true);
  const says = [
    fixed.getUint16(8, true),
    fixed.getUint32(14, true),
    fixed.getUint32(18, true),
    fixed.getUint32(22, true),
  ];
  const isSame = [method, entry.crc, packed, size].every(
    (value, i) =>
      says[i] === value || (i > 0 && (says[i] === BEYOND || (says[i] === 0 && (flags & SIZES_FOLLOW) !== 0))),
  );
  if (!isSame || (flags & ENCRYPTED) !== 0 || !sameBytes(name, rawName))
    throw damaged(named, "its header says otherwise than the directory");
  if (start + packed > source.size) throw damaged(named, "cut short");
  const found = await source.read(start, start + packed);
  const bytes = method === 0 ? found : inflated(found, size, named);
  if (crc32(bytes) !== entry.crc) throw damaged(named, "its content does not match its checksum");
  return bytes;
}

/** Where the directory is, by the record at the very end. */
async function readEnd(source: ByteSource, file: string): Promise<{ count: number; from: number; to: number }> {
  const tailFrom = Math.max(0, source.size - END_BYTES - LONGEST_COMMENT - LOCATOR_64_BYTES);
  const head = await source.read(0, Math.min(4, source.size));
  if (!beginsAsZip(head))
    throw new FormatError(file, "not a zip", { hint: "give a zip, or a folder of class folders" });
  const tail = viewOf(await source.read(tailFrom, source.size));
  const at = endIn(tail);
  if (at === undefined)
    throw damaged(file, "a zip without its end: it was cut short, or something was written behind it");
  const [disk, firstDisk] = [tail.getUint16(at + 4, true), tail.getUint16(at + 6, true)];
  const [here, count] = [tail.getUint16(at + 8, true), tail.getUint16(at + 10, true)];
  const [bytes, from] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  const isZip64 =
    (at >= LOCATOR_64_BYTES && tail.getUint32(at - LOCATOR_64_BYTES, true) === LOCATOR_64) ||
    count === 0xffff ||
    bytes === BEYOND ||
    from === BEYOND;
  if (isZip64) throw zip64(file);
  if (disk !== 0 || firstDisk !== 0 || here !== count)
    throw new FormatError(file, "a part of a zip in several parts", { hint: AGAIN });
  if (count > ZIP_LIMITS.entries) throw tooMany(file, `${count} entries`, `${ZIP_LIMITS.entries}`);
  if (bytes > ZIP_LIMITS.directory) throw tooMany(file, `${bytes} bytes of names`, `${ZIP_LIMITS.directory}`);
  if (from + bytes !== tailFrom + at) throw damaged(file, "its directory is not where its end says");
  return { count, from, to: from + bytes };
}

/** The last place where a record ends, with its comment, where the zip does. */
function endIn(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    const isEnd =
      tail.getUint32(at, true) === END && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength;
    if (isEnd) return at;
  }
  return undefined;
}

interface Entry extends ZipEntry {
  readonly isFolder: boolean;
  /** As Unix has it, where it is told. */
  readonly mode: number;
  /** Where the next one begins. */
  readonly next: number;
}

function readCentral(bytes: Uint8Array, view: DataView, at: number, file: string): Entry {
  if (at + CENTRAL_BYTES > bytes.length || view.getUint32(at, true) !== CENTRAL)
    throw damaged(file, "its directory has fewer entries than its end says");
  const nameEnd = at + CENTRAL_BYTES + view.getUint16(at + 28, true);
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > bytes.length) throw damaged(file, "an entry of its directory is cut short");
  const rawName = bytes.slice(at + CENTRAL_BYTES, nameEnd);
  const flags = view.getUint16(at + 8, true);
  const { path, isFolder } = zipName(rawName, (flags & 0x800) !== 0, file);
  const method = view.getUint16(at + 10, true);
  const [packed, size, offset] = [20, 24, 42].map((i) => view.getUint32(at + i, true)) as [number, number, number];
  const named = `${file}: ${path}`;
  if ((flags & ENCRYPTED) !== 0)
    throw new FormatError(named, "encrypted", { hint: "make the zip again without a password" });
  if ([packed, size, offset].includes(BEYOND) || view.getUint16(at + 34, true) === 0xffff) throw zip64(file);
  if (method !== 0 && method !== 8)
    throw new FormatError(named, `packed with ${METHODS[method] ?? `method ${method}`}`, { hint: AGAIN });
  const isPossible = method === 0 ? packed === size : size <= packed * MOST_DEFLATED;
  if (!isPossible) throw damaged(named, `${packed} bytes cannot become ${size}`);
  const mode = view.getUint16(at + 40, true);
  return { path, isFolder, mode, rawName, method, crc: view.getUint32(at + 16, true), packed, size, offset, next };
}

/** Of the kinds that Unix knows, files and folders; a link would lead anywhere. */
function requireNoLinks(entries: readonly Entry[], file: string): void {
  const kinds: Readonly<Record<number, string>> = { 0: "", 0o040000: "", 0o100000: "", 0o120000: "a link" };
  for (const { path, mode } of entries) {
    const kind = kinds[mode & 0o170000] ?? "neither a file nor a folder";
    if (kind === "") continue;
    throw new FormatError(`${file}: ${path}`, `${kind}: a zip of pictures holds files and folders`, {
      hint: "make the zip again from the files themselves (not with --symlinks)",
    });
  }
}

/** Names that look the same are the same: file systems differ in how they write accents. */
function requireOnce(entries: readonly Entry[], file: string): void {
  const seen = new Map<string, boolean>();
  for (const { path, isFolder } of entries) {
    const name = path.normalize();
    const before = seen.get(name);
    if (before !== undefined && !(before && isFolder))
      throw new FormatError(`${file}: ${path}`, "there twice", { hint: AGAIN });
    seen.set(name, isFolder);
  }
}

/** Entries that share bytes are how a small zip unpacks to terabytes. */
function requireApart(entries: readonly Entry[], end: number, file: string): void {
  let free = end;
  for (const { path, offset, packed, rawName } of entries.toSorted((a, b) => b.offset - a.offset)) {
    if (offset + LOCAL_BYTES + rawName.length + packed > free)
      throw damaged(`${file}: ${path}`, "it shares bytes with another part of the zip");
    free = offset;
  }
}

function requireHarmless(entries: readonly Entry[], zipped: number, file: string): void {
  const unpacked = entries.reduce((sum, { size }) => sum + size, 0);
  const most = Math.min(ZIP_LIMITS.unpacked, Math.max(ZIP_LIMITS.harmless, ZIP_LIMITS.ratio * zipped));
  if (unpacked > most) throw tooMany(file, `${zipped} bytes that unpack to ${unpacked}`, `${most}`);
}

/** So many packed bytes at a time that what comes of them is small, whatever they are. */
const STEP = 2 ** 14;

function inflated(packed: Uint8Array, size: number, named: string): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  let isEnded = false;
  const inflate = new Inflate((part, final) => {
    if (length + part.length > size) throw damaged(named, `more than the ${size} bytes it declares`);
    bytes.set(part, length);
    length += part.length;
    isEnded ||= final;
  });
  try {
    for (let at = 0; at < packed.length; at += STEP)
      inflate.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw damaged(named, `cannot be unpacked (${(cause as Error).message})`);
  }
  if (!isEnded || length !== size) throw damaged(named, `${length} bytes, not the ${size} that it declares`);
  return bytes;
}

/** Entries that are looked at before a page may do something else. */
const AT_A_TIME = 1000;
const pause = (): Promise<void> => new Promise((go) => setTimeout(go));

function damaged(place: string, what: string): FormatError {
  return new FormatError(place, `damaged: ${what}`, { hint: "copy or download it again, or make it again" });
}

function zip64(file: string): FormatError {
  return new FormatError(file, "a zip64, which is for more than 4 GiB or 65,535 files", {
    hint: "unpack it and give the folder, or make several zips",
  });
}

function tooMany(file: string, found: string, most: string): FormatError {
  return new FormatError(file, `${found}, at most ${most} are unpacked`, {
    hint: "if you know where it comes from, unpack it yourself and give the folder",
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
