// On a static host the page is kept by its service worker: it opens without a network, isolated, and takes the next version.

import { once } from "node:events";
import { statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSite } from "../../../src/node/page/site.ts";
import { TEXTS } from "../../../web/texts.ts";
import { ROOT } from "../../built-program.ts";
import { noChromium, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

const POLLING = { timeout: 120_000 };

/** In the page: whether a newer service worker waits for its turn. */
const waits = async (): Promise<boolean> => (await navigator.serviceWorker.ready).waiting !== null;

/** In the page: what comes of a request to another origin. */
const askElsewhere = (url: string): Promise<string> => fetch(url, { mode: "no-cors" }).then(() => "answered", String);

/** Another origin, which counts who comes. */
async function countingServer() {
  let count = 0;
  const server = createServer((_, response) => {
    count++;
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    count: () => count,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("on a static host", () => {
  let site: PageInBrowser;
  beforeAll(async () => {
    site = await pageInBrowser({ plain: true });
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it("the page opens again without a network, and is isolated then", async () => {
    await using opened = await site.open();
    const { page, context } = opened;
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    await page.reload();
    expect(await page.title()).toContain("PudNet");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const model = await page.evaluate(async () => (await (await fetch("model.safetensors")).arrayBuffer()).byteLength);
    expect(model).toBe(statSync(join(ROOT, "checkpoints", "tiny-resnet-8.safetensors")).size);
  });

  it("workers are kept to the page's own files, too", async () => {
    await using elsewhere = await countingServer();
    await using opened = await site.open();
    const { page, problems } = opened;
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.reload();
    await page.getByText(TEXTS.begin).waitFor();
    await expect.poll(() => page.workers().length, POLLING).toBeGreaterThan(0);
    expect(await page.evaluate(askElsewhere, elsewhere.url)).toMatch(/fetch/);
    for (const worker of page.workers()) expect(await worker.evaluate(askElsewhere, elsewhere.url)).toMatch(/fetch/);
    expect(elsewhere.count()).toBe(0);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.splice(0).filter((one) => !/Content Security Policy|Refused to connect/.test(one))).toEqual([]);
  });

  it("the next version is fetched when the page is loaded, and shown when it is loaded once more", async () => {
    await using opened = await site.open();
    const { page } = opened;
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const replace = (path: string, from: string | RegExp, to: string): void => {
      const file = site.files.get(path)!;
      const text = Buffer.from(file.bytes).toString();
      expect(text).toMatch(from);
      site.files.set(path, { ...file, bytes: Buffer.from(text.replace(from, to)) });
    };
    for (const path of ["/", "/index.html"]) replace(path, /<title>[^<]*/, "<title>the next version");
    replace("/service-worker.js", /const VERSION = "\w+"/, 'const VERSION = "next"');
    await page.reload(); // the browser looks for a newer worker, which waits for its turn
    expect(await page.title()).not.toBe("the next version");
    await expect.poll(() => page.evaluate(waits), POLLING).toBe(true);
    await page.reload({ waitUntil: "commit" });
    await page.waitForFunction(() => document.title === "the next version");
    await page.close();
    const later = await opened.context.newPage();
    await later.goto(site.url);
    await expect.poll(() => later.evaluate(async () => (await caches.keys()).length), POLLING).toBe(1);
  });
});

it("no file of the page tells where it was built", async () => {
  for (const [path, { bytes }] of await readSite())
    expect([path, Buffer.from(bytes).includes(join(ROOT, "web"))]).toEqual([path, false]);
});

describe.skipIf(noChromium !== undefined)("by pudnet serve", () => {
  it("the page is isolated at once, and nothing is kept of it", async () => {
    await using site = await pageInBrowser();
    await using opened = await site.open();
    expect(await opened.page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await opened.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  });
});
