import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { crc32c, fileVersionEvent, restartEvent, scalarEvent } from "./tfevents.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const GOLDEN = {
  version: "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110",
  scalars:
    "3200000000000000241956ec0900002040fc54d94110ac022a240a110a0a6c6f73732f746f74616c150000003f0a0f0a08616363757261637915000000401d395bf1",
  restart: "100000000000000095fbfe180900002040fc54d94110ad023a020801596f3f79",
};

/** The message inside a record, after checking the frame as TensorBoard does. */
function unframe(record: Uint8Array): BinaryReader {
  const view = new DataView(record.buffer, record.byteOffset);
  const length = Number(view.getBigUint64(0, true));
  expect(record.length).toBe(length + 16);
  const unmask = (crc: number) => {
    const rotated = (crc - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  expect(unmask(view.getUint32(8, true))).toBe(crc32c(record.subarray(0, 8)));
  const data = record.subarray(12, 12 + length);
  expect(unmask(view.getUint32(12 + length, true))).toBe(crc32c(data));
  return new BinaryReader(data);
}

test("crc32c gives the published check values (RFC 3720, B.4)", () => {
  expect(crc32c(ascii("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

test("records are byte for byte those of TensorBoard's writer", () => {
  // tensorboard 2.21.0's RecordWriter, wall_time 1700000000.5
  expect(hex(fileVersionEvent(1700000000.5))).toBe(GOLDEN.version);
  expect(hex(scalarEvent({ wallTime: 1700000000.5, step: 300, values: { "loss/total": 0.5, accuracy: 2 } }))).toBe(
    GOLDEN.scalars,
  );
  expect(hex(restartEvent({ wallTime: 1700000000.5, step: 301 }))).toBe(GOLDEN.restart);
});

test("a diverged value is written as infinity or NaN instead of failing", () => {
  const reader = unframe(scalarEvent({ wallTime: 0, step: 1, values: { a: 1e300, b: Number.NaN } }));
  const values: number[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field !== 5) {
      reader.skip(type);
      continue;
    }
    const summary = new BinaryReader(reader.bytes());
    while (summary.pos < summary.len) {
      expect(summary.tag()).toEqual([1, WireType.LengthDelimited]);
      const value = new BinaryReader(summary.bytes());
      value.tag();
      value.string();
      value.tag();
      values.push(value.float());
    }
  }
  expect(values).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
});
