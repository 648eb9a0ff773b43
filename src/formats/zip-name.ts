// Names in zips: how they are encoded, and which lead nowhere that a zip may lead.

import { FormatError } from "../errors.ts";
import { printable } from "../names.ts";

/** In bytes; longer paths no system takes. */
const LONGEST = 1024;
const RENAME = "rename the file or folder, then make the zip again";

/** The upper half of code page 437, in which names are written that do not say that they are UTF-8. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/**
 * The path of an entry, with "/" between its parts.
 * @param isUtf8 whether the zip says so of it; many programs write UTF-8 without a word
 * @throws FormatError where it is absolute, leads out of the zip, has an empty part, or characters that cannot be shown
 * @example zipName(new TextEncoder().encode("cat\\1.jpg"), true, "pets.zip").path // "cat/1.jpg"
 */
export function zipName(raw: Uint8Array, isUtf8: boolean, file: string): { path: string; isFolder: boolean } {
  const text = decoded(raw, isUtf8, file).replaceAll("\\", "/"); // as old programs of Windows write it
  const isFolder = text.endsWith("/");
  const path = (isFolder ? text.slice(0, -1) : text).replace(/^(?:\.\/)+(?=.)/, "");
  const refuse = (what: string): FormatError => new FormatError(`${file}: "${text}"`, what, { hint: RENAME });
  if (raw.length > LONGEST) throw refuse(`a name of ${raw.length} bytes, at most ${LONGEST}`);
  if (path === "." && isFolder) return { path, isFolder }; // the zip itself, as tar writes it
  if (path === "") throw refuse("an entry without a name");
  if (path.startsWith("/") || /^[a-z]:/i.test(path)) throw refuse("an absolute path");
  const parts = path.split("/");
  if (parts.includes("..")) throw refuse("a path that leads out of the zip");
  if (parts.includes("") || parts.includes(".")) throw refuse("a path with an empty part");
  const shown = path.replace(/(?<=^|\/)Icon\r$/, ""); // which macOS puts into folders
  if (printable(shown) !== shown) throw refuse("a name with control characters");
  return { path, isFolder };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoded(raw: Uint8Array, isUtf8: boolean, file: string): string {
  try {
    return UTF8.decode(raw);
  } catch (cause) {
    if (isUtf8) throw new FormatError(file, "a name that is not the UTF-8 that it says it is", { cause, hint: RENAME });
    return Array.from(raw, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128]!)).join("");
  }
}
