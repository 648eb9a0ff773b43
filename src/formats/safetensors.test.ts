import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, UserError } from "../errors.ts";
import { type HostTensor, hostTensor, sizeOf } from "../tensor/tree.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
const anyTensor: fc.Arbitrary<HostTensor> = fc.oneof(
  shapes.chain((shape) =>
    fc.float32Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({ shape, data })),
  ),
  shapes.chain((shape) =>
    fc.bigInt64Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({ shape, data })),
  ),
  shapes.chain((shape) =>
    fc.uint8Array({ minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({ shape, data })),
  ),
);
const names = fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__");
const anyTensors = fc.array(fc.tuple(names, anyTensor), { maxLength: 6 }).map((entries) => new Map(entries));
const anyMetadata = fc.dictionary(fc.string(), fc.string());

/** Bytes of a file with the given header text and data. */
function file(header: string, data: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(Array.from(data), 8 + text.length);
  return bytes;
}

test("what is written is read back, bit for bit", () => {
  fc.assert(
    fc.property(anyTensors, anyMetadata, fc.nat({ max: 7 }), (tensors, metadata, misalignment) => {
      const written = writeSafetensors(tensors, metadata);
      const elsewhere = new Uint8Array(written.length + misalignment);
      elsewhere.set(written, misalignment);
      const read = readSafetensors(elsewhere.subarray(misalignment), "a.safetensors");
      expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
      expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()));
      for (const [name, { shape, data }] of tensors) {
        expect(read.tensors.get(name)).toEqual({ shape, data });
      }
    }),
  );
});

test("the bytes do not depend on the order of the tensors", () => {
  fc.assert(
    fc.property(anyTensors, (tensors) => {
      expect(writeSafetensors(new Map([...tensors].reverse()))).toEqual(writeSafetensors(tensors));
    }),
  );
});

test("what is too long to be read is not written, and what just fits is", () => {
  const withNames = (length: number) => writeSafetensors(new Map(), { names: "a".repeat(length) });
  const around = JSON.stringify({ __metadata__: { names: "" } }).length;
  const { metadata } = readSafetensors(withNames(2 ** 22 - around), "f");
  expect(metadata["names"]).toHaveLength(2 ** 22 - around);
  expect(() => withNames(2 ** 22 - around + 1)).toThrow(UserError);
});

test("the layout is that of the specification: aligned header, padded with spaces, data without gaps", () => {
  const bytes = writeSafetensors(
    new Map<string, HostTensor>([
      ["b", { shape: [3], data: Uint8Array.of(7, 8, 9) }],
      ["a", hostTensor([1], [1])],
    ]),
    { arch: "x" },
  );
  const header =
    '{"__metadata__":{"arch":"x"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}';
  const length = Math.ceil(header.length / 8) * 8;
  expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(length));
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toBe(header.padEnd(length, " "));
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 7, 8, 9]);
});

test("a cut at any byte is a FormatError that names the file", () => {
  const bytes = writeSafetensors(new Map([["fc.weight", hostTensor([2, 3], [1, 2, 3, 4, 5, 6])]]), { a: "b" });
  for (let length = 0; length < bytes.length; length++) {
    const read = () => readSafetensors(bytes.subarray(0, length), "runs/last.safetensors");
    expect(read).toThrow(FormatError);
    expect(read).toThrow(/^runs\/last\.safetensors: /);
  }
});

test("any other bytes are a FormatError, never another error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.json().map((text) => file(text)),
      ),
      (bytes) => {
        try {
          readSafetensors(bytes, "x");
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
  );
});

describe("files that are wrong say how", () => {
  const entry = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });
  const cases: [string, Uint8Array, RegExp][] = [
    ["empty", new Uint8Array(0), /empty/],
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), /not a safetensors file/],
    ["bad JSON", file('{"a": '), /header at byte 8: not JSON/],
    ["a header beyond all models", file(" ".repeat(2 ** 22 + 1).replace(/^ /, "{")), /longer than 4194304/],
    [
      "a header of great depth",
      file(json({ a: 0 }).replace("0", "[".repeat(1e5) + "]".repeat(1e5))),
      /nested more than 100 deep/,
    ],
    ["not UTF-8", file("{}").fill(0xff, 9), /header at byte 8: not JSON/],
    ["overlap", file(json({ a: entry("U8", [2], [0, 2]), b: entry("U8", [2], [1, 3]) }), [1, 2, 3]), /"b".*overlaps/],
    ["gap", file(json({ a: entry("U8", [1], [0, 1]), b: entry("U8", [1], [2, 3]) }), [1, 2, 3]), /"b".*gap/],
    ["trailing", file(json({ a: entry("U8", [1], [0, 1]) }), [1, 2]), /1 bytes after the last tensor/],
    ["short data", file(json({ a: entry("U8", [3], [0, 3]) }), [1, 2]), /truncated: 2 bytes of data.*promises 3/],
    ["wrong size", file(json({ a: entry("F32", [2, 2], [0, 4]) }), [1, 2, 3, 4]), /F32 \[2, 2\] takes 16/],
    ["unknown type", file(json({ a: entry("BF16", [1], [0, 2]) }), [1, 2]), /"BF16" is not supported/],
    ["bad shape", file(json({ a: entry("U8", [-1], [0, 1]) }), [1]), /\[-1\] is not a shape/],
    ["bad offsets", file(json({ a: entry("U8", [1], [1]) }), [1]), /\[1\] is not a pair/],
    ["entry", file(json({ a: 3 })), /not a record/],
    ["metadata", file(json({ __metadata__: { a: 1 } })), /not a record of strings/],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes, "x.safetensors")).toThrow(message);
    expect(() => readSafetensors(bytes, "x.safetensors")).toThrow(FormatError);
  });
});

function json(header: object): string {
  return JSON.stringify(header);
}

test("a tensor that does not fill its shape is our own bug", () => {
  const wrong = new Map([["a", { shape: [3], data: new Float32Array(2) }]]);
  expect(() => writeSafetensors(wrong)).toThrow("internal:");
});

test("numbers of 16 bits take half the bytes, and are read as the nearest ones of 32", () => {
  const tensors = new Map([
    ["kernel", hostTensor([3], [1 / 3, -2, 1e-3])],
    ["many", hostTensor([1000])],
  ]);
  const [wide, narrow] = [writeSafetensors(tensors), writeSafetensors(tensors, {}, { float16: true })];
  expect(wide.length - narrow.length).toBe(2 * 1003);
  const { data } = readSafetensors(narrow, "a.safetensors").tensors.get("kernel")!;
  expect(data).toBeInstanceOf(Float32Array);
  expect(Array.from(data as Float32Array)).toEqual([0.333251953125, -2, 0.00100040435791015625]);
});

test("a number that 16 bits do not hold is refused, not made infinite", () => {
  const large = new Map([["fc.weight", hostTensor([2], [1, -70_000])]]);
  expect(() => writeSafetensors(large, {}, { float16: true })).toThrow('"fc.weight" holds -70000');
});
