// The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header with names, types,
// shapes and offsets, then the numbers, little-endian and without gaps. PyTorch, timm and transformers read it as it is.

import { FormatError, invariant, UserError } from "../errors.ts";
import { type HostTensor, type Shape, sizeOf } from "../tensor/tree.ts";
import { float16Bytes, fromFloat16, LARGEST_FLOAT16 } from "./float16.ts";
import { parseJson } from "./json.ts";

type Data = HostTensor["data"];

/**
 * Element types; a new one is a new row. Widest first, so that in this order every tensor is aligned in the file. `F16` is
 * a type of files alone: in memory its numbers have 32 bits.
 */
const DTYPES = {
  I64: {
    bytes: 8,
    holds: (data: Data) => data instanceof BigInt64Array,
    view: (b: ArrayBuffer) => new BigInt64Array(b),
  },
  F32: { bytes: 4, holds: (data: Data) => data instanceof Float32Array, view: (b: ArrayBuffer) => new Float32Array(b) },
  F16: { bytes: 2, holds: () => false, view: (b: ArrayBuffer) => fromFloat16(new Uint8Array(b)) },
  U8: { bytes: 1, holds: (data: Data) => data instanceof Uint8Array, view: (b: ArrayBuffer) => new Uint8Array(b) },
} as const;
type Dtype = keyof typeof DTYPES;
const dtypes = Object.keys(DTYPES) as Dtype[];

export interface WriteOptions {
  /** Numbers of 32 bits are rounded to 16. @see roundToFloat16 */
  readonly float16?: boolean;
}

/**
 * Room for some ten thousand tensors. The format allows 100 MB, but as objects a header may take 50 times as much memory.
 * What would not be read is not written either.
 */
const LARGEST_HEADER = 2 ** 22;
const DAMAGED = "the file was cut short or damaged: copy or download it again";
const FOREIGN = "expected a .safetensors file";

export interface Safetensors {
  /** By name, in the order of their data in the file. */
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * The bytes of a safetensors file. Tensors are stored widest type first, then by name: equal content, equal bytes.
 * @throws UserError where names and metadata are too long for a header that would be read again, or a number is too large for 16 bits
 * @example writeSafetensors(new Map([["fc.weight", hostTensor([2, 3])]]), { arch: "convnet-3" });
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
  { float16 = false }: WriteOptions = {},
): Uint8Array {
  // Joined by hand: an object would move names that look like numbers to the front.
  const fields = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const parts = inFileOrder(tensors, float16);
  let offset = 0;
  for (const { name, dtype, shape, bytes } of parts) {
    const end = offset + bytes.length;
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, end] })}`);
    offset = end;
  }
  const text = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(text.length / 8) * 8;
  if (headerLength > LARGEST_HEADER) {
    throw new UserError(`a header of ${headerLength} bytes, more than the ${LARGEST_HEADER} of a safetensors file`, {
      hint: "give classes shorter names, or take fewer of them",
    });
  }
  const file = new Uint8Array(8 + headerLength + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(text, 8);
  file.fill(0x20, 8 + text.length, 8 + headerLength);
  let at = 8 + headerLength;
  for (const { bytes } of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** The numbers as they are once they were written with 16 bits. */
export function roundToFloat16(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map(
    Array.from(tensors, ([name, tensor]) => {
      if (!(tensor.data instanceof Float32Array)) return [name, tensor];
      return [name, { shape: tensor.shape, data: fromFloat16(float16Bytes(tensor.data)) }];
    }),
  );
}

/** The numbers of a tensor as bytes, without copying. */
export function bytesOf({ data }: HostTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

interface Part {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

function inFileOrder(tensors: ReadonlyMap<string, HostTensor>, float16: boolean): Part[] {
  return Array.from(tensors, ([name, tensor]): Part => {
    const dtype = dtypes.find((candidate) => DTYPES[candidate].holds(tensor.data));
    invariant(dtype, () => `"${name}" has a type that safetensors lacks`);
    invariant(name !== "__metadata__", () => "a tensor cannot be named __metadata__");
    invariant(tensor.data.length === sizeOf(tensor.shape), () => `"${name}" does not fill its shape`);
    const { shape, data } = tensor;
    if (!float16 || !(data instanceof Float32Array)) return { name, dtype, shape, bytes: bytesOf(tensor) };
    const tooLarge = data.find((value) => Number.isFinite(value) && Math.abs(value) > LARGEST_FLOAT16);
    if (tooLarge !== undefined) {
      throw new UserError(`"${name}" holds ${tooLarge}, 16 bits hold ${LARGEST_FLOAT16} at most`, {
        hint: "keep its numbers in 32 bits",
      });
    }
    return { name, dtype: "F16", shape, bytes: float16Bytes(data) };
  }).sort((a, b) => DTYPES[b.dtype].bytes - DTYPES[a.dtype].bytes || (a.name < b.name ? -1 : 1));
}

/**
 * Reads a safetensors file; the tensors are copies and do not keep `bytes` alive.
 * @param fileName names the file in errors
 * @throws FormatError for truncated and foreign files, and for headers that do not describe the data exactly
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): Safetensors {
  const { header, dataStart } = readHeader(bytes, fileName);
  const metadata = readMetadata(header["__metadata__"], fileName);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, info]) => readEntry(name, info, fileName))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkOffsets(entries, bytes.length - dataStart, fileName);
  const tensors = new Map(
    entries.map(({ name, dtype, shape, begin, end }) => {
      const copy = new Uint8Array(end - begin); // its own buffer: aligned, whatever the offset in the file
      copy.set(bytes.subarray(dataStart + begin, dataStart + end));
      return [name, { shape, data: DTYPES[dtype].view(copy.buffer) }];
    }),
  );
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length === 0) throw new FormatError(file, "the file is empty", { hint: DAMAGED });
  if (bytes.length < 8) {
    throw new FormatError(file, `not a safetensors file: only ${bytes.length} bytes`, { hint: FOREIGN });
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const looksRight = length >= 2 && (bytes.length === 8 || bytes[8] === 0x7b);
  if (!looksRight) throw new FormatError(file, "not a safetensors file: no header at byte 8", { hint: FOREIGN });
  if (length > LARGEST_HEADER) {
    const what = `its header of ${length} bytes is longer than ${LARGEST_HEADER}`;
    throw new FormatError(file, `not a safetensors file, or one of very many tensors: ${what}`, { hint: FOREIGN });
  }
  if (8 + length > bytes.length) {
    throw new FormatError(file, `truncated: the header ends at byte ${8 + length} of ${bytes.length}`, {
      hint: DAMAGED,
    });
  }
  const header = parseJson(bytes.subarray(8, 8 + length), `${file}, header at byte 8`, DAMAGED);
  return { header: header as Record<string, unknown>, dataStart: 8 + length };
}

function readMetadata(found: unknown, file: string): Record<string, string> {
  if (found === undefined) return {};
  const isTextOnly =
    typeof found === "object" &&
    found !== null &&
    !Array.isArray(found) &&
    Object.values(found).every((value) => typeof value === "string");
  if (!isTextOnly)
    throw new FormatError(file, "__metadata__ in the header is not a record of strings", { hint: DAMAGED });
  return found as Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function readEntry(name: string, info: unknown, file: string): Entry {
  const fail = (what: string, hint = DAMAGED): never => {
    throw new FormatError(file, `tensor "${name}": ${what}`, { hint });
  };
  if (typeof info !== "object" || info === null) return fail("its header entry is not a record");
  const { dtype, shape, data_offsets: offsets } = info as Record<string, unknown>;
  if (!dtypes.includes(dtype as Dtype)) {
    return fail(`element type ${JSON.stringify(dtype)} is not supported`, `convert it to one of ${dtypes.join(", ")}`);
  }
  if (!isCounts(shape)) return fail(`${JSON.stringify(shape)} is not a shape`);
  if (!isCounts(offsets) || offsets.length !== 2) return fail(`${JSON.stringify(offsets)} is not a pair of offsets`);
  const [begin, end] = offsets as [number, number];
  const expected = sizeOf(shape) * DTYPES[dtype as Dtype].bytes;
  if (end - begin !== expected) {
    return fail(
      `offsets ${begin} to ${end} hold ${end - begin} bytes, but ${String(dtype)} [${shape.join(", ")}] takes ${expected}`,
    );
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** Every byte of the data belongs to exactly one tensor. */
function checkOffsets(entries: readonly Entry[], dataLength: number, file: string): void {
  let offset = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== offset) {
      const what = begin < offset ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new FormatError(file, `tensor "${name}" at offset ${begin} ${what} (expected ${offset})`, {
        hint: DAMAGED,
      });
    }
    offset = end;
  }
  if (offset > dataLength) {
    throw new FormatError(file, `truncated: ${dataLength} bytes of data, the header promises ${offset}`, {
      hint: DAMAGED,
    });
  }
  if (offset < dataLength) {
    throw new FormatError(file, `${dataLength - offset} bytes after the last tensor belong to none`, { hint: DAMAGED });
  }
}
