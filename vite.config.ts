// The page: `npx vite` serves web/ as it is edited, scripts/build-web.mjs makes dist/web/ of it.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const at = (path: string): string => resolve(import.meta.dirname, path);

/** The network that predicts, beside index.html under the name that the page fetches. */
const checkpoint: Plugin = {
  name: "checkpoint",
  configureServer({ middlewares }) {
    middlewares.use("/model.safetensors", (_, response) => void response.end(readFileSync(TINY)));
  },
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "model.safetensors", source: readFileSync(TINY) });
  },
};
const TINY = at("checkpoints/tiny-resnet-8.safetensors");

const SERVICE_WORKER = "service-worker";

/** Workers are threads of onnxruntime without a page of their own: they are isolated as the page is. */
const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  root: at("web"),
  base: "./", // from whatever path it is served
  publicDir: at("web/site/public"),
  plugins: [checkpoint],
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
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: { index: at("web/index.html"), [SERVICE_WORKER]: at("web/site/service-worker.ts") },
      output: {
        // where it lies says for which pages it works, and under which name, where the next version is looked for
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? `${name}.js` : "assets/[name]-[hash].js"),
      },
    },
  },
});
