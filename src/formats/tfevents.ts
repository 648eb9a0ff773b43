// TensorBoard event files, scalars only: a sequence of records, each a protobuf message `Event` framed by its length and
// masked CRC-32C checksums (tensorflow/core/lib/io/record_writer.h, core/util/event.proto, framework/summary.proto).

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** By tag; a tag's part before the first "/" is its section in TensorBoard. */
  readonly values: Readonly<Record<string, number>>;
}

/** The record every event file starts with. */
export function fileVersionEvent(wallTime: number): Uint8Array {
  return record(event(wallTime, 0).tag(3, WireType.LengthDelimited).string("brain.Event:2"));
}

/**
 * Marks a resumed run: TensorBoard forgets what earlier files of the folder say about `step` and later.
 */
export function restartEvent({ wallTime, step }: { readonly wallTime: number; readonly step: number }): Uint8Array {
  const start = new BinaryWriter().tag(1, WireType.Varint).int32(1); // SessionLog.status = START
  return record(event(wallTime, step).tag(7, WireType.LengthDelimited).bytes(start.finish()));
}

/** All scalars of one step. @example scalarEvent({ wallTime: Date.now() / 1000, step: 3, values: { "loss/total": 0.5 } }) */
export function scalarEvent({ wallTime, step, values }: ScalarEvent): Uint8Array {
  const summary = new BinaryWriter();
  for (const [tag, value] of Object.entries(values)) {
    const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32);
    const simpleValue = new Uint8Array(4);
    // Not BinaryWriter.float, which refuses numbers beyond float32: a diverged loss is to be seen as infinity.
    new DataView(simpleValue.buffer).setFloat32(0, value, true);
    summary.tag(1, WireType.LengthDelimited).bytes(entry.raw(simpleValue).finish());
  }
  return record(event(wallTime, step).tag(5, WireType.LengthDelimited).bytes(summary.finish()));
}

function event(wallTime: number, step: number): BinaryWriter {
  const message = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime);
  return step === 0 ? message : message.tag(2, WireType.Varint).int64(step); // proto3 leaves zeros out
}

function record(message: BinaryWriter): Uint8Array {
  const data = message.finish();
  const bytes = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** Rotated and shifted, so that the checksum of data which holds checksums stays strong. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C (Castagnoli), as in iSCSI and TFRecord. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CASTAGNOLI[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
