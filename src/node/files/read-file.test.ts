import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makePipe } from "../../../test/named-pipe.ts";
import { explainReadError, readText } from "./read-file.ts";
import { FormatError, UserError } from "../../errors.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-read-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("reads UTF-8 with and without a byte order mark", async () => {
  const path = join(folder, "a.json");
  for (const mark of ["", "\uFEFF"]) {
    await writeFile(path, `${mark}{"name": "Öffner"}`);
    expect(await readText(path)).toBe('{"name": "Öffner"}');
  }
});

it.each([
  [
    "UTF-16, as some editors of Windows save",
    Buffer.from("\uFEFF{}", "utf16le"),
    /a.json: not a text in UTF-8 but in UTF-16$/,
  ],
  ["Latin 1", Buffer.from("Öffner", "latin1"), /a.json: not a text in UTF-8$/],
])("refuses %s", async (_, bytes, message) => {
  await writeFile(join(folder, "a.json"), bytes);
  const error = await readText(join(folder, "a.json")).catch((reason: unknown) => reason as UserError);
  expect(error).toBeInstanceOf(FormatError);
  expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringContaining("UTF-8") });
});

it.skipIf(process.platform === "win32")("opens no pipe, and says so", async () => {
  const path = join(folder, "pipe");
  makePipe(path);
  await expect(readText(path)).rejects.toThrow(
    /cannot read ".*pipe": it is a pipe, a socket or a device, expected a file/,
  );
});

it("says what is wrong with a path", async () => {
  await writeFile(join(folder, "file"), "");
  await symlink("b", join(folder, "a"));
  await symlink("a", join(folder, "b"));
  const told = (path: string) => expect(readText(join(folder, path))).rejects;
  await told("none").toThrow(/cannot read ".*none": there is no such file/);
  await told(".").toThrow(/it is a folder, expected a file/);
  await told("file/below").toThrow(/a part of this path is a file/);
  await told("a").toThrow(/a link leads round in a circle/);
  await told("x".repeat(300)).toThrow(/this name is too long/);
});

it("explains what a test cannot make happen, and leaves bugs as they are", () => {
  for (const code of ["EMFILE", "ENFILE", "EIO", "EACCES", "EPERM", "ERR_FS_FILE_TOO_LARGE"]) {
    const error = explainReadError(Object.assign(new Error(`${code}: x`), { code }), "a");
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).not.toContain(code);
  }
  const bug = new TypeError("x is not a function");
  expect(explainReadError(bug, "a")).toBe(bug);
});
