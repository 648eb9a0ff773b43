// What a file holds, by its first bytes: told before any decoder sees it, in the same words every time.

interface Kind {
  readonly name: string;
  /** Whether this build decodes it. */
  readonly isReadable: boolean;
}

/** How many bytes `kindOf` looks at. */
export const HEAD_BYTES = 512;

const EXPECTED = "expected JPEG, PNG, WebP, GIF, TIFF or AVIF";

/** A signature: bytes at an offset, as text of one character a byte. */
type Signature = readonly [offset: number, text: string];

const READABLE: readonly (readonly [name: string, ...Signature[]])[] = [
  ["JPEG", [0, "\xff\xd8\xff"]],
  ["PNG", [0, "\x89PNG\r\n\x1a\n"]],
  ["GIF", [0, "GIF87a"]],
  ["GIF", [0, "GIF89a"]],
  ["WebP", [0, "RIFF"], [8, "WEBP"]],
  ["TIFF", [0, "II*\0"]],
  ["TIFF", [0, "MM\0*"]],
  ["TIFF", [0, "II+\0"]], // BigTIFF
  ["TIFF", [0, "MM\0+"]],
];

const OTHERS: readonly (readonly [name: string, ...Signature[]])[] = [
  ["a BMP picture", [0, "BM"]],
  ["a JPEG XL picture", [0, "\xff\x0a"]],
  ["a JPEG XL picture", [4, "JXL "]],
  ["a JPEG 2000 picture", [4, "jP  "]],
  ["a Photoshop document", [0, "8BPS"]],
  ["an icon", [0, "\0\0\x01\0"]],
  ["a PDF document", [0, "%PDF"]],
  ["a ZIP archive or an office document", [0, "PK\x03\x04"]],
  ["a gzip archive", [0, "\x1f\x8b"]],
  ["a RAR archive", [0, "Rar!"]],
  ["a 7z archive", [0, "7z\xbc\xaf"]],
  ["an AVI video", [0, "RIFF"], [8, "AVI "]],
  ["a sound", [0, "RIFF"], [8, "WAVE"]],
  ["a WebM or Matroska video", [0, "\x1a\x45\xdf\xa3"]],
  ["a program", [0, "\x7fELF"]],
  ["a Git LFS pointer in place of the picture (`git lfs pull` brings it)", [0, "version https://git-lfs"]],
];

/** The kind of a file by its first bytes, named as in "a damaged JPEG" or "it holds a PDF document". */
export function kindOf(head: Uint8Array): Kind {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString("latin1");
  const matches = ([, ...signatures]: readonly [string, ...Signature[]]): boolean =>
    signatures.every(([at, signature]) => text.startsWith(signature, at));
  const readable = READABLE.find((row) => matches(row));
  if (readable) return { name: readable[0], isReadable: true };
  const other = OTHERS.find((row) => matches(row));
  if (other) return { name: other[0], isReadable: false };
  if (text.startsWith("ftyp", 4)) return mediaKind(text);
  return { name: textKind(text), isReadable: false };
}

/** So many pixels can be decoded at once: 2^24, a square of 4,096. */
export const AT_ONCE = 2 ** 24;

/**
 * The pixels of a picture that has 8 bits a channel and can be decoded at once by its kind and what its bytes say: then nothing
 * else need be asked of it. However small a file is, it may claim any size. Undefined for all others.
 */
export function harmlessPixels(kind: Kind, bytes: Uint8Array): number | undefined {
  const pixels = pixelsOf(kind, bytes);
  return pixels <= AT_ONCE ? pixels : undefined;
}

/** Infinite where it has more bits, or its pixels lie otherwise than one after the other. */
function pixelsOf({ name }: Kind, bytes: Uint8Array): number {
  if (name === "JPEG") return jpegPixels(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (name === "GIF" && bytes.length > 10) return view.getUint16(6, true) * view.getUint16(8, true);
  if (name !== "PNG" || bytes.length < 29) return Infinity;
  const [width, height] = [view.getUint32(16), view.getUint32(20)]; // of its first chunk
  const [depth, interlace] = [bytes[24]!, bytes[28]!];
  return depth <= 8 && interlace === 0 && Math.max(width, height) < 2 ** 16 ? width * height : Infinity;
}

/**
 * By the frame header, to which the lengths of the segments before it lead; infinite where they lead elsewhere, and for more
 * channels than three.
 */
function jpegPixels(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    const hasLength = marker >= 0xc0 && marker < 0xff && !(marker >= 0xd0 && marker <= 0xda);
    if (!hasLength) break; // filling, restarts, the start of the data
    const isFrame = marker <= 0xcf && !NO_FRAMES.has(marker);
    if (isFrame) return bytes[at + 9]! > 3 ? Infinity : view.getUint16(at + 5) * view.getUint16(at + 7);
  }
  return Infinity;
}

/** Markers between those of frames: Huffman tables, an extension, arithmetic conditioning. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);

/** Why a file of that kind is left out; undefined where it can be decoded. */
export function refusalOf({ name, isReadable }: Kind): string | undefined {
  return isReadable ? undefined : `not a picture that can be read: it holds ${name} (${EXPECTED})`;
}

/** Of the family of MP4, which AVIF and HEIC belong to: by its brands. */
function mediaKind(text: string): Kind {
  const end = Math.min(text.length, text.charCodeAt(2) * 256 + text.charCodeAt(3));
  const brands = text.slice(8, end);
  if (/avif|avis/.test(brands)) return { name: "AVIF", isReadable: true };
  if (/hei[cxms]|hev[cxms]|mif1|msf1/.test(brands))
    return { name: "an HEIC picture (convert it to JPEG)", isReadable: false };
  return { name: "an MP4 or QuickTime video", isReadable: false };
}

function textKind(text: string): string {
  if (/^\0*$/.test(text)) return "zeros only";
  const start = text
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .slice(0, 200)
    .toLowerCase();
  if (start.startsWith("<!doctype html") || start.startsWith("<html")) return "a web page (HTML)";
  if (/^(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)*<(!doctype )?svg/.test(start)) return "an SVG drawing";
  if (start.startsWith("<?xml")) return "an XML document";
  return /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(text) ? "text" : "something unknown";
}
