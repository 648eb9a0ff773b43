// The pictures of README.md: the page with its sample, and the command line as a terminal shows it.
//
//   npm run build && npm run build:web && node scripts/screenshots.mjs    # docs/images

import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { findChromium } from "./in-chromium.mjs";

const ROOT = resolve(import.meta.dirname, "..");
const IMAGES = join(ROOT, "docs/images");
const { servePage } = await import(join(ROOT, "dist/node/page/page-server.js"));
const { readSite } = await import(join(ROOT, "dist/node/page/site.js"));

/** What the page's sample is: the first pictures of five classes; the others were not seen. */
const CLASSES = ["anchor", "cactus", "ghost", "lighthouse", "umbrella"];
const SEEN = 20;
/** As people type them where the package is installed and pictures lie. */
const COMMANDS = [
  "pudnet predict icons --model tiny --out icons-classifier",
  "pudnet classify icons-classifier others/ghost-30.png others/umbrella-30.png",
  "pudnet export icons-classifier --format js --int8 --calibrate icons",
];

const found = findChromium();
if (!found) throw new Error("no Chromium here (Debian: apt-get install chromium)");
await mkdir(IMAGES, { recursive: true });
const browser = await chromium.launch({ executablePath: found.path, args: ["--no-sandbox"] });
try {
  for (const colorScheme of ["light", "dark"]) await save(`page-${colorScheme}`, await pageIn(colorScheme));
  await save("terminal", await terminal(await saidByCommands()));
} finally {
  await browser.close();
}

/** The page with its sample learned, and a picture asked about that is not in it. */
async function pageIn(colorScheme) {
  const server = await servePage(await readSite(), { port: 0 });
  const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 860 }, reducedMotion: "reduce" });
  try {
    await page.goto(server.url);
    await page.getByRole("button", { name: "Try it with a sample" }).click();
    // judged when hands rest: nothing changes any more
    await page.getByText("held-back pictures are right").waitFor({ state: "attached" });
    await page.locator(".asking input[type=file]").setInputFiles(join(ROOT, "samples/icons-unseen/ghost/30.png"));
    await page.waitForFunction(() => performance.getEntriesByName("answered").length > 0);
    await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
    return await page.screenshot();
  } finally {
    await page.close();
    await server[Symbol.asyncDispose]();
  }
}

async function saidByCommands() {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-screenshots-"));
  try {
    const installed = join(folder, "node_modules/pudnet");
    await mkdir(join(folder, "node_modules"));
    await symlink(ROOT, installed, "junction");
    await layPictures(folder);
    const options = { cwd: folder, encoding: "utf8", env: { ...process.env, PUDNET_CACHE: "off" } };
    const said = COMMANDS.map((command) => {
      // else Node would tell where the checkout lies, not where the package is installed
      const links = ["--preserve-symlinks", "--preserve-symlinks-main"];
      const args = [...links, join(installed, "dist/cli/main.js"), ...command.split(" ").slice(1)];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
      if (status !== 0) throw new Error(`${command}: ${stderr}`);
      return `$ ${command}\n${stdout}`;
    });
    return said.join("\n").trimEnd();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function layPictures(folder) {
  for (const name of CLASSES) {
    const from = join(ROOT, "samples/icons-unseen", name);
    const files = (await readdir(from)).toSorted();
    for (const file of files.slice(0, SEEN))
      await cp(join(from, file), join(folder, "icons", name, file), { recursive: true });
    await cp(join(from, "30.png"), join(folder, "others", `${name}-30.png`), { recursive: true });
  }
}

async function terminal(text) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 200 } });
  await page.setContent(`<style>
    body { margin: 0; background: #1c1917; color: #f5f5f4; }
    pre { margin: 0; padding: 1.25rem; font: 14px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
  </style><pre></pre>`);
  await page.locator("pre").evaluate((element, shown) => (element.textContent = shown), text);
  const picture = await page.locator("pre").screenshot();
  await page.close();
  return picture;
}

async function save(name, png) {
  const { size } = await sharp(png)
    .webp({ quality: 85, effort: 6 })
    .toFile(join(IMAGES, `${name}.webp`));
  console.log(`docs/images/${name}.webp: ${(size / 1000).toFixed(0)} kB`);
}
