// Edits that know how a kind of file is built, and keep the rest of it whole: otherwise a checksum or a length at the front
// would be all that is ever tried.

import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { unzipSync, zipSync } from "fflate";
import { BYTE_EDITS, joined, place } from "./byte-edits.ts";
import type { EditBytes } from "./edits.ts";
import { editJson } from "./json-edits.ts";
import { editLines, editNumber, YAML_BOMBS } from "./text-edits.ts";

/** Rare, as it takes long: one size of 65. */
export const BOMB = "a bomb";
export const BOMB_SIZE = 64;

const decoder = new TextDecoder("utf-8", { fatal: true });
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An edit of text, for bytes that are text. */
const ofText =
  (edit: (text: string, how: { at: number; size: number; value: number }) => string | undefined): EditBytes =>
  (bytes, how) => {
    if (bytes.includes(0)) return undefined;
    try {
      const text = edit(decoder.decode(bytes), how);
      return text === undefined ? undefined : encode(text);
    } catch (error) {
      if (error instanceof TypeError) return undefined; // not UTF-8
      throw error;
    }
  };

const json = ofText(editJson);

export const STRUCTURE_EDITS: Readonly<Record<string, EditBytes>> = {
  "a value or key": (bytes, edit, path) => {
    if (isZip(bytes)) return ofFileInZip(bytes, edit, json);
    return isSafetensors(path) ? ofHeader(bytes, (header) => json(header, edit, path)) : json(bytes, edit, path);
  },
  "JSON in JSON": (bytes, edit, path) =>
    isSafetensors(path)
      ? ofHeader(bytes, (header) => editInner(header, edit))
      : ofText((text, how) => editNumber(text, how))(bytes, edit, path),
  "a number": (bytes, edit, path) =>
    isSafetensors(path)
      ? ofHeader(bytes, (header) => ofText(editNumber)(header, edit, path))
      : ofText(editNumber)(bytes, edit, path),
  "lines or cells": (bytes, edit, path) => gzipped(bytes, edit, path) ?? ofText(editLines)(bytes, edit, path),
  "a chunk with its checksum": (bytes, edit, path) => ofChunk(bytes, edit) ?? ofText(editLines)(bytes, edit, path),
  [BOMB]: (bytes, edit, path) => (edit.size === BOMB_SIZE ? bomb(bytes, edit, path) : undefined),
};

const isSafetensors = (path: string): boolean => path.endsWith(".safetensors");

/** Edits the header of a safetensors file and tells its new length at the front. */
function ofHeader(bytes: Uint8Array, edit: (header: Uint8Array) => Uint8Array | undefined): Uint8Array | undefined {
  if (bytes.length < 8) return undefined;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) return undefined;
  const header = edit(bytes.subarray(8, 8 + length));
  return header && joined(littleEndian(header.length), header, bytes.subarray(8 + length));
}

function littleEndian(length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return bytes;
}

/** Descriptions of models are JSON inside the metadata. */
function editInner(header: Uint8Array, edit: { at: number; size: number; value: number }): Uint8Array | undefined {
  try {
    const outer = JSON.parse(decoder.decode(header)) as Record<string, Record<string, string> | undefined>;
    const metadata = outer["__metadata__"] ?? {};
    const names = Object.keys(metadata).filter((name) => /^[{[]/.test(String(metadata[name])));
    const name = names[edit.value % names.length]!;
    const inner = editJson(metadata[name]!, edit);
    if (inner === undefined) return undefined;
    return encode(JSON.stringify({ ...outer, __metadata__: { ...metadata, [name]: inner } }));
  } catch {
    return undefined; // an earlier edit broke it
  }
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** Edits a file in a zip and mends its checksum and sizes: the description of a project, if it has one. */
function ofFileInZip(bytes: Uint8Array, edit: Parameters<EditBytes>[1], how: EditBytes): Uint8Array | undefined {
  try {
    const files = unzipSync(bytes, { filter: ({ originalSize }) => originalSize < 2 ** 20 });
    const name = Object.keys(files).find((path) => path.endsWith(".json"));
    const inner = name && how(files[name]!, edit, name);
    return inner ? zipSync({ ...files, [name]: inner }) : undefined;
  } catch {
    return undefined; // an earlier edit broke it
  }
}

/** 64 files of 16 MiB of zeros in 1 MB: together 1 GiB, and more than each says. */
function zipBomb({ value }: Parameters<EditBytes>[1]): Uint8Array {
  zeroFile ??= new Uint8Array(2 ** 24);
  const names = Array.from({ length: value % 2 === 0 ? 1 : 64 }, (_, i) => `${i % 2 === 0 ? "cat" : "dog"}/${i}.jpg`);
  const zip = zipSync(Object.fromEntries(names.map((name) => [name, zeroFile!] as const)), { level: 9 });
  if (names.length > 1) return zip;
  const view = new DataView(zip.buffer);
  const directory = view.getUint32(zip.length - 6, true);
  for (const at of [22, directory + 24]) view.setUint32(at, 1000, true);
  return zip;
}

let zeroFile: Uint8Array | undefined;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Edits what is inside a gzip file. */
function gzipped(bytes: Uint8Array, edit: Parameters<EditBytes>[1], path: string): Uint8Array | undefined {
  if (!isGzip(bytes)) return undefined;
  const ways = Object.values(BYTE_EDITS);
  try {
    const inner = ways[edit.size % ways.length]!(
      new Uint8Array(gunzipSync(bytes, { maxOutputLength: 2 ** 24 })),
      edit,
      path,
    );
    return inner && new Uint8Array(gzipSync(inner, { level: 1 }));
  } catch {
    return undefined; // an earlier edit broke it, or made it a bomb
  }
}

/** Edits a chunk of a PNG and mends its checksum, so that what is inside is looked at. */
function ofChunk(bytes: Uint8Array, { at, size, value }: Parameters<EditBytes>[1]): Uint8Array | undefined {
  if (bytes[0] !== 0x89 || bytes[1] !== 0x50) return undefined;
  const chunks: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let from = 8; from + 12 <= bytes.length; from += 12 + view.getUint32(from)) chunks.push(from);
  // Sizes, depths and kinds stand in the first chunk: half of all edits there.
  const from = chunks[value % 2 === 0 ? 0 : at % chunks.length];
  if (from === undefined) return undefined;
  const length = view.getUint32(from);
  if (length === 0 || from + 12 + length > bytes.length) return undefined;
  const ways = ["set a byte", "32 bits to an extreme", "flip a bit"] as const;
  const data = BYTE_EDITS[ways[size % 3]!]!(
    bytes.subarray(from + 8, from + 8 + length),
    { how: "", file: 0, at, size, value: value >> 1 },
    "",
  );
  if (!data) return undefined;
  const copy = bytes.slice();
  copy.set(data, from + 8);
  new DataView(copy.buffer).setUint32(from + 8 + length, crc32(copy.subarray(from + 4, from + 8 + length)));
  return copy;
}

/** A gzip file or a zip of 1 GiB of zeros in 1 MB; aliases of aliases of aliases; a header of millions of empty objects. */
function bomb(bytes: Uint8Array, { at, value }: Parameters<EditBytes>[1], path: string): Uint8Array | undefined {
  if (isGzip(bytes)) {
    zeros ??= new Uint8Array(gzipSync(new Uint8Array(2 ** 24)));
    return joined(...Array.from({ length: 64 }, () => zeros!));
  }
  if (isZip(bytes)) return zipBomb({ how: "", file: 0, at, size: BOMB_SIZE, value });
  if (isSafetensors(path)) {
    const header = encode(`{"__metadata__":{},"a":[${"{},".repeat(1_350_000)}{}]}`);
    return joined(littleEndian(header.length), header, bytes.subarray(0, place(bytes, at) % 1000));
  }
  if (/\.(ya?ml|json|csv|jsonl|txt)$/.test(path)) return encode(YAML_BOMBS[value % YAML_BOMBS.length]!);
  return undefined;
}

let zeros: Uint8Array | undefined;
