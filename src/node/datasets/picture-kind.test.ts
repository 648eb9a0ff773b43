import { expect, it } from "vitest";
import { kindOf, refusalOf } from "./picture-kind.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const box = (brands: string): Uint8Array => bytes(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}`);

it.each([
  ["\xff\xd8\xff\xe0", "JPEG"],
  ["\x89PNG\r\n\x1a\n\0", "PNG"],
  ["GIF89a", "GIF"],
  ["RIFF\0\0\0\0WEBPVP8 ", "WebP"],
  ["II*\0", "TIFF"],
  ["MM\0+", "TIFF"],
])("%j begins a picture", (head, name) => {
  expect(kindOf(bytes(head))).toEqual({ name, isReadable: true });
  expect(refusalOf(kindOf(bytes(head)))).toBeUndefined();
});

it.each([
  ["%PDF-1.7", /a PDF document/],
  ["PK\x03\x04", /a ZIP archive/],
  ["\n<!DOCTYPE html><html>", /a web page/],
  ["<?xml version='1.0'?>\n<svg xmlns", /an SVG drawing/],
  ["\xef\xbb\xbfhello", /text/],
  ["caf\xc3\xa9", /text/],
  ["version https://git-lfs.github.com/spec/v1", /a Git LFS pointer/],
  ["BM\x3e\0", /a BMP picture/],
  ["\0\0\0\0", /zeros only/],
  ["\x01\x02\x03", /something unknown/],
  ["RIFF\0\0\0\0AVI LIST", /an AVI video/],
])("%j is named and refused", (head, what) => {
  expect(refusalOf(kindOf(bytes(head)))).toMatch(what);
  expect(refusalOf(kindOf(bytes(head)))).toMatch(/^not a picture that can be read: it holds .* \(expected JPEG, PNG/);
});

it("tells AVIF, HEIC and videos apart by their brands", () => {
  expect(kindOf(box("mif1\0\0\0\0avifmif1")).name).toBe("AVIF");
  expect(refusalOf(kindOf(box("heic\0\0\0\0mif1heic")))).toMatch(/an HEIC picture/);
  expect(refusalOf(kindOf(box("isom\0\0\0\0mp41")))).toMatch(/video/);
});
