// Packages of a few drawings, packed as npm packs them.

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { tarballName } from "../src/node/datasets/made/packages.ts";
import type { Pinned } from "../src/node/datasets/made/pinned.ts";

/** Writes a package's tarball into `folder`; gives the row that pins it. */
export async function packTiny(
  folder: string,
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<Pinned> {
  const entries = Object.entries(files).map(([path, body]) => ({
    header: { name: `package/${path}`, size: Buffer.byteLength(body), type: "file" as const },
    body,
  }));
  const tarball = gzipSync(await packTar(entries));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const pinned = { name, version: "1.2.3", licence: "MIT", integrity };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, tarballName(pinned)), tarball);
  return pinned;
}

/** An icon set as @iconify-json/* packages have it. */
export function tinyIcons(bodies: Readonly<Record<string, string>>, more: object = {}): Record<string, string> {
  const icons = Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, { body }]));
  return {
    "icons.json": JSON.stringify({ prefix: "tiny", icons, width: 24, height: 24, ...more }),
    "info.json": JSON.stringify({
      name: "Tiny",
      author: { name: "A. Nobody", url: "https://example.org" },
      license: { title: "MIT", url: "https://example.org/licence" },
    }),
  };
}
