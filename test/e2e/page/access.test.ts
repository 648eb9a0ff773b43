// The page by keyboard alone, and what axe-core finds: nothing, in light and dark, from a phone's width to a wide screen.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { AxeResults } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TEXTS } from "../../../web/texts.ts";
import { addClass, ask, card, hasPictures, icons, learned, startAfresh } from "./driver.ts";
import { noChromium, type OpenedPage, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

const PATIENCE = { timeout: 120_000 };

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The page's policy lets no script in but its own: the tools of the browser do. */
async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate("axe.run()")) as AxeResults;
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

async function everywhere(page: Page): Promise<void> {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 360],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    expect([colorScheme, await axe(page)]).toEqual([colorScheme, []]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
}

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("the page", () => {
  let site: PageInBrowser;
  beforeAll(async () => {
    site = await pageInBrowser();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it("is accessible, empty and full, in light and dark, from a phone's width to a wide screen", async () => {
    await using opened = await site.open();
    const { page } = opened;
    await page.getByRole("button", { name: TEXTS.openSample }).waitFor();
    await everywhere(page);
    await addClass(page, "cactus", [...icons("cactus", 0, 10), ...icons("ghost", 20, 24)]);
    await addClass(page, "ghost", icons("ghost", 0, 14));
    await learned(page, 28);
    await ask(page, icons("ghost", 30, 31)[0]!);
    await page.getByText(TEXTS.curious).click();
    await page.getByText(/held-back pictures are right/).waitFor();
    await page.getByText(TEXTS.mistakes).waitFor();
    await everywhere(page);
  });

  describe("keeps a keyboard's place when what has it goes:", () => {
    let opened: OpenedPage;
    let page: Page;
    beforeAll(async () => {
      opened = await site.open();
      ({ page } = opened);
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    afterEach(() => startAfresh(page));

    const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
    const nameOf = (name: string): Locator => card(page, name).getByLabel(TEXTS.className);
    const hasFocus = (place: Locator) =>
      expect.poll(() => place.evaluate((element) => element === document.activeElement), PATIENCE).toBe(true);

    it("to the undo and redo that are left", async () => {
      await button(TEXTS.addClass).press("Enter");
      await button(TEXTS.undo).press("Enter");
      await hasFocus(button(TEXTS.redo));
      await page.keyboard.press("Enter");
      await hasFocus(button(TEXTS.undo));
      await button(TEXTS.afresh).press("Enter");
      await hasFocus(button(TEXTS.undo));
      await page.keyboard.press("Enter");
      await card(page, TEXTS.newClass(1)).waitFor();
    });

    it("to the class after one that is deleted, or before it, or to what adds one", async () => {
      for (const name of ["a", "b", "c"]) await addClass(page, name, []);
      await button(TEXTS.deleteClass("b")).press("Enter");
      await hasFocus(nameOf("c"));
      await button(TEXTS.deleteClass("c")).press("Enter");
      await hasFocus(nameOf("a"));
      await addClass(page, "d", []);
      await card(page, "d").getByLabel(TEXTS.enabled).focus();
      for (let undone = 0; undone < 2; undone++) await page.keyboard.press("Control+z"); // its name, and it
      await hasFocus(nameOf("a"));
      await button(TEXTS.deleteClass("a")).press("Enter");
      await hasFocus(button(TEXTS.addClass));
      await page.keyboard.press("Control+z");
      await card(page, "a").waitFor();
    });

    it("to the picture after one that is deleted, or before it, or to what adds one", async () => {
      const files = icons("crown", 0, 2);
      await addClass(page, "a", [...files, import.meta.filename]); // no picture: it is refused
      await hasPictures(page, "a", 2);
      const remove = (file: string): Locator => button(TEXTS.deletePicture(basename(file)));
      const pick = card(page, "a").getByLabel(TEXTS.pickFor("a"));
      await card(page, "a").getByRole("button", { name: TEXTS.dismiss }).press("Enter");
      await hasFocus(pick);
      const [older, newer] = files as [string, string];
      await remove(newer).press("Enter");
      await hasFocus(remove(older));
      await page.keyboard.press("Enter");
      await hasFocus(pick);
    });

    it("and stays where it is while a file is made", async () => {
      await addClass(page, "a", icons("crown", 0, 3));
      await hasPictures(page, "a", 3);
      const save = page.locator(".leaving").getByRole("button", { name: TEXTS.saveZip });
      const download = page.waitForEvent("download");
      await save.press("Enter");
      await download;
      await hasFocus(save);
    });
  });

  it("is used by the keyboard alone", async () => {
    await using opened = await site.open();
    const { page } = opened;
    const go = async (name: string | RegExp): Promise<void> => {
      for (let presses = 0; presses < 100; presses++) {
        await page.keyboard.press("Tab");
        const label = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement & { readonly labels?: NodeListOf<HTMLElement> };
          return element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent;
        });
        if (typeof name === "string" ? label === name : name.test(label)) return;
      }
      throw new Error(`the keyboard does not get to ${String(name)}`);
    };
    for (const name of ["ghost", "crown"]) {
      await go(TEXTS.addClass);
      await page.keyboard.press("Enter");
      await page.locator(".card").last().getByLabel(TEXTS.className).focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.type(name);
      const chooser = page.waitForEvent("filechooser");
      await go(TEXTS.pickFor(name));
      await page.keyboard.press("Enter");
      await (await chooser).setFiles(icons(name, 0, 5));
    }
    await learned(page, 10);
    const asking = page.waitForEvent("filechooser");
    await go(TEXTS.askPick);
    await page.keyboard.press("Enter");
    await (await asking).setFiles(icons("ghost", 30, 31));
    await page.locator(".bars li").first().waitFor();
    await page.waitForFunction(() => document.querySelector(".asking [role=status]")?.textContent?.includes("ghost"));
  });
});
