// The page: `npx vite` serves web/ as it is edited, scripts/build-web.mjs makes dist/web/ of it.

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { zipSync } from "fflate";
import { defineConfig, type Plugin } from "vite";

const at = (path: string): string => resolve(import.meta.dirname, path);

/** Files beside index.html, by the names under which the page fetches them. */
const BESIDE: Readonly<Record<string, () => Uint8Array>> = {
  /** The network that predicts. */
  "model.safetensors": () => readFileSync(at("checkpoints/tiny-resnet-8.safetensors")),
  /** What there is to play with before anybody has pictures of their own. */
  "sample.zip": sampleZip,
  "sample-licence.md": () => readFileSync(at("samples/README.md")),
  "onnxruntime-licence.txt": () => readFileSync(at("scripts/onnxruntime-license.txt")),
};

const beside: Plugin = {
  name: "files beside the page",
  configureServer({ middlewares }) {
    for (const [name, bytes] of Object.entries(BESIDE))
      middlewares.use(`/${name}`, (_, response) => void response.end(bytes()));
  },
  generateBundle() {
    for (const [fileName, bytes] of Object.entries(BESIDE)) this.emitFile({ type: "asset", fileName, source: bytes() });
  },
};

/** Class folders, as they might come from anybody. */
function sampleZip(): Uint8Array {
  const paths = ["anchor", "cactus", "ghost", "lighthouse", "umbrella"].flatMap((name) =>
    readdirSync(at(`samples/icons-unseen/${name}`))
      .sort()
      .slice(0, 20)
      .map((file) => `${name}/${file}`),
  );
  const files = paths.map((path) => [path, readFileSync(at(`samples/icons-unseen/${path}`))] as const);
  return zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) }); // the same bytes at every build
}

const SERVICE_WORKER = "service-worker";

/** Workers are threads of onnxruntime without a page of their own: they are isolated as the page is. */
const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  root: at("web"),
  base: "./", // from whatever path it is served
  publicDir: at("web/site/public"),
  plugins: [beside],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    alias: [
      { find: /^pudnet$/, replacement: at("src/browser.ts") },
      { find: "#runtime", replacement: at("node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs") },
      { find: "#onnxruntime-web", replacement: at("src/tensor/no-webgpu.ts") },
    ],
  },
  worker: { format: "es" },
  server: { headers },
  build: {
    assetsInlineLimit: 0, // the page's policy knows no data: scripts
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: true,
    license: { fileName: "licences.md" },
    rolldownOptions: {
      input: { index: at("web/index.html"), [SERVICE_WORKER]: at("web/site/service-worker.ts") },
      output: {
        // where it lies says for which pages it works, and under which name, where the next version is looked for
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? `${name}.js` : "assets/[name]-[hash].js"),
      },
    },
  },
});
