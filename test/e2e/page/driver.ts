// The page as a person uses it: by its labels, with the pictures of samples/.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { TEXTS } from "../../../web/texts.ts";
import { ROOT } from "../../built-program.ts";

/** Files of a class of the icons: [from, to). */
export function icons(name: string, from: number, to: number): string[] {
  const folder = join(ROOT, "samples/icons-unseen", name);
  return readdirSync(folder)
    .toSorted()
    .slice(from, to)
    .map((file) => join(folder, file));
}

export const card = (page: Page, name: string): Locator => page.getByRole("listitem", { name, exact: true });

/** Waits until a class has so many pictures. */
export async function hasPictures(page: Page, name: string, count: number): Promise<void> {
  await card(page, name).getByText(TEXTS.count(count), { exact: true }).waitFor();
}

/** No classes, nothing asked, and no mark of what was learned before. */
export async function startAfresh(page: Page): Promise<void> {
  await page.getByRole("button", { name: TEXTS.afresh }).click();
  await page.getByText(TEXTS.begin).waitFor();
  await page.evaluate(() => performance.clearMarks());
}

/** Adds a class of that name with these files. */
export async function addClass(page: Page, name: string, files: readonly string[]): Promise<void> {
  const before = await page.locator(".card").count();
  await page.getByRole("button", { name: TEXTS.addClass }).click();
  const added = page.locator(".card").nth(before);
  await added.getByLabel(TEXTS.className).fill(name);
  await added.getByLabel(TEXTS.className).press("Enter");
  await addPictures(page, name, files);
}

export async function addPictures(page: Page, name: string, files: readonly string[]): Promise<void> {
  await card(page, name).locator("input[type=file]").setInputFiles(files);
}

/** Waits until a classifier of so many pictures is on the screen. */
export async function learned(page: Page, images: number): Promise<void> {
  await page.waitForFunction((count) => {
    const [mark] = performance.getEntriesByName("learned") as PerformanceMark[];
    return (mark?.detail as { images: number } | undefined)?.images === count;
  }, images);
}

/** Asks about a picture; the names of the bars, the most probable first, and whether it is unknown. */
export async function ask(page: Page, file: string): Promise<{ labels: string[]; isUnknown: boolean }> {
  await page.evaluate(() => performance.clearMarks("answered"));
  await page.locator(".asking input[type=file]").setInputFiles(file);
  await page.waitForFunction((name) => {
    const [mark] = performance.getEntriesByName("answered") as PerformanceMark[];
    return (mark?.detail as { picture?: string } | undefined)?.picture === name;
  }, basename(file));
  const labels = await page.locator(".bars li > span:first-child").allTextContents();
  return { labels, isUnknown: await page.getByText(TEXTS.unknown).isVisible() };
}

/** Waits until so many pictures are in the browser's database. */
export async function kept(page: Page, pictures: number): Promise<void> {
  await expect.poll(() => page.evaluate(countKept), { timeout: 120_000 }).toBe(pictures);
}

/** In the page: pictures in the browser's database. */
export function countKept(): Promise<number> {
  return new Promise((done) => {
    const opening = indexedDB.open("pudnet");
    opening.addEventListener("success", () => {
      const counting = opening.result.transaction("files").objectStore("files").count();
      counting.addEventListener("success", () => {
        opening.result.close();
        done(counting.result);
      });
    });
  });
}
