// Getting a public dataset: from its mirrors, resuming what broke off, or from a local folder; every file is checked.
import { createHash } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { UserError, closest } from "../../errors.ts";
import { explainWriteError, writeFileAtomic } from "../files/atomic-file.ts";
import { bytesHash } from "../files/file-hash.ts";
import { makeFolder } from "../files/make-folder.ts";
import { explainReadError, readWhole } from "../files/read-file.ts";
import { FETCHABLE, type PublishedFile, type PublishedSet } from "./published-sets.ts";

export interface FetchProgress {
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface FetchOptions {
  /** The folder that holds the named datasets. */
  readonly root: string;
  /** Take the files from this folder instead of the network. */
  readonly from?: string | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Give up on a connection that sends nothing for so long. Default 30,000. */
  readonly stallMs?: number | undefined;
}

export interface Fetched {
  readonly folder: string;
  /** What was done for each file. */
  readonly files: readonly { readonly name: string; readonly how: "kept" | "copied" | "downloaded" }[];
}

/** More than any published file unpacks to. */
const LARGEST_UNPACKED = 2 ** 26;

/** Connections to one mirror for one file; each goes on where the last broke off. */
const ATTEMPTS = 3;

/**
 * Puts the files of a public dataset under `root`. Files already there and right are kept; half a download is resumed.
 * Throws UserError for an unknown name, when no mirror gives the right bytes, or when the disk does not take them.
 */
export async function fetchDataset(name: string, options: FetchOptions): Promise<Fetched> {
  if (!Object.hasOwn(FETCHABLE, name)) {
    const names = Object.keys(FETCHABLE);
    const near = closest(name, names);
    throw new UserError(`cannot fetch "${name}"; there is ${names.join(", ")}`, {
      hint: near
        ? `did you mean ${near}?`
        : "other datasets are read from the data folder; see their pages for a download",
      exitCode: 2,
    });
  }
  return fetchSet(FETCHABLE[name as keyof typeof FETCHABLE], options);
}

/** As `fetchDataset`, for any set of published files. */
export async function fetchSet(set: PublishedSet, options: FetchOptions): Promise<Fetched> {
  const folder = join(options.root, set.folder);
  await makeFolder(folder);
  const files: { name: string; how: Fetched["files"][number]["how"] }[] = [];
  for (const file of set.files) {
    if (await isThere(folder, file)) {
      files.push({ name: file.name, how: "kept" });
    } else if (options.from !== undefined) {
      await copyFrom(options.from, folder, file);
      files.push({ name: file.name, how: "copied" });
    } else {
      await download(set.mirrors, join(folder, file.name), file, options);
      files.push({ name: file.name, how: "downloaded" });
    }
    options.onProgress?.({ file: file.name, doneBytes: file.bytes, totalBytes: file.bytes });
  }
  return { folder, files };
}

/** The names under which a file may lie: as published, or unpacked. */
function namesOf({ name }: PublishedFile): string[] {
  return [name, name.replace(/\.gz$/, "")];
}

async function isGenuineAt(path: string, file: PublishedFile): Promise<boolean> {
  const bytes = await readIfThere(path);
  return bytes !== undefined && isGenuine(bytes, file);
}

async function isThere(folder: string, file: PublishedFile): Promise<boolean> {
  for (const name of namesOf(file)) if (await isGenuineAt(join(folder, name), file)) return true;
  return false;
}

/** The published bytes, or the published content gzipped anew or not at all. */
function isGenuine(bytes: Uint8Array, { md5, contentSha256 }: PublishedFile): boolean {
  if (createHash("md5").update(bytes).digest("hex") === md5) return true;
  let content = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      content = gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
    } catch {
      return false; // not a whole gzip file, or one of more than was ever published
    }
  }
  return bytesHash(content) === contentSha256;
}

async function copyFrom(from: string, folder: string, file: PublishedFile): Promise<void> {
  for (const name of namesOf(file)) {
    const bytes = await readIfThere(join(from, name));
    if (!bytes) continue;
    if (!isGenuine(bytes, file)) {
      throw new UserError(`"${join(from, name)}" is not the published file: its checksum is another`, {
        hint: "it may be truncated; copy or download it again",
      });
    }
    await writeFileAtomic(join(folder, name), bytes);
    return;
  }
  throw new UserError(`no ${namesOf(file).join(" nor ")} in "${from}"`, {
    hint: "give the folder that holds the files of the dataset",
    exitCode: 2,
  });
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readWhole(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw explainReadError(error, path);
  }
}

async function download(
  mirrors: readonly string[],
  path: string,
  file: PublishedFile,
  options: FetchOptions,
): Promise<void> {
  const partial = `${path}.part`;
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = mirror + file.name;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const isWhole = await downloadRest(url, partial, file, options);
        if (await isGenuineAt(partial, file)) {
          await writing(path, () => rename(partial, path));
          return;
        }
        failures.push(`${url}: wrong checksum (${(await stat(partial)).size} bytes, expected ${file.bytes})`);
        await rm(partial);
        if (isWhole) break; // this mirror has another file; otherwise what it was appended to may have been at fault
      } catch (error) {
        if (error instanceof UserError || options.signal?.aborted) throw error;
        failures.push(`${url}: ${reasonOf(error)}`);
        if (error instanceof HttpError) break; // asking again would give the same answer
      }
    }
  }
  throw new UserError(`cannot download ${file.name}`, {
    details: [...new Set(failures)],
    hint: "check the connection and run it again (it goes on where it broke off), or take the files from a folder with --from",
  });
}

class HttpError extends Error {}

/**
 * Appends to `partial` what is missing of the file; starts anew where the server does not resume. Answers whether all of
 * it came in this one response.
 */
async function downloadRest(
  url: string,
  partial: string,
  file: PublishedFile,
  options: FetchOptions,
): Promise<boolean> {
  const have = await stat(partial).then(
    ({ size }) => size,
    () => 0,
  );
  if (have === file.bytes) return false;
  if (have > file.bytes) await rm(partial);
  const from = have > file.bytes ? 0 : have;
  const stalled = new AbortController();
  const stallMs = options.stallMs ?? 30_000;
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  try {
    const signal = options.signal ? AbortSignal.any([options.signal, stalled.signal]) : stalled.signal;
    const headers =
      from > 0 ? { range: `bytes=${from}-`, "accept-encoding": "identity" } : { "accept-encoding": "identity" };
    const response = await (options.fetch ?? fetch)(url, { headers, signal });
    if (!response.ok || !response.body) throw new HttpError(`HTTP status ${response.status}`);
    const resumes = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`);
    const start = resumes ? from : 0;
    await append(response.body, partial, start, (doneBytes) => {
      timer.refresh();
      options.onProgress?.({ file: file.name, doneBytes, totalBytes: file.bytes });
    });
    return start === 0;
  } finally {
    clearTimeout(timer);
  }
}

async function append(
  body: ReadableStream<Uint8Array>,
  path: string,
  from: number,
  onBytes: (done: number) => void,
): Promise<void> {
  const file = await writing(path, () => open(path, from > 0 ? "r+" : "w"));
  try {
    let at = from;
    // Node's streams can be iterated, which the browsers' type of them does not say.
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      await writing(path, () => file.write(chunk, 0, chunk.length, at));
      at += chunk.length;
      onBytes(at);
    }
    await writing(path, () => file.sync());
  } finally {
    await file.close();
  }
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainWriteError(error, path);
  }
}

/** fetch says only "fetch failed"; the reason is its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
