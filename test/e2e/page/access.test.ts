// The page by keyboard alone, and what axe-core finds: nothing, in light and dark, from a phone's width to a wide screen.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TEXTS } from "../../../web/texts.ts";
import { addClass, ask, icons, learned } from "./driver.ts";
import { noChromium, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

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
