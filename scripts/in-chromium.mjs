// A page in Chromium that has pudnet as bundlers give it to browsers. Node serves it, and hears from it by what it posts.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { delimiter, dirname, extname, join, resolve, sep } from "node:path";
import { setTimeout } from "node:timers/promises";
import { build } from "vite";

const ROOT = resolve(import.meta.dirname, "..");
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};
const PAGE = '<!doctype html><title>pudnet</title><script type="module" src="page.mjs"></script>\n';

/** Milliseconds that a page has for its answer. */
const LIMIT = 240_000;

/**
 * A Chromium of this machine, by its absolute path: $CHROMIUM, or one of the usual names.
 * @returns {{ path: string, version: string } | undefined}
 */
export function findChromium() {
  for (const name of process.env["CHROMIUM"] ? [process.env["CHROMIUM"]] : NAMES) {
    const { status, stdout } = spawnSync(name, ["--version"], { encoding: "utf8" });
    const path = ["", ...(process.env["PATH"] ?? "").split(delimiter)]
      .map((folder) => join(folder, name))
      .find(isProgram);
    if (status === 0 && path) return { path: resolve(path), version: /[\d.]+/.exec(stdout)?.[0] ?? "unknown" };
  }
}

const isProgram = (path) => path.includes(sep) && existsSync(path);

/**
 * Bundles a page's module in `folder`, a project in which pudnet is installed, with what it depends on and nothing that is
 * optional. The site lies in `folder`/site then.
 * @param {string} module
 * @param {string} folder
 */
export async function bundlePage(module, folder) {
  const installed = join(folder, "node_modules", "pudnet");
  await mkdir(installed, { recursive: true });
  await copyFile(join(ROOT, "package.json"), join(installed, "package.json"));
  await symlink(join(ROOT, "dist"), join(installed, "dist"), "junction");
  const { dependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "junction");
  }
  await writeFile(join(folder, "index.html"), PAGE);
  await copyFile(module, join(folder, "page.mjs"));
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    resolve: { preserveSymlinks: true }, // else packages would be looked for beside the checkout
    build: { outDir: "site", target: "esnext" },
  });
  return join(folder, "site");
}

/**
 * Opens the page of a site in Chromium and gives the JSON that it posts to /answer. It may fetch the site and `files`.
 * @param {{ path: string }} chromium
 * @param {string} site
 * @param {Readonly<Record<string, string | Uint8Array>>} files by the path that the page knows: a file, or bytes
 * @throws what the page says where it posts {"error"}, and where it posts nothing
 */
export async function askPage(chromium, site, files) {
  let answer = (_text) => {};
  const answered = new Promise((done) => (answer = done));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    if (request.method === "POST") {
      let text = "";
      for await (const piece of request.setEncoding("utf8")) text += piece;
      response.end();
      return answer(text);
    }
    const found = Object.hasOwn(files, path) ? files[path] : join(site, path);
    const bytes = typeof found === "string" ? await readFile(found).catch(() => undefined) : found;
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(bytes ? 200 : 404, { "content-type": type }).end(bytes);
  });
  await once(server.listen(0, "localhost"), "listening");
  const profile = join(site, "..", "profile");
  const url = `http://localhost:${server.address().port}/`;
  const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  const browser = spawn(chromium.path, [...options, `--user-data-dir=${profile}`, url], { stdio: "ignore" });
  const ended = once(browser, "exit");
  try {
    const text = await Promise.race([
      answered,
      setTimeout(LIMIT, JSON.stringify({ error: `no answer of the page within ${LIMIT / 1000} s` }), { ref: false }),
      ended.then(([code]) => JSON.stringify({ error: `Chromium ended with ${code} before the page had answered` })),
    ]);
    const said = JSON.parse(text);
    if (said.error !== undefined) throw new Error(said.error);
    return said;
  } finally {
    browser.kill("SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
