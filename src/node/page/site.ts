// The files of the built page in memory, by the path of their address: nothing else can be asked for.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { UserError } from "../../errors.ts";
import { PACKAGE_ROOT } from "../package-root.ts";

export interface SiteFile {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Of the bytes, as HTTP writes it. */
  readonly etag: string;
  /** Its name is made of its content, so that it never changes. */
  readonly isHashed: boolean;
}

/** "/index.html", "/assets/index-9azUd7nR.css", ... */
export type Site = ReadonlyMap<string, SiteFile>;

/** The name by which the page fetches the network that predicts. */
const MODEL = "/model.safetensors";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css;charset=utf-8",
  ".html": "text/html;charset=utf-8",
  ".js": "text/javascript;charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".zip": "application/zip",
};

/**
 * The page as it was built, with another network to predict with where `model` names a file.
 * @throws UserError where it is not built
 */
export async function readSite(model?: string, folder: string = join(PACKAGE_ROOT, "dist/web")): Promise<Site> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  const site = new Map<string, SiteFile>();
  for (const { parentPath, name } of files) {
    const path = `/${relative(folder, join(parentPath, name)).replaceAll(sep, "/")}`;
    site.set(
      path,
      siteFile(path, await readFile(path === MODEL && model !== undefined ? model : join(parentPath, name))),
    );
  }
  const page = site.get("/index.html");
  if (!page || !site.has(MODEL)) {
    throw new UserError("the page is not there: dist/web/ was not built", {
      hint: "in a checkout `npm run build:web` builds it; otherwise install the package again",
    });
  }
  return site.set("/", page);
}

function siteFile(path: string, bytes: Uint8Array): SiteFile {
  return {
    bytes,
    type: TYPES[extname(path)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
    isHashed: path.startsWith("/assets/"),
  };
}
