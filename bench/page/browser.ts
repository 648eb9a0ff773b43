// A headless Chromium that opens a built page, served as `pudnet serve` does, and tells of what it took.

import { readFileSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/in-chromium.mjs";
import { UserError } from "../../src/errors.ts";
import { watch } from "./in-page.ts";
import { servePage } from "../../src/node/page/page-server.ts";
import { readSite, type SiteFile } from "../../src/node/page/site.ts";

/** Milliseconds for anything. */
const PATIENCE = 300_000;

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What it has fetched so far, by path. */
  readonly fetched: ReadonlySet<string>;
  readonly peakMemory: () => Promise<PeakMemory>;
}

/** Megabytes. */
export interface PeakMemory {
  /** What its process took at most, the browser's own in it included. */
  readonly peak: number;
  /** Of that, pages of the browser's program file, which all tabs share. */
  readonly shared: number;
}

export interface ServedPage extends AsyncDisposable {
  readonly files: ReadonlyMap<string, SiteFile>;
  readonly version: string;
  /** In a browser that knows nothing of it. */
  readonly open: () => Promise<OpenPage>;
}

/** @throws UserError where there is no Chromium */
export async function servedPage(): Promise<ServedPage> {
  const found = findChromium();
  if (!found)
    throw new UserError("no Chromium here", { hint: "Debian: apt-get install chromium; or name one: CHROMIUM=PATH" });
  const files = await readSite();
  const server = await servePage(files, { port: 0 });
  const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  const args = ["--no-sandbox", "--disable-dev-shm-usage", ...camera];
  const browsers = new Set<Browser>();
  return {
    files,
    version: found.version,
    async open() {
      // one of its own, whose process has done nothing before
      const browser = await chromium.launch({ executablePath: found.path, args });
      browsers.add(browser);
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      const fetched = new Set<string>();
      page.context().on("request", (request) => fetched.add(new URL(request.url()).pathname));
      await page.addInitScript(watch);
      await page.goto(server.url);
      return {
        page,
        fetched,
        peakMemory: () => peakMemory(browser),
        [Symbol.asyncDispose]: async () => {
          browsers.delete(browser);
          await browser.close();
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      for (const browser of browsers) await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Of the renderer that took most: the page's, workers included. */
async function peakMemory(browser: Browser): Promise<PeakMemory> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const own = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => readFileSync(`/proc/${id}/status`, "utf8"));
  const kilobytes = (status: string, name: string): number =>
    Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1]);
  const all = own.map((status) => ({
    peak: (kilobytes(status, "VmHWM") * 1024) / 1e6,
    shared: (kilobytes(status, "RssFile") * 1024) / 1e6,
  }));
  return all.reduce((most, one) => (one.peak > most.peak ? one : most));
}
