// Readers of formats that are not ours alone: bytes in, arrays or rows out.

import fc from "fast-check";
import { CIFAR_LAYOUTS, parseCifar } from "../../../src/data/cifar.ts";
import { parseIdxImages, parseIdxLabels } from "../../../src/data/idx.ts";
import { parseClassSplit } from "../../../src/data/splits.ts";
import { csvText, parseCsv } from "../../../src/formats/csv.ts";
import { readSafetensors, writeSafetensors } from "../../../src/formats/safetensors.ts";
import { type HostTensor, hostTensor, sizeOf } from "../../../src/tensor/tree.ts";
import { demand, type Files, type Reader } from "../reader.ts";
import { mutated, roundTrip, text, textOf } from "../subjects.ts";

const one = (path: string, bytes: Uint8Array): Files => new Map([[path, bytes]]);

const tensors: ReadonlyMap<string, HostTensor> = new Map<string, HostTensor>([
  ["fc.weight", hostTensor([2, 3], [1, -2, 3, 0.5, 0, 1e-9])],
  ["steps", { shape: [2], data: BigInt64Array.of(7n, -1n) }],
  ["pixels", { shape: [1, 2, 2], data: Uint8Array.of(0, 1, 254, 255) }],
  ["tau", hostTensor([], [10])],
]);

const tensor: fc.Arbitrary<HostTensor> = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.constantFrom("f32", "i64", "u8"), fc.nat(255))
  .map(([shape, type, value]) => {
    const size = sizeOf(shape);
    if (type === "f32") return hostTensor(shape, new Float32Array(size).fill(value / 7));
    if (type === "u8") return { shape, data: new Uint8Array(size).fill(value) };
    return { shape, data: new BigInt64Array(size).fill(BigInt(value)) };
  });

export const safetensors: Reader = {
  reads: "safetensors files",
  accepted: "sound",
  prepare: async () =>
    mutated(
      {
        samples: [
          one("a.safetensors", writeSafetensors(tensors, { format: "pt", config: '{"width":64,"classes":["a","b"]}' })),
          one("a.safetensors", writeSafetensors(new Map())),
        ],
        read: (files) => readSafetensors(files.get("a.safetensors")!, "a.safetensors"),
        check: ({ tensors: found, metadata }) => {
          for (const { shape, data } of found.values())
            demand(data.length === sizeOf(shape), "a tensor does not fill its shape");
          const again = readSafetensors(writeSafetensors(found, metadata), "again");
          demand(again.tensors.size === found.size, "tensors are lost when written again");
        },
      },
      "sound",
    ),
};

export const safetensorsWritten: Reader = {
  reads: "made-up tensors, written and read again",
  accepted: "same",
  prepare: async () =>
    roundTrip({
      content: fc.record({
        tensors: fc.array(
          fc.tuple(
            fc.string().filter((name) => name !== "__metadata__"),
            tensor,
          ),
          { maxLength: 4 },
        ),
        metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
      }),
      write: (content) => one("a.safetensors", writeSafetensors(new Map(content.tensors), content.metadata)),
      read: (files) => {
        const found = readSafetensors(files.get("a.safetensors")!, "a.safetensors");
        return { tensors: byName(found.tensors), metadata: Object.entries(found.metadata).sort(byKey) };
      },
      expected: (content) => ({
        tensors: byName(new Map(content.tensors)),
        metadata: Object.entries(content.metadata).sort(byKey),
      }),
    }),
};

const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
const byName = (found: ReadonlyMap<string, HostTensor>) =>
  [...found].map(([name, { shape, data }]) => [name, { shape, data }] as [string, unknown]).sort(byKey);

const rows = [
  ["group", "accuracy: a", "seconds: b"],
  ["0", "0.5", "1e-3"],
  ['quoted "x", y', "two\nlines", ""],
  ["1", "", "3"],
];

export const csv: Reader = {
  reads: "CSV text",
  accepted: "sound",
  prepare: async () =>
    mutated(
      {
        samples: [one("a.csv", text(csvText(rows))), one("a.csv", text("\uFEFFa,b\r\n1,2\r\n"))],
        read: (files) => parseCsv(textOf(files, "a.csv"), "a.csv"),
        // what was read is a table of ours: writing it and reading it again changes nothing
        check: (found) =>
          demand(
            JSON.stringify(parseCsv(csvText(found), "again")) === JSON.stringify(found),
            "rows change when written again",
          ),
      },
      "sound",
    ),
};

export const csvWritten: Reader = {
  reads: "made-up rows, written as CSV and read again",
  accepted: "same",
  prepare: async () => {
    const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", " ", "\uFEFF") }));
    return roundTrip({
      content: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      write: (content) => one("a.csv", text(csvText(content))),
      read: (files) => parseCsv(new TextDecoder("utf-8", { ignoreBOM: true }).decode(files.get("a.csv")), "a.csv"),
    });
  },
};

/** An IDX file. */
export function idxBytes(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  header.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...data]);
}

export const idx: Reader = {
  reads: "IDX files of images and labels",
  accepted: "sound",
  prepare: async () =>
    mutated(
      {
        samples: [
          new Map([
            [
              "images",
              idxBytes(
                [3, 4, 5],
                Uint8Array.from({ length: 60 }, (_, i) => 4 * i),
              ),
            ],
            ["labels", idxBytes([3], Uint8Array.of(0, 1, 9))],
          ]),
        ],
        read: (files) => {
          const images = parseIdxImages(files.get("images")!, "images");
          return { images, labels: parseIdxLabels(files.get("labels")!, "labels", images.count) };
        },
        check: ({ images: { count, height, width, pixels }, labels }) => {
          demand(pixels.length === count * height * width, "pixels do not fill the images");
          demand(labels.length === count, "labels and images differ in number");
        },
      },
      "sound",
    ),
};

const cifar = (name: keyof typeof CIFAR_LAYOUTS): Reader => ({
  reads: `binary batches of ${name}`,
  accepted: "sound",
  prepare: async () => {
    const layout = CIFAR_LAYOUTS[name];
    const record = (i: number) =>
      Uint8Array.from({ length: layout.labelBytes + 3072 }, (_, at) => (at < layout.labelBytes ? i : at % 256));
    return mutated(
      {
        samples: [one("batch.bin", new Uint8Array(Buffer.concat([record(0), record(3), record(9)])))],
        read: (files) => parseCifar(files.get("batch.bin")!, layout, "batch.bin"),
        check: ({ images, labels }) => {
          demand(images.length === labels.length * 3072 && labels.length > 0, "images and labels differ in number");
          demand(
            labels.every((label) => label < layout.classes),
            "a label beyond the classes",
          );
        },
      },
      "sound",
    );
  },
});

export const cifar10: Reader = cifar("cifar-10");
export const cifar100: Reader = cifar("cifar-100");

export const split: Reader = {
  reads: "class splits (JSON)",
  accepted: "sound",
  prepare: async () => {
    const classes = ["cat", "dog", "n01855672_goose", "__proto__", "1", "0"];
    const file = (content: object) => one("split.json", text(JSON.stringify(content)));
    return mutated(
      {
        samples: [
          file({ train: ["cat", "dog"], val: ["n01855672"], test: ["__proto__", "1"] }),
          file({ val: ["dog"], test: ["1"] }),
          file({ test: ["cat"] }),
        ],
        read: (files) => parseClassSplit(textOf(files, "split.json"), "split.json", classes),
        check: ({ train, val, test, valFrom }) => {
          const all = [...train, ...val, ...test];
          demand(train.length > 0 && new Set(all).size === all.length, "classes are lost or in two lists");
          demand(
            all.every((index) => index in classes),
            "a class that does not exist",
          );
          demand(valFrom === (val.length > 0 ? "classes" : "images"), "validation from nowhere");
        },
      },
      "sound",
    );
  },
};
