// Builds the page, dist/web/, from web/ and src/ where it is missing or was built from other sources: a static site that any
// file server offers from any path. A build that fails leaves the old one.
//
//   node scripts/build-web.mjs [--force]
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { builtFrom, dist, filesBelow, fingerprint, librarySources, replaceFolder, root, STAMP, WEB } from "./build.mjs";

const OTHERS = [
  "package-lock.json",
  "package.json",
  "vite.config.ts",
  "checkpoints/tiny-resnet-8.safetensors",
  "scripts/onnxruntime-license.txt",
];
/** What the sample is made of. */
const SAMPLES = join("samples", "icons-unseen");

/** Nobody needs them without a network. */
const NOT_KEPT = ["licences.md", "onnxruntime-licence.txt", "sample-licence.md"];

/** Builds dist/web/ unless it was built from these very sources. */
export async function buildWebIfStale({ force = false } = {}) {
  const place = join(dist, WEB);
  const own = filesBelow("web").filter((name) => !/\.test\.tsx?$/.test(name));
  const sources = fingerprint([
    ...OTHERS,
    join("scripts", "build-web.mjs"),
    ...librarySources(),
    ...filesBelow(SAMPLES),
    ...own,
  ]);
  if (!force && builtFrom(place) === sources && existsSync(join(place, "index.html"))) return;
  console.error("building dist/web/ ...");
  const { build } = await import("vite");
  const target = `${place}.tmp-${process.pid}-0`;
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production"; // else tests build a page for developers, with paths of this machine in it
  try {
    mkdirSync(dist, { recursive: true });
    await build({ configFile: join(root, "vite.config.ts"), logLevel: "warn", build: { outDir: target } });
    listFiles(target);
    writeFileSync(join(target, STAMP), sources);
    replaceFolder(target, place);
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
    rmSync(target, { recursive: true, force: true });
  }
}

/** Tells the service worker which files it keeps, a version that changes with any of them, and the page's policy. */
function listFiles(folder) {
  const worker = "service-worker.js";
  const names = filesBelow(relative(root, folder)).map((name) =>
    relative(folder, join(root, name)).replaceAll(sep, "/"),
  );
  const kept = names.filter((name) => ![worker, ...NOT_KEPT].includes(name));
  const hash = createHash("sha256");
  for (const name of [...kept, worker]) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  const version = hash.digest("hex").slice(0, 16);
  const code = readFileSync(join(folder, worker), "utf8");
  const [, policy] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(
    readFileSync(join(folder, "index.html"), "utf8"),
  );
  const told = Object.entries({ FILES: kept, VERSION: version, POLICY: policy });
  const lines = told.map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
  writeFileSync(join(folder, worker), lines.join("") + code);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await buildWebIfStale({ force: process.argv.includes("--force") });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
