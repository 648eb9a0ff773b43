// The project is there again after the tab was killed, and one tab at a time keeps it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProjectZip } from "../../../src/formats/project-zip.ts";
import { TEXTS } from "../../../web/texts.ts";
import { ROOT } from "../../built-program.ts";
import { addClass, addPictures, card, countKept, hasPictures, icons, kept, learned } from "./driver.ts";
import { noChromium, type OpenedPage, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

const PATIENCE = { timeout: 120_000 };

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("a project", () => {
  let site: PageInBrowser;
  beforeAll(async () => {
    site = await pageInBrowser();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  /** Another tab, after this one was killed. */
  async function afterKilling({ page, context }: OpenedPage): Promise<Page> {
    const tools = await context.newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    void tools.send("Page.crash").catch(() => {}); // it does not live to answer
    await crashed;
    const next = await context.newPage();
    await next.goto(site.url);
    return next;
  }

  it("comes back after the tab was killed, with its answers", async () => {
    await using opened = await site.open();
    const { page } = opened;
    await addClass(page, "cactus", icons("cactus", 0, 6));
    await addClass(page, "ghost", icons("ghost", 0, 6));
    await kept(page, 12);
    const next = await afterKilling(opened);
    await learned(next, 12);
    await hasPictures(next, "ghost", 6);
    await card(next, "ghost").locator("img").first().waitFor();
  });

  it("is whole and goes on where the tab was killed while it learned", async () => {
    await using opened = await site.open();
    const { page } = opened;
    await page.locator("input[webkitdirectory]").setInputFiles(join(ROOT, "samples/icons-unseen"));
    await page.locator(".learned progress").waitFor();
    await expect.poll(() => page.evaluate(countKept), PATIENCE).toBeGreaterThan(0);
    const next = await afterKilling(opened);
    await next.locator(".card").first().waitFor();
    const count = await next.evaluate(countKept);
    expect(count).toBeLessThanOrEqual(400);
    const counts = await next.locator(".card .count").allTextContents();
    expect(counts.reduce((sum, text) => sum + Number.parseInt(text), 0)).toBe(count);
    await addClass(next, "more", icons("ghost", 0, 1));
    await addClass(next, "fewer", icons("crown", 0, 1));
    await learned(next, count + 2);
  });

  it("is there without the network that it needs, and goes on when that comes", async () => {
    await using opened = await site.open();
    const { page, problems } = opened;
    await addClass(page, "cactus", icons("cactus", 0, 6));
    await addClass(page, "ghost", icons("ghost", 0, 6));
    await kept(page, 12);
    const [path, network] = [...site.files].find(([name]) => name.endsWith(".safetensors"))!;
    site.files.delete(path);
    await page.reload();
    await hasPictures(page, "ghost", 6);
    await addClass(page, "crown", []);
    const again = page.getByRole("button", { name: TEXTS.startAgain });
    await again.waitFor();
    site.files.set(path, network);
    problems.length = 0; // the network that was not there
    await again.click();
    await learned(page, 12);
    await addPictures(page, "crown", icons("crown", 0, 2));
    await learned(page, 14);
    await kept(page, 14);
    await page.reload();
    await learned(page, 14);
    await hasPictures(page, "cactus", 6);
  });

  it("that the browser has no room for says so, works on, and is kept once there is room", async () => {
    await using opened = await site.open();
    const { page, context } = opened;
    const tools = await context.newCDPSession(page);
    const origin = new URL(site.url).origin;
    await tools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
    await addClass(page, "cactus", icons("cactus", 0, 6));
    await page.getByText(TEXTS.troubles.full).waitFor();
    await addClass(page, "ghost", icons("ghost", 0, 6));
    await learned(page, 12);
    const download = page.waitForEvent("download");
    await page.locator(".banners").getByRole("button", { name: TEXTS.saveZip }).click();
    const zip = await readFile(await (await download).path());
    const { classes } = await readProjectZip(new Blob([zip]), "project.zip");
    expect(classes.map(({ name, pictures }) => [name, pictures.length])).toEqual([
      ["cactus", 6],
      ["ghost", 6],
    ]);
    expect(await page.locator(".leaving .problem").count()).toBe(0);
    await tools.send("Storage.overrideQuotaForOrigin", { origin });
    await addClass(page, "crown", icons("crown", 0, 1));
    await kept(page, 13);
    await page.getByText(TEXTS.troubles.full).waitFor({ state: "detached" });
  });

  it("is kept by one tab, and another one says so", async () => {
    await using opened = await site.open();
    await addClass(opened.page, "a", icons("crown", 0, 1));
    await kept(opened.page, 1);
    const second = await opened.context.newPage();
    await second.goto(site.url);
    await second.getByText(TEXTS.troubles.elsewhere).waitFor();
    await hasPictures(second, "a", 1);
    await opened.page.close();
    await second.getByText(TEXTS.troubles.left).waitFor();
  });
});
