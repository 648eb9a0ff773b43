// A page that has the engine of web/ and nothing else, built as the page itself is: for tests of what computes.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, loadConfigFromFile } from "vite";
import { PACKAGE_ROOT } from "../../../src/node/package-root.ts";

const HTML = `<!doctype html>
<title>engine</title>
<link rel="icon" href="./icon.svg" />
<script type="module" src="./page.js"></script>
<input type="file" multiple />
`;
const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

/** Builds a page of a module, which imports `startEngine` from "engine"; gives the folder of the site, below `folder`. */
export async function buildEnginePage(folder: string, module: string): Promise<string> {
  const root = join(folder, "page");
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "index.html"), HTML);
  await writeFile(join(root, "icon.svg"), ICON);
  await writeFile(join(root, "page.js"), module);
  const found = await loadConfigFromFile(
    { command: "build", mode: "production" },
    join(PACKAGE_ROOT, "vite.config.ts"),
  );
  const { plugins = [], worker = {}, base = "./", resolve } = found!.config;
  const engine = { find: /^engine$/, replacement: join(PACKAGE_ROOT, "web/engine/client.ts") };
  const alias = [engine, ...(resolve!.alias as (typeof engine)[])];
  const outDir = join(folder, "site");
  await build({
    configFile: false,
    logLevel: "error",
    root,
    plugins,
    worker,
    base,
    resolve: { alias },
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0 },
  });
  return outDir;
}
