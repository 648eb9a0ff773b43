// A classifier on the page, from folders to answers, and what becomes of what cannot be a picture.

import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { zipSync } from "fflate";
import type { Locator, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TEXTS } from "../../../web/texts.ts";
import { ROOT } from "../../built-program.ts";
import { addClass, addPictures, ask, card, hasPictures, icons, learned, startAfresh } from "./driver.ts";
import { noChromium, type OpenedPage, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

/** Files and folders of this machine, as a file manager drags them. */
async function drop({ page, context }: OpenedPage, place: { x: number; y: number }, files: string[]): Promise<void> {
  const tools = await context.newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await tools.send("Input.dispatchDragEvent", { type, ...place, data });
}

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("the page", () => {
  let site: PageInBrowser;
  let opened: OpenedPage;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    site = await pageInBrowser();
    folder = await mkdtemp(join(tmpdir(), "pudnet-page-"));
    opened = await site.open();
    ({ page } = opened);
    await page.getByText(TEXTS.begin).waitFor();
  });
  afterEach(() => startAfresh(page));
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("begins with its sample in one press, and not twice in two", async () => {
    await page.getByRole("button", { name: TEXTS.openSample }).dblclick();
    await learned(page, 100);
    expect(await page.getByText(TEXTS.alreadyThere).count()).toBe(0);
    expect(await page.locator(".facts").textContent()).toMatch(/^to \w+ it.*\d+ msweights[\d,]+in 8 bits\d+ kB$/);
    expect((await ask(page, icons("ghost", 30, 31)[0]!)).labels[0]).toBe("ghost");
    await page.getByText(TEXTS.curious).click();
    await page.getByText(/held-back pictures are right/).waitFor();
    expect(await page.getByRole("table").first().getByRole("row").count()).toBe(6);
  });

  it("makes classes of the folders of a folder, and follows each picture that comes and goes", async () => {
    await page.locator("input[webkitdirectory]").setInputFiles(join(ROOT, "samples/icons-unseen"));
    await learned(page, 400);
    expect(await page.locator(".card").count()).toBe(10);
    expect(await page.locator(".pictures li").count()).toBeLessThan(500);
    await page.getByRole("button", { name: TEXTS.undo }).click();
    expect(await page.locator(".card").count()).toBe(0);
    await addClass(page, "cactus", icons("cactus", 0, 8));
    await addClass(page, "ghost", icons("ghost", 0, 8));
    await learned(page, 16);
    await addPictures(page, "ghost", icons("ghost", 8, 9));
    await learned(page, 17);
    await card(page, "ghost")
      .getByRole("button", { name: TEXTS.deletePicture("08.png") })
      .click();
    await learned(page, 16);
    await page.keyboard.press("Control+z");
    await learned(page, 17);
    await hasPictures(page, "ghost", 9);
    await card(page, "ghost").getByRole("checkbox").uncheck();
    await page.getByText(TEXTS.needTwo).first().waitFor();
    await card(page, "ghost").getByRole("checkbox").check();
    await learned(page, 17);
  });

  it("takes what is dropped on it: folders as classes, pictures into the card below", async () => {
    const folders = ["crown", "umbrella"].map((name) => join(ROOT, "samples/icons-unseen", name));
    await drop(opened, { x: 200, y: 200 }, folders);
    await learned(page, 80);
    const { x, y } = (await card(page, "crown").boundingBox())!;
    await drop(opened, { x: x + 20, y: y + 20 }, icons("windmill", 0, 2));
    await learned(page, 82);
    await hasPictures(page, "crown", 42);
  });

  it("opens zips wherever they are dropped, without their damaged pictures, and passes over what systems leave", async () => {
    await addClass(page, "crown", icons("crown", 0, 3));
    const files = icons("ghost", 0, 3).map((file) => [`ghost/${basename(file)}`, readFileSync(file)] as const);
    const zip = zipSync(Object.fromEntries(files), { level: 0 });
    const [damaged, picture] = files[1]!;
    zip[Buffer.from(zip).indexOf(picture) + 100]!++;
    const paths = ["pets.zip", ".DS_Store", "Thumbs.db"].map((name) => join(folder, name));
    for (const path of paths) await writeFile(path, zip);
    const { x, y } = (await card(page, "crown").boundingBox())!;
    await drop(opened, { x: x + 20, y: y + 20 }, paths);
    await learned(page, 5);
    await hasPictures(page, "ghost", 2);
    await hasPictures(page, "crown", 3);
    expect(await card(page, "crown").locator(".problem").count()).toBe(0);
    await page.getByText(TEXTS.damagedInZip([damaged])).waitFor();
    await page.locator(".banners").getByRole("button", { name: TEXTS.dismiss }).click();
  });

  it("says of pictures in several classes that nothing can tell them apart, and takes copies once", async () => {
    await addClass(page, "a", icons("crown", 0, 3));
    await addPictures(page, "a", icons("crown", 0, 4));
    await page.getByText(TEXTS.alreadyThere).waitFor();
    await hasPictures(page, "a", 4);
    await addClass(page, "b", icons("crown", 3, 5));
    await page
      .getByText(/no classifier can tell them apart/)
      .first()
      .waitFor();
  });

  it("names what cannot be a picture on its card, and goes on with the others", async () => {
    const bad = {
      "empty.png": "",
      "paper.pdf": "%PDF-1.7\n%%EOF\n",
      "phone.heic": `\0\0\0\u0018ftypheic\0\0\0\0mif1heic`,
      "broken.jpg": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(200, 7)]),
      "text.txt": "no picture",
    };
    const files = await Promise.all(
      Object.entries(bad).map(async ([name, content]) => {
        await writeFile(join(folder, name), content);
        return join(folder, name);
      }),
    );
    await addClass(page, "mixed", [...files, ...icons("anchor", 0, 2)]);
    await page.waitForFunction(() => document.querySelector(".waiting") === null);
    await hasPictures(page, "mixed", 2);
    const said = await card(page, "mixed").locator(".problem").textContent();
    for (const name of Object.keys(bad)) expect(said).toContain(name);
    await card(page, "mixed").getByRole("button", { name: TEXTS.dismiss }).click();
    expect(await card(page, "mixed").locator(".problem").count()).toBe(0);
  });

  it("takes a picture of 50 megapixels as any other, and goes on", async () => {
    const file = join(folder, "phone.jpg");
    await sharp({ create: { width: 8192, height: 6144, channels: 3, background: "#8ac" } })
      .jpeg()
      .toFile(file);
    await addClass(page, "large", [file]);
    await hasPictures(page, "large", 1);
    await addClass(page, "ghost", icons("ghost", 0, 3));
    await learned(page, 4);
    expect((await ask(page, file)).labels[0]).toBe("large");
  });

  it("takes 2,000 pictures at once", async () => {
    const many = join(folder, "many");
    await mkdir(many);
    const files = Array.from({ length: 2000 }, (_, i) => join(many, `${i}.png`));
    for (const [i, file] of files.entries()) {
      const background = { r: i % 256, g: Math.floor(i / 256) * 30, b: 200 };
      await writeFile(
        file,
        await sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      );
    }
    await addClass(page, "many", files);
    await addClass(page, "ghost", icons("ghost", 0, 3));
    await hasPictures(page, "many", 2000);
    await learned(page, 2003);
    expect(await page.locator(".pictures li").count()).toBeLessThan(100);
  });

  it("says of a folder without pictures that it is empty", async () => {
    const empty = join(folder, "empty");
    await mkdir(join(empty, "deeper"), { recursive: true });
    await drop(opened, { x: 200, y: 200 }, [empty]);
    await page.getByText(TEXTS.emptyFolder).waitFor();
    await page.getByRole("button", { name: TEXTS.dismiss }).click();
    expect(await page.locator(".card").count()).toBe(0);
    await page.getByRole("button", { name: TEXTS.addClass }).click(); // for what follows
  });

  it("shows names as text, whatever stands in them, and keeps them apart", async () => {
    const evil = '<img src=x onerror="document.title = 1">';
    await addClass(page, evil, icons("anchor", 0, 4));
    await addClass(page, "plain", icons("cactus", 0, 4));
    await learned(page, 8);
    await card(page, "plain").getByLabel(TEXTS.className).fill(evil);
    await card(page, "plain").getByLabel(TEXTS.className).press("Enter");
    await page.getByText(TEXTS.nameTaken).waitFor();
    expect((await ask(page, icons("anchor", 20, 21)[0]!)).labels).toContain(evil);
    expect(await page.title()).toBe("PudNet");
  });

  it("says of what is like nothing it knows that it is unknown", async () => {
    for (const name of ["bag", "trouser"]) {
      const files = Array.from({ length: 20 }, (_, i) =>
        join(ROOT, "samples/fashion-unseen", name, `${String(i).padStart(4, "0")}.png`),
      );
      await addClass(page, name, files);
    }
    await learned(page, 40);
    const known = await ask(page, join(ROOT, "samples/fashion-unseen/bag/0100.png"));
    expect(known).toMatchObject({ isUnknown: false });
    expect(known.labels[0]).toBe("bag");
    await ask(page, icons("umbrella", 3, 4)[0]!);
    await page.getByText(TEXTS.unknown).waitFor(); // of weights that are still of the first pictures it may say otherwise, until there are new ones
  });

  it("lets a wrong label be mended where it is found", async () => {
    await addClass(page, "cactus", [...icons("cactus", 0, 20), ...icons("ghost", 20, 24)]);
    await addClass(page, "ghost", icons("ghost", 0, 20));
    await learned(page, 44);
    await page.getByText(TEXTS.curious).click();
    const mistake = page.locator(".mistakes li").filter({ hasText: "cactus, taken for ghost" }).first();
    await mistake.waitFor();
    await mistake.getByRole("combobox").selectOption({ label: "ghost" });
    await hasPictures(page, "ghost", 21);
    await hasPictures(page, "cactus", 23);
  });

  it("takes pictures of a class by the camera, and is asked what it sees", async () => {
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

  /** As the browser tells of a camera that was unplugged. */
  const unplug = (video: Locator): Promise<void> =>
    video.evaluate((element: HTMLVideoElement) => {
      for (const track of (element.srcObject as MediaStream).getTracks()) track.dispatchEvent(new Event("ended"));
    });
  const shows = () => page.waitForFunction(() => document.querySelector("video")?.srcObject);

  it("says on the card that its camera was unplugged while it took pictures, and starts it again", async () => {
    await addClass(page, "a", []);
    const toggle = card(page, "a").getByRole("button", { name: TEXTS.cameraFor("a") });
    await toggle.click();
    const video = card(page, "a").locator("video");
    await shows();
    await card(page, "a").getByRole("button", { name: TEXTS.take }).press("Enter");
    await card(page, "a").locator(".pictures li").first().waitFor();
    await unplug(video);
    await card(page, "a").getByText(TEXTS.cameraLost).waitFor();
    await toggle.click();
    await shows();
    expect(await card(page, "a").getByText(TEXTS.cameraLost).count()).toBe(0);
    await card(page, "a").getByRole("button", { name: TEXTS.take }).waitFor(); // and takes none by itself
    await toggle.click();
  });

  it("says that the camera was unplugged that it is asked about, and starts it again", async () => {
    await addClass(page, "a", icons("crown", 0, 3));
    await addClass(page, "b", icons("ghost", 0, 3));
    await learned(page, 6);
    await page.getByRole("button", { name: TEXTS.askLive }).click();
    await page.locator(".bars li").first().waitFor();
    await unplug(page.locator(".asking video"));
    await page.locator(".asking").getByText(TEXTS.cameraLost).waitFor();
    await page.getByRole("button", { name: TEXTS.askLive }).click();
    await shows();
    expect(await page.locator(".asking").getByText(TEXTS.cameraLost).count()).toBe(0);
    await page.getByRole("button", { name: TEXTS.askLiveStop }).click();
  });

  it("says that the camera is refused where it was asked for", async () => {
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
    });
    await addClass(page, "a", []);
    await card(page, "a")
      .getByRole("button", { name: TEXTS.cameraFor("a") })
      .click();
    await card(page, "a").locator(".problem").waitFor();
    expect(await card(page, "a").locator(".problem").textContent()).toMatch(/camera/);
  });
});
