import { expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { CIFAR_LAYOUTS, parseCifar } from "./cifar.ts";

const record = (head: number[], seed: number): number[] => [
  ...head,
  ...Array.from({ length: 3072 }, (_, i) => (i * 7 + seed) % 256),
];

it("CIFAR-10: one label byte, planes as they stand", () => {
  const bytes = Uint8Array.from([...record([3], 1), ...record([9], 2)]);
  const { images, labels } = parseCifar(bytes, CIFAR_LAYOUTS["cifar-10"], "b");
  expect([...labels]).toEqual([3, 9]);
  expect([...images]).toEqual([...record([], 1), ...record([], 2)]);
});

it("CIFAR-100: the fine label is the second byte", () => {
  const bytes = Uint8Array.from([...record([4, 77], 1), ...record([200, 99], 2)]);
  const { images, labels } = parseCifar(bytes, CIFAR_LAYOUTS["cifar-100"], "b");
  expect([...labels]).toEqual([77, 99]);
  expect(images[3072]).toBe(2);
});

it.each([
  ["part of a record", Uint8Array.from(record([3], 1)).subarray(0, 3000), /3000 bytes: 0 records of 3073 and a rest/],
  ["nothing", new Uint8Array(), /0 bytes/],
  ["a wild label", Uint8Array.from([...record([3], 1), ...record([10], 1)]), /label 10 at byte 3073, expected 0 to 9/],
])("refuses %s", (_, bytes, message) => {
  const parse = (): unknown => parseCifar(bytes, CIFAR_LAYOUTS["cifar-10"], "data_batch_1.bin");
  expect(parse).toThrow(FormatError);
  expect(parse).toThrow(message);
});
