// Files that users give: what could not be read is told in words, and texts are UTF-8 with or without a byte order mark.

import { readFile, stat } from "node:fs/promises";
import { FormatError, UserError, type UserErrorOptions } from "../../errors.ts";

/** Code of the file system -> what it means, and a way out that holds for any file. */
const REASONS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOENT: ["there is no such file", "check the path for typing mistakes"],
  ENOTDIR: ["a part of this path is a file, not a folder", "check the path for typing mistakes"],
  EISDIR: ["it is a folder, expected a file", "give the file in it"],
  EFTYPE: [
    "it is a pipe, a socket or a device, expected a file",
    "save what comes through it to a file, and give that",
  ],
  EACCES: ["permission denied", "change its permissions"],
  EPERM: ["operation not permitted", "change its permissions"],
  ELOOP: ["a link leads round in a circle", "remove that link"],
  ENAMETOOLONG: ["this name is too long for the file system", "check the path for typing mistakes"],
  EMFILE: ["too many files are open", "raise the limit with ulimit -n, or close other programs"],
  ENFILE: ["too many files are open on this machine", "close other programs"],
  EIO: ["the disk reports an error", "check the disk and its connection"],
  ERR_FS_FILE_TOO_LARGE: ["it has more than 2 GiB", "give a smaller file"],
};

/** What a failed read means for the user; errors that are not about the file system come back as they are. */
export function explainReadError(error: unknown, path: string, options: UserErrorOptions = {}): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException | undefined)?.code ?? ""];
  if (!reason) return error;
  return new UserError(`cannot read "${path}": ${reason[0]}`, { hint: reason[1], cause: error, ...options });
}

/**
 * All bytes of a file. What is none is not opened: a pipe would wait for somebody to write into it, for ever.
 * @throws the file system's errors, which `explainReadError` tells in words
 * @example (await readWhole("pets/cat/0.png")).toString("latin1", 1, 4) // "PNG"
 */
export async function readWhole(path: string): Promise<Buffer> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return readFile(path); // of a folder it says so itself
  throw Object.assign(new Error(`EFTYPE: not a file, read "${path}"`), { code: "EFTYPE" });
}

/**
 * A text in UTF-8, without its byte order mark. `options` tell how an error is told where the usual hint does not help.
 * @throws UserError where it cannot be read, FormatError for another encoding
 */
export async function readText(path: string, options: UserErrorOptions = {}): Promise<string> {
  const bytes = await readWhole(path).catch((error: unknown) => {
    throw explainReadError(error, path, options);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // drops the mark
  } catch (cause) {
    const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new FormatError(path, `not a text in UTF-8${isWide ? " but in UTF-16" : ""}`, {
      ...options,
      hint: "save it again with the encoding UTF-8",
      cause,
    });
  }
}
