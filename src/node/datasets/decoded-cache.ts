// Decoded image folders kept on disk, so that a second run need not decode again. An entry is two files: KEY.planes (the
// images' bytes) and KEY.json (what was left out, and why), written last: an entry without it does not exist.
// The key covers the contents of all files, so an entry never belongs to other pictures; deleting the folder is always safe.
import { createHash } from "node:crypto";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import type { ResizeRule } from "../../data/square.ts";
import { UserError } from "../../errors.ts";
import { writeFileAtomic } from "../files/atomic-file.ts";
import { bytesHash } from "../files/file-hash.ts";
import { makeFolder } from "../files/make-folder.ts";
import { removeStaleTemporaries } from "../files/temporaries.ts";
import { DECODER_VERSION, type Decoded } from "./decoded.ts";

interface DecodedAs {
  readonly side: number;
  readonly resize?: ResizeRule | undefined;
}

/** So long another process may be between the two files of an entry. */
const UNFINISHED_MILLISECONDS = 3_600_000;

/** Where decoded folders are kept: `$PUDNET_CACHE`, else `~/.cache/pudnet`; undefined where the variable is `off` or there is no home. */
export function cacheFolder(): string | undefined {
  const named = process.env["PUDNET_CACHE"];
  if (named === "off") return undefined;
  const home = named ? undefined : ownHome();
  return named || (home === undefined ? undefined : join(home, ".cache", "pudnet"));
}

/** Users without a name, as containers run programs, may have none. */
function ownHome(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined; // HOME may be empty, or mean another place in every folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SYSTEM_ERROR") return undefined;
    throw error;
  }
}

/** Identifies what decoding files with these contents (SHA-256, in order) to such squares gives. */
export function cacheKey(hashes: readonly string[], { side, resize = "square-1" }: DecodedAs): string {
  const hash = createHash("sha256").update(JSON.stringify([DECODER_VERSION, side, resize]));
  for (const one of hashes) hash.update(`\n${one}`);
  return hash.digest("hex").slice(0, 40);
}

const index = z.int().nonnegative();
const contentSchema = z.strictObject({
  format: z.literal("pudnet decoded images 2"),
  key: z.string(),
  files: index,
  planesBytes: index,
  planesSha256: z.string(),
  /** [index of the file, why it was left out]. */
  skipped: z.array(z.tuple([index, z.string()])),
  deep: z.array(
    z.strictObject({
      index,
      samples: z.strictObject({
        kind: z.enum(["ushort", "float"]),
        smallest: z.number(),
        largest: z.number(),
        isTransparent: z.boolean().optional(),
      }),
    }),
  ),
});
type Content = z.infer<typeof contentSchema>;
/** The content as text, so that its checksum is that of exactly what is read. */
const entrySchema = z.strictObject({ content: z.string(), sha256: z.string() });

/** The entry of that key; undefined when there is none or it is damaged or foreign (it will be written anew). */
export async function readCache(key: string, folder: string): Promise<Decoded | undefined> {
  try {
    const entry = entrySchema.parse(JSON.parse(await readFile(join(folder, `${key}.json`), "utf8")));
    if (bytesHash(Buffer.from(entry.content)) !== entry.sha256) return undefined;
    const content = contentSchema.parse(JSON.parse(entry.content));
    if (content.key !== key) return undefined;
    const images = await readExactly(join(folder, `${key}.planes`), content.planesBytes);
    if (!images || bytesHash(images) !== content.planesSha256) return undefined;
    const reasons = Array.from<string | undefined>({ length: content.files });
    for (const [i, reason] of content.skipped) reasons[i] = reason;
    return { images, reasons, deep: content.deep as Decoded["deep"] };
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** Stores an entry. A disk that is full or not writable stops nothing: the answer is then a note that says so. */
export async function writeCache(
  key: string,
  { images, reasons, deep }: Decoded,
  folder: string,
): Promise<string | undefined> {
  const content: Content = {
    format: "pudnet decoded images 2",
    key,
    files: reasons.length,
    planesBytes: images.length,
    planesSha256: bytesHash(images),
    skipped: reasons.flatMap((reason, i) => (reason === undefined ? [] : [[i, reason] as [number, string]])),
    deep: [...deep],
  };
  const text = JSON.stringify(content);
  const planes = join(folder, `${key}.planes`);
  try {
    await makeFolder(folder);
    await clear(folder).catch(() => undefined); // another user's are not ours to remove
    await writeFileAtomic(planes, images);
    await writeFileAtomic(
      join(folder, `${key}.json`),
      JSON.stringify({ content: text, sha256: bytesHash(Buffer.from(text)) }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await rm(planes, { force: true }).catch(() => undefined); // of no use alone, and the disk may be full
    return `decoded pictures are not cached: ${error.message}; set PUDNET_CACHE to a folder that can be written`;
  }
}

/** Removes what killed processes left: temporaries, and images whose entry was never written. */
async function clear(folder: string): Promise<void> {
  await removeStaleTemporaries(folder);
  const names = new Set(await readdir(folder));
  for (const name of names) {
    if (!name.endsWith(".planes") || names.has(name.replace(/planes$/, "json"))) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > UNFINISHED_MILLISECONDS) await rm(join(folder, name), { force: true });
  }
}

/** The file's bytes if it has exactly that many. In pieces, since one read stops at 2 GiB. */
async function readExactly(path: string, bytes: number): Promise<Uint8Array | undefined> {
  if ((await stat(path)).size !== bytes) return undefined;
  const file = await open(path);
  try {
    const out = new Uint8Array(bytes);
    for (let at = 0; at < bytes;) {
      const { bytesRead } = await file.read(out, at, Math.min(2 ** 28, bytes - at), at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return out;
  } finally {
    await file.close();
  }
}

function isUnreadable(error: unknown): boolean {
  const fromFileSystem = typeof (error as NodeJS.ErrnoException).code === "string";
  return fromFileSystem || error instanceof SyntaxError || error instanceof z.ZodError;
}
