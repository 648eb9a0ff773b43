import { strToU8, type Zippable, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { type ByteSource, readZipEntries, readZipEntry } from "./zip.ts";

const text = strToU8("a text that can be packed, packed, packed, packed, packed, packed");
const source = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: async (from, to) => bytes.slice(from, to),
});
const entriesOf = (bytes: Uint8Array) => readZipEntries(source(bytes), "a.zip");
const zipOf = (files: Zippable, level: 0 | 6 = 6) => zipSync(files, { level, mtime: new Date(1980, 0, 1) });

/** The bytes with others, of little endian, at an offset from the n-th place where a record begins. */
function edited(
  zip: Uint8Array,
  signature: number,
  at: number,
  value: number,
  size: 1 | 2 | 4 = 2,
  nth = 0,
): Uint8Array {
  const bytes = zip.slice();
  const view = new DataView(bytes.buffer);
  const found = Array.from({ length: bytes.length - 3 }, (_, i) => i).filter(
    (i) => view.getUint32(i, true) === signature,
  );
  for (let i = 0; i < size; i++) bytes[found[nth]! + at + i] = Math.floor(value / 256 ** i) % 256;
  return bytes;
}
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const NAME_AT = 46;

const unpacked = async (bytes: Uint8Array): Promise<unknown> => {
  const from = source(bytes);
  const all = await readZipEntries(from, "a.zip");
  return Promise.all(all.map((entry) => readZipEntry(from, entry, "a.zip")));
};

describe("what is read", () => {
  it.each([0, 6] as const)("all files with their bytes, packed or not (level %i), folders left out", async (level) => {
    const bytes = zipOf({ cat: { "1.txt": text, "ü.txt": new Uint8Array(0) }, "b.txt": text, empty: {} }, level);
    const entries = await entriesOf(bytes);
    expect(entries.map(({ path, size }) => [path, size])).toEqual([
      ["cat/1.txt", text.length],
      ["cat/ü.txt", 0],
      ["b.txt", text.length],
    ]);
    expect(await unpacked(bytes)).toEqual([text, new Uint8Array(0), text]);
  });

  it("nothing of an empty one", async () => {
    expect(await entriesOf(zipOf({}))).toEqual([]);
  });

  it("names that say nothing of their encoding as UTF-8, else as DOS has them; backslashes as Windows means them", async () => {
    const named = zipOf({ "cat+1.txt": text });
    const other = edited(edited(named, CENTRAL, NAME_AT + 3, 0x5c, 1), LOCAL, 30 + 3, 0x5c, 1);
    expect((await entriesOf(other))[0]!.path).toBe("cat/1.txt");
    const dos = edited(edited(named, CENTRAL, NAME_AT, 0x81, 1), LOCAL, 30, 0x81, 1);
    expect((await entriesOf(dos))[0]!.path).toBe("üat+1.txt");
    expect(await unpacked(dos)).toEqual([text]);
    await expect(entriesOf(edited(dos, CENTRAL, 8, 0x800))).rejects.toThrow("not the UTF-8");
  });

  it("./ in front of names, and what macOS calls the icon of a folder", async () => {
    expect((await entriesOf(zipOf({ "./": new Uint8Array(0), "./cat/1.txt": text }))).map(({ path }) => path)).toEqual([
      "cat/1.txt",
    ]);
    expect(await entriesOf(zipOf({ "cat/Icon\r": text }))).toHaveLength(1);
  });

  it("checksums as others compute them", () => {
    expect(crc32(strToU8("123456789"))).toBe(0xcbf43926);
  });
});

describe("what is refused before anything is unpacked", () => {
  const one = zipOf({ "cat/1.txt": text });
  const two = zipOf({ "1.txt": text, "2.txt": text });
  const central = (at: number, value: number, size: 1 | 2 | 4 = 2) => edited(one, CENTRAL, at, value, size);
  const end = (at: number, value: number, size: 1 | 2 | 4 = 2) => edited(one, END, at, value, size);
  const named = (name: string) => zipOf({ [name]: text });
  const zeros = new Uint8Array(2 ** 20);
  const many = (): Uint8Array => {
    const names = Array.from({ length: 60_000 }, (_, i) => [`${i}.png`, new Uint8Array(0)] as const);
    return zipOf(Object.fromEntries(names), 0);
  };
  it.each<[what: string, bytes: () => Uint8Array, message: RegExp]>([
    ["no bytes", () => new Uint8Array(0), /not a zip/],
    ["a picture", () => strToU8("\u0089PNG and so on, for as long as the end of a zip is"), /not a zip/],
    ["a zip cut short", () => one.subarray(0, -5), /without its end/],
    ["something behind it", () => Uint8Array.from([...one, 0]), /without its end/],
    ["a directory elsewhere", () => end(16, 3, 4), /not where its end says/],
    ["fewer entries than it says", () => edited(end(8, 2), END, 10, 2), /fewer entries/],
    ["more bytes than entries", () => edited(edited(two, END, 8, 1), END, 10, 1), /bytes more than its entries/],
    ["an entry longer than the directory", () => central(30, 999), /cut short/],
    ["parts on other disks", () => end(4, 1), /in several parts/],
    ["zip64 by its count", () => edited(end(8, 0xffff), END, 10, 0xffff), /zip64/],
    ["zip64 by its place", () => end(16, 0xffffffff, 4), /zip64/],
    ["zip64 by the size of an entry", () => central(24, 0xffffffff, 4), /zip64/],
    ["encrypted", () => central(8, 1), /cat\/1.txt: encrypted/],
    ["strongly encrypted", () => central(8, 0x41), /encrypted/],
    ["packed otherwise", () => central(10, 14), /packed with LZMA/],
    ["packed nobody knows how", () => central(10, 77), /packed with method 77/],
    ["a stored file that grows", () => edited(zipOf({ "1.txt": text }, 0), CENTRAL, 24, 9999, 4), /cannot become 9999/],
    ["more than deflate can", () => central(24, 0x7fffffff, 4), /cannot become 2147483647/],
    ["a link", () => zipOf({ "cat/1.txt": [text, { os: 3, attrs: 0o120777 * 2 ** 16 }] }), /cat\/1.txt: a link/],
    ["a device", () => zipOf({ "cat/1.txt": [text, { os: 3, attrs: 0o020666 * 2 ** 16 }] }), /neither a file nor/],
    ["a path out of it", () => named("../1.txt"), /"..\/1.txt": a path that leads out/],
    ["a path out of it, in the middle", () => named("cat/../../1.txt"), /leads out/],
    ["a path out of it, as Windows has it", () => named("cat\\..\\..\\1.txt"), /leads out/],
    ["an absolute path", () => named("/etc/passwd"), /an absolute path/],
    ["an absolute path of Windows", () => named("C:\\1.txt"), /an absolute path/],
    ["a network path", () => named("\\\\host\\1.txt"), /an absolute path/],
    ["an empty part", () => named("cat//1.txt"), /an empty part/],
    ["an empty name", () => named(""), /without a name/],
    ["a control character", () => named("cat/\u001b[31m.txt"), /"cat\/\\u001b\[31m.txt": a name with control/],
    ["a zero byte", () => named("cat/1.png\0.txt"), /a name with control/],
    ["a turned direction", () => named("cat/\u202egnp.txt"), /a name with control/],
    ["a name of thousands of bytes", () => named("x".repeat(5000)), /a name of 5000 bytes/],
    ["a name twice", () => edited(edited(two, CENTRAL, NAME_AT, 0x32, 1), LOCAL, 30, 0x32, 1), /2.txt: there twice/],
    ["a name twice, written otherwise", () => zipOf({ "\u00e9.txt": text, "e\u0301.txt": text }), /there twice/],
    ["two entries of the same bytes", () => edited(two, CENTRAL, 42, 0, 4, 1), /shares bytes/],
    ["an entry in the directory", () => central(42, one.length - 80, 4), /shares bytes/],
    [
      "thousands of times its size",
      () =>
        zipOf(
          Object.fromEntries(
            "abcdefghij".split("").flatMap((a) => Array.from({ length: 10 }, (_, i) => [a + i, zeros])),
          ),
        ),
      /that unpack to 104857600/,
    ],
    ["more entries than are unpacked", many, /60000 entries, at most 50000/],
  ])("%s", async (_, bytes, message) => {
    const failed = await entriesOf(bytes()).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FormatError);
    expect((failed as FormatError).message).toMatch(message);
    expect((failed as FormatError).hint).toBeDefined();
  });
});

describe("what is refused while it is unpacked", () => {
  const one = zipOf({ "cat/1.txt": text });
  const stored = zipOf({ "cat/1.txt": text }, 0);
  const both = (at: [local: number, central: number], value: number, size: 2 | 4 = 4) =>
    edited(edited(one, CENTRAL, at[1], value, size), LOCAL, at[0], value, size);
  const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte));
  it.each<[what: string, bytes: () => Uint8Array, message: RegExp]>([
    ["another name before the bytes", () => edited(one, LOCAL, 30, 0x78, 1), /otherwise than the directory/],
    ["another size there", () => edited(one, LOCAL, 22, 5, 4), /otherwise than the directory/],
    ["encrypted there", () => edited(one, LOCAL, 6, 1), /otherwise than the directory/],
    ["no header there", () => edited(zipOf({ "1.txt": text, "2.txt": text }), LOCAL, 0, 0, 1, 1), /nothing begins/],
    ["a name there that leads beyond the end", () => edited(one, LOCAL, 28, 0xffff), /cut short/],
    ["less than declared", () => both([22, 24], text.length + 1), /not the \d+ that it declares/],
    ["more than declared", () => both([22, 24], text.length - 1), /more than the \d+ bytes it declares/],
    ["another checksum", () => both([14, 16], 1), /checksum/],
    ["a changed byte", () => flipped(stored, 30 + 9 + 5), /checksum/],
    ["packed bytes that are none", () => flipped(one, 30 + 9), /cannot be unpacked|not the|more than|checksum/],
  ])("%s", async (_, bytes, message) => {
    const failed = await unpacked(bytes()).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FormatError);
    expect((failed as FormatError).message).toMatch(message);
  });

  it("a bomb is given up on as soon as it is larger than it says", async () => {
    const bomb = zipOf({ "1.txt": new Uint8Array(2 ** 25) });
    const lying = edited(edited(bomb, CENTRAL, 24, 1000, 4), LOCAL, 22, 1000, 4);
    const from = source(lying);
    const [entry] = await readZipEntries(from, "a.zip");
    await expect(readZipEntry(from, entry!, "a.zip")).rejects.toThrow("more than the 1000 bytes");
  });
});

it("any byte changed gives what was there, or an error that says so", async () => {
  const zip = zipOf({ cat: { "1.txt": text, "2.txt": strToU8("two") } });
  for (let at = 0; at < zip.length; at++) {
    for (const bit of [1, 0x80]) {
      const bytes = zip.map((byte, i) => (i === at ? byte ^ bit : byte));
      const result = await unpacked(bytes).catch((error: unknown) => error);
      if (!(result instanceof FormatError)) expect(result).toEqual([text, strToU8("two")]);
    }
  }
});
