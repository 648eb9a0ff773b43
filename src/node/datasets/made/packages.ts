// Packages of the npm registry that pictures are made of: fetched by the user's own npm or taken from a folder, checked, and
// read from their tarballs in memory, so that nothing of theirs is unpacked or run.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import type { z } from "zod";
import { FormatError, issueLines, UserError } from "../../../errors.ts";
import { listed } from "../../../names.ts";
import { explainReadError, readWhole } from "../../files/read-file.ts";
import type { Pinned } from "./pinned.ts";

/** A package whose bytes are the pinned ones. */
export interface OpenPackage extends Pinned {
  /** The bytes of a file by its path in the package ("icons.json"); undefined where there is none. */
  readonly file: (path: string) => Uint8Array | undefined;
}

export interface FetchPackagesOptions {
  /** The npm to run. Default: the one on the path. */
  readonly npm?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each batch how many packages are there. */
  readonly onFetched?: ((done: number) => void) | undefined;
}

/** More than any of the packages unpacks to; a few bytes of gzip can stand for gigabytes. */
const LARGEST_UNPACKED = 2 ** 28;
/** Packages that one npm fetches: a command line has an end, and people want to see it go on. */
const BATCH = 12;

/** A package as npm is asked for it: `@iconify-json/bi@1.2.7`. */
export function specOf({ name, version }: Pinned): string {
  return `${name}@${version}`;
}

/** The name that `npm pack` gives a tarball: `iconify-json-bi-1.2.7.tgz`. */
export function tarballName({ name, version }: Pinned): string {
  return `${name.replace("@", "").replaceAll("/", "-")}-${version}.tgz`;
}

/**
 * A JSON file of a package that is as the schema says.
 * @throws FormatError where it is missing, no JSON or something else
 */
export function jsonOf<T>(opened: OpenPackage, path: string, schema: z.ZodType<T>): T {
  const file = `${opened.name}/${path}`;
  const bytes = opened.file(path);
  if (!bytes) throw new FormatError(file, "not in the package");
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FormatError(file, "not JSON", { cause });
  }
  const parsed = schema.safeParse(content, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new FormatError(file, "not what such a package holds", { details: issueLines(parsed.error.issues) });
}

/**
 * Has npm put the tarballs of packages into `folder`; those that it has had before come from its cache.
 * @throws UserError where there is no npm, or it does not get them
 */
export async function fetchPackages(
  packages: readonly Pinned[],
  folder: string,
  options: FetchPackagesOptions = {},
): Promise<void> {
  for (let at = 0; at < packages.length; at += BATCH) {
    const batch = packages.slice(at, at + BATCH);
    await npmPack(batch.map(specOf), folder, options);
    options.onFetched?.(at + batch.length);
  }
}

/**
 * Opens a package's tarball in `folder`.
 * @throws UserError where it is missing or has other bytes than were pinned, FormatError where it is no tarball
 */
export async function openPackage(pinned: Pinned, folder: string): Promise<OpenPackage> {
  const path = join(folder, tarballName(pinned));
  const tarball = await readWhole(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw explainReadError(error, path);
    throw new UserError(`no ${tarballName(pinned)} in "${folder}"`, {
      hint: `npm pack ${specOf(pinned)} makes it, where there is a network`,
      exitCode: 2,
    });
  });
  const found = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  if (found !== pinned.integrity) {
    throw new UserError(`"${path}" is not the published ${specOf(pinned)}: its checksum is another`, {
      details: [`expected ${pinned.integrity}`, `found    ${found}`],
      hint: "it may be truncated or changed; fetch it again",
    });
  }
  const files = await filesOf(tarball, path);
  return { ...pinned, file: (name) => files.get(name) };
}

/** The plain files of a tarball by their path below its one folder. */
async function filesOf(tarball: Uint8Array, path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    const entries = await unpackTar(gunzipSync(tarball, { maxOutputLength: LARGEST_UNPACKED }), { strict: true });
    return new Map(
      entries.flatMap(({ header, data }) =>
        header.type === "file" && data ? [[header.name.replace(/^[^/]+\//, ""), data] as const] : [],
      ),
    );
  } catch (cause) {
    throw new FormatError(path, "not a package's tarball", { cause });
  }
}

async function npmPack(
  specs: readonly string[],
  folder: string,
  { npm = "npm", signal }: FetchPackagesOptions,
): Promise<void> {
  const options = ["--ignore-scripts", "--prefer-offline", "--pack-destination", folder];
  const { code, errors } = await run(npm, ["pack", ...specs, ...options, "--loglevel", "error"], signal);
  if (code === 0) return;
  const told = errors.split(/\r?\n/).filter((line) => /^npm (error|ERR!) (?!A complete log|\s*$)/.test(line));
  throw new UserError(`npm did not get ${listed([...specs], 3)}`, {
    details: told.slice(0, 6),
    hint: "check the connection and run it again (npm keeps what it has got), or take the packages from a folder with --from",
  });
}

/** Runs npm to its end, its errors collected. On Windows it is a script, which a shell must run; all words are ours. */
function run(
  npm: string,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === "win32";
    const quoted = isWindows ? words.map((word) => `"${word}"`) : words;
    const child = spawn(npm, quoted, {
      stdio: ["ignore", "ignore", "pipe"],
      shell: isWindows,
      ...(signal && { signal }),
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-20_000)));
    child.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT" && cause.code !== "EACCES") return reject(cause);
      reject(
        new UserError(`cannot run ${npm}: it is not there`, {
          hint: "npm comes with Node: put it on the path, or fetch the packages elsewhere and give their folder with --from",
          cause,
        }),
      );
    });
    child.on("close", (code) => resolve({ code, errors }));
  });
}
