// The webcam, as Chromium's made-up one shows it: pictures of a class while the button is held, and answers to what it sees.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TEXTS } from "../../../web/texts.ts";
import { addClass, card, icons, learned } from "./driver.ts";
import { noChromium, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("the camera", () => {
  let site: PageInBrowser;
  beforeAll(async () => {
    site = await pageInBrowser();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it("gives pictures of a class, and is asked what it sees", async () => {
    await using opened = await site.open();
    const { page } = opened;
    await addClass(page, "ghost", icons("ghost", 0, 6));
    await addClass(page, "pattern", []);
    const pattern = card(page, "pattern");
    await pattern.getByRole("button", { name: TEXTS.cameraFor("pattern") }).click();
    const take = pattern.getByRole("button", { name: TEXTS.take });
    await take.focus();
    await page.keyboard.press("Enter"); // by the keyboard it goes on until the next press
    await page.waitForFunction(() => document.querySelectorAll(".card:last-child .pictures li").length >= 5);
    await page.keyboard.press("Enter");
    await pattern.getByRole("button", { name: TEXTS.take }).waitFor();
    await pattern.getByRole("button", { name: TEXTS.cameraFor("pattern") }).click();
    await page.waitForFunction(() => document.querySelector(".waiting") === null);
    const count = await pattern.locator(".pictures li").count();
    await learned(page, 6 + count);
    await page.getByRole("button", { name: TEXTS.askLive }).click();
    await page.locator(".bars li").first().waitFor();
    await page.getByRole("button", { name: TEXTS.askLiveStop }).click();
    expect(await page.locator("video").count()).toBe(0);
  });

  it("that cannot be had says so where it was asked for", async () => {
    await using refusing = await pageInBrowser({ camera: false });
    await using opened = await refusing.open();
    const { page } = opened;
    await addClass(page, "a", []);
    await card(page, "a")
      .getByRole("button", { name: TEXTS.cameraFor("a") })
      .click();
    await card(page, "a").locator(".problem").waitFor();
    expect(await card(page, "a").locator(".problem").textContent()).toMatch(/camera/);
  });
});
