// The built page in a real Chromium, served as `pudnet serve` does: every error on its console, every violation of its policy
// and every request that is not for its own files is a failure of the test that saw it.

import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findChromium } from "../../../scripts/in-chromium.mjs";
import { servePage } from "../../../src/node/page/page-server.ts";
import { readSite, type Site, type SiteFile } from "../../../src/node/page/site.ts";

const found = findChromium();
/** Why these tests cannot run here, if they cannot. */
export const noChromium: string | undefined = found
  ? undefined
  : "SKIPPED: no Chromium here (Debian: apt-get install chromium)";

/** Milliseconds that anything may take on a machine with much else to do. */
const PATIENCE = 120_000;

/** A webcam that shows a moving pattern, and a network where only this machine answers. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong so far: a test that means it takes it out. */
  readonly problems: string[];
}

export interface PageInBrowser extends AsyncDisposable {
  readonly url: string;
  /** As they are served: may be replaced meanwhile. */
  readonly files: Map<string, SiteFile>;
  readonly browser: Browser;
  /** The page in a browser that knows nothing; fails at its end where anything went wrong. */
  readonly open: (options?: BrowserContextOptions) => Promise<OpenedPage>;
}

/**
 * Serves the page, or another one that was built in `folder`, and starts Chromium; `plain` serves it as a static host does, without
 * headers of its own.
 */
export async function pageInBrowser({
  plain = false,
  args = [],
  folder,
}: {
  readonly plain?: boolean;
  readonly args?: readonly string[];
  readonly folder?: string;
} = {}): Promise<PageInBrowser> {
  const files = new Map(await readSite(undefined, folder));
  const server = plain ? await servePlain(files) : await servePage(files, { port: 0 });
  const browser = await chromium.launch({
    executablePath: found!.path,
    args: [...ARGUMENTS, ...args],
  });
  return {
    url: server.url,
    files,
    browser,
    open: (options) => openPage(browser, server.url, options),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(PATIENCE);
  const problems = watched(context, url);
  const page = await context.newPage();
  await page.goto(url);
  return {
    page,
    context,
    problems,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      expect(problems).toEqual([]);
    },
  };
}

/** Filled as things go wrong on any page of the context, in its workers, too. */
function watched(context: BrowserContext, url: string): string[] {
  const problems: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => problems.push(`error: ${error.error().stack ?? error.error().message}`));
  context.on("request", (request) => {
    const isOwn = request.url().startsWith(url) || request.url().startsWith(`blob:${url}`);
    if (!isOwn) problems.push(`request: ${request.method()} ${request.url()}`);
    else if (request.method() !== "GET") problems.push(`not a GET: ${request.method()} ${request.url()}`);
  });
  return problems;
}

/** Files and their types, nothing else: what any host does. */
async function servePlain(site: Site): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const file = site.get(request.url!.split("?")[0]!);
    response.writeHead(file ? 200 : 404, file && { "content-type": file.type }).end(file?.bytes);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
