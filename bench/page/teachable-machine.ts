// Teachable Machine's way in the same browser on the same pictures: its own library, a base network with drawn numbers.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/in-chromium.mjs";
import { PACKAGE_ROOT } from "../../src/node/package-root.ts";
import { median, round, type Row, row } from "../rows.ts";

const PEER = join(PACKAGE_ROOT, "bench", "peers", "teachable-machine");
/** By name: the page's own files, and those of the libraries. */
const FILES = {
  "index.html": "index.html",
  "page.js": "page.js",
  "tf.min.js": "node_modules/@tensorflow/tfjs/dist/tf.min.js",
  "teachablemachine-image.min.js": "node_modules/@teachablemachine/image/dist/teachablemachine-image.min.js",
};
const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript" };
/** What it computes with where there is no GPU. The other one gets as long as this takes. */
const BACKENDS = ["cpu", "webgl"] as const;
const REPEATS = 2;

/** What `dropped` of its page gives. */
interface Dropped {
  readonly first: number;
  readonly oneMore: number;
  readonly frame: number;
  /** Of an export. */
  readonly bytes: number;
}

export interface Beside {
  /** A folder with a folder for each class, and one more picture. */
  readonly folder: string;
  readonly another: string;
  readonly classes: number;
  readonly perClass: number;
  /** Ours, milliseconds. */
  readonly first: readonly number[];
  readonly oneMore: readonly number[];
  /** Ours, bytes. */
  readonly download: number;
  readonly exported: number;
}

/** Rows beside it; one that says what is missing where it is not installed. */
export async function besideTeachableMachine(beside: Beside, note: (line: string) => void): Promise<Row[]> {
  const served = await filesOf().catch((error: Error) => error);
  if (served instanceof Error) {
    const hint = "npm ci --prefix bench/peers/teachable-machine --ignore-scripts";
    return [row({ name: "page-teachable-machine", n: 0, target: "", note: `no peer: ${hint} (${served.message})` })];
  }
  const server = await serve(served);
  try {
    const all: Dropped[] = [];
    for (let i = 0; i < REPEATS; i++) {
      all.push((await run(server, beside, BACKENDS[0]))!);
      note(`Teachable Machine: ${i + 1} of ${REPEATS} after ${Math.round(all.at(-1)!.first / 1000)} s`);
    }
    const limit = Math.max(...all.map(({ first, oneMore }) => first + oneMore));
    const other = await run(server, beside, BACKENDS[1], limit);
    const ofOther = other ? `${Math.round(other.first)} ms` : `not done after ${Math.round(limit / 1000)} s`;
    note(`by ${BACKENDS[1]}: ${ofOther}`);
    return rowsOf(beside, other && other.first < all[0]!.first ? [other] : all, served, ofOther);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function rowsOf(ours: Beside, all: readonly Dropped[], served: ReadonlyMap<string, Uint8Array>, webgl: string): Row[] {
  const text = `its library 0.8.5 with TensorFlow.js 1.3.1 by plain JavaScript (by WebGL on a software renderer: ${webgl}), n ${all.length}; no GPU here; 50 epochs`;
  const beside = (name: string, own: readonly number[], peers: readonly number[], more: string): Row =>
    row({
      name,
      n: own.length,
      target: "",
      median_ms: round(median(own)),
      peer: "teachable machine",
      peer_median_ms: round(median(peers)),
      ratio: round(median(peers) / median(own)),
      note: `${more}; ${text}; ${round(Math.min(...peers))} to ${round(Math.max(...peers))} ms`,
    });
  const download = Array.from(served.values()).reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  const bytes = (name: string, own: number, peers: number, more: string): Row =>
    row({
      name,
      n: 1,
      target: "",
      value: round(own / 1e6),
      unit: "MB",
      note: `Teachable Machine: ${round(peers / 1e6)} MB. ${more}`,
    });
  return [
    beside(
      "page-beside-first-classifier",
      ours.first,
      all.map(({ first }) => first),
      "5 classes x 20 pictures, decoding included",
    ),
    beside(
      "page-beside-one-more",
      ours.oneMore,
      all.map(({ oneMore }) => oneMore),
      "after one more picture",
    ),
    bytes(
      "page-beside-download",
      ours.download,
      download,
      "By gzip: libraries and base network, without the rest of its page",
    ),
    bytes(
      "page-beside-export",
      ours.exported,
      all[0]!.bytes,
      "Ours: the page of 8 bits, which needs nothing beside it; theirs needs TensorFlow.js",
    ),
  ];
}

/** In a fresh browser; undefined where it takes longer than `limit`. */
async function run(
  server: Server,
  { folder, another, classes, perClass }: Beside,
  backend: string,
  limit = Infinity,
): Promise<Dropped | undefined> {
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"];
  const browser: Browser = await chromium.launch({ executablePath: findChromium()!.path, args });
  try {
    const page: Page = await browser.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/index.html`);
    await page.evaluate(`interactive(${JSON.stringify(backend)})`);
    const pathOf = (i: number): string => join(folder, `class-${i % classes}`, `${Math.floor(i / classes)}.jpg`);
    await page.setInputFiles("input", [...Array.from({ length: classes * perClass }, (_, i) => pathOf(i)), another]);
    const work = page.evaluate(`dropped(${JSON.stringify({ classes, perClass })})`) as Promise<Dropped>;
    work.catch(() => {}); // of a browser that is closed before it is done
    const over = new Promise<undefined>((resolve) => {
      if (limit < Infinity) setTimeout(resolve, limit, undefined);
    });
    return await Promise.race([work, over]);
  } finally {
    await browser.close();
  }
}

/** All that its page fetches, by name. */
async function filesOf(): Promise<Map<string, Uint8Array>> {
  const reading = Object.entries(FILES).map(async ([name, path]) => [name, await readFile(join(PEER, path))] as const);
  const own = await Promise.all(reading);
  const { baseNetwork } = (await import(pathToFileURL(join(PEER, "base-network.mjs")).href)) as {
    readonly baseNetwork: () => Readonly<Record<string, Uint8Array>>;
  };
  return new Map([...own, ...Object.entries(baseNetwork())]);
}

async function serve(files: ReadonlyMap<string, Uint8Array>): Promise<Server> {
  const server = createServer((request, response) => {
    const name = new URL(request.url!, "http://localhost").pathname.slice(1);
    const type = TYPES[name.split(".").at(-1)!] ?? "application/octet-stream";
    response.writeHead(files.has(name) ? 200 : 404, { "content-type": type }).end(files.get(name));
  });
  await once(server.listen(0, "localhost"), "listening");
  return server;
}
