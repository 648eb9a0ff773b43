// Names that come from files and users (classes, paths, keys) as text for people: nothing in them ends a line, moves the
// cursor of a terminal or turns the direction of reading. JSON keeps names as they are.

/** Control characters, separators of lines and paragraphs, marks of direction, byte order marks and what is no character. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\uFEFF\uFFFE\uFFFF]/gu;

/**
 * The text with what must not reach a terminal or a page written as JSON writes it.
 * @example printable("red\u001b[31m") // "red\\u001b[31m"
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * A name as a cell of a table that spreadsheets open: no formula, which they would run.
 * @example nameCell("=cmd()") // "'=cmd()"
 */
export function nameCell(name: string): string {
  return printable(name).replace(/^(?=[=+\-@])/, "'");
}

/**
 * Names for a message: all of a few, else the first of them and how many more there are.
 * @example listed(["a", "b", "c", "d"], 2) // "a, b and 2 more"
 */
export function listed(names: readonly string[], most = 20): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/**
 * A word of a command that a user may type or paste, in quotes where a shell needs them.
 * @example shellWord("my pets") // "'my pets'"
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A word of a command line that is to be kept: an address without the password in it.
 * @example withoutPassword("--queue=redis://me:secret@host") // "--queue=redis://me@host"
 */
export function withoutPassword(word: string): string {
  return word.replace(
    /^((?:--[\w-]+=)?[a-z][a-z\d+.-]*:\/\/)([^:/@]*):.*@/i,
    (_, begin: string, user: string) => `${begin}${user}${user === "" ? "" : "@"}`,
  );
}

/** Names that Windows keeps for devices. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const LONGEST_NAME = 60;

/**
 * A name as that of a file or a folder on any system, with its ending; several names may become one.
 * @example safeFileName("../cat: <b>.jpg\u0007", "picture") // "_cat_ _b_.jpg_"
 */
export function safeFileName(name: string, otherwise: string): string {
  const [stem, ending] = parted(
    name
      .normalize("NFC")
      .replaceAll(/[^\p{L}\p{M}\p{N} ._-]+/gu, "_")
      .replace(/^[. ]+|[. ]+$/g, ""),
  );
  const short = Array.from(stem).slice(0, LONGEST_NAME).join("");
  return (short + ending).replace(/[. ]+$/, "").replace(DEVICES, "_$&") || otherwise;
}

/**
 * Names of files that are told apart on systems that tell no capital letters apart: numbered where one is there already.
 * @example uniqueNames(["cat.jpg", "Cat.jpg", "dog.jpg"]) // ["cat.jpg", "Cat-2.jpg", "dog.jpg"]
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Map<string, number>();
  return names.map((name) => {
    const [stem, ending] = parted(name);
    const key = name.toLowerCase();
    let unique = name;
    let i = taken.get(key) ?? 1;
    while (taken.has(unique.toLowerCase())) unique = `${stem}-${++i}${ending}`;
    taken.set(key, i);
    if (unique !== name) taken.set(unique.toLowerCase(), 1);
    return unique;
  });
}

function parted(name: string): [stem: string, ending: string] {
  const ending = /(?<=.)\.[\da-z]{1,5}$/i.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - ending.length), ending];
}
