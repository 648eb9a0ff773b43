// The page's figures: what is fetched, how long it takes to learn, and beside Teachable Machine's way on the same pictures.

import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { PACKAGE_ROOT } from "../../src/node/package-root.ts";
import type { SiteFile } from "../../src/node/page/site.ts";
import { median, round, type Row, row, timeColumns } from "../rows.ts";
import { type ServedPage, servedPage } from "./browser.ts";
import { type Watched, whenIdle, whenInteractive, whenLearned } from "./in-page.ts";
import { onePicture, pictureFolder } from "./pictures.ts";
import { besideTeachableMachine } from "./teachable-machine.ts";

declare const watched: Watched;

export interface PagePlan {
  /** Fresh browsers, for what takes moments. */
  readonly blocks: number;
  /** And for what takes minutes. */
  readonly repeats: number;
  /** Share of the pictures of what takes minutes: less than 1 to try the benchmark itself. */
  readonly share: number;
  readonly peers: boolean;
}

const FEW = { classes: 5, perClass: 20, width: 640, height: 480 };
const FRAMES = 30;
/** Of the page: what takes a folder of folders. */
const FOLDERS = ".classes > .ways input[type=file] >> nth=0";
const LARGE = [
  { name: "10000", classes: 20, perClass: 500 },
  { name: "200-classes", classes: 200, perClass: 26 },
];
const SIZE = { width: 320, height: 240 };

/** @throws UserError where there is no Chromium */
export async function measurePage(plan: PagePlan, note: (line: string) => void): Promise<Row[]> {
  execFileSync(process.execPath, [join(PACKAGE_ROOT, "scripts", "build-web.mjs")], { stdio: "inherit" });
  const [folder, another] = [await pictureFolder(FEW), await onePicture(FEW)];
  await using site = await servedPage();
  note(`Chromium ${site.version}`);
  const { rows, ...ours } = await moments(site, { folder, another }, plan, note);
  for (const large of LARGE) rows.push(...(await largeRows(site, large, plan, note)));
  if (plan.peers) rows.push(...(await besideTeachableMachine({ folder, another, ...FEW, ...ours }, note)));
  return rows;
}

interface Pictures {
  readonly folder: string;
  readonly another: string;
}

/** Milliseconds until what was done to the page stands on it as a classifier. */
async function learned(
  page: Page,
  wanted: Parameters<typeof whenLearned>[0],
  act: () => Promise<void>,
): Promise<number> {
  const [ms] = await Promise.all([page.evaluate(whenLearned, wanted), act()]);
  return ms;
}

/** What happens when a few classes are dropped, one more picture comes, weights are made anew, and a camera is on. */
async function moment(page: Page, { folder, another }: Pictures) {
  const images = FEW.classes * FEW.perClass;
  const first = await learned(page, { images, how: "head" }, () => page.setInputFiles(FOLDERS, folder));
  await page.evaluate(whenIdle); // weights and judgement, once hands rest
  const own = page.locator(".card input[type=file]").first();
  const oneMore = await learned(page, { images: images + 1, how: "head" }, () => own.setInputFiles(another));
  await page.evaluate(whenIdle);
  const enabled = page.locator(".card input[type=checkbox]").last();
  await learned(page, { images: images + 1 - FEW.perClass, how: "weights" }, () => enabled.uncheck());
  await page.evaluate(whenIdle);
  const weights = await learned(page, { images: images + 1, how: "weights" }, () => enabled.check());
  await page.evaluate(whenIdle);
  const live = page.locator(".asking button[aria-pressed]");
  await live.click();
  await page.waitForFunction((least) => watched.frames.length >= least, FRAMES);
  await live.click();
  const { frames, tasks } = await page.evaluate(whenIdle);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".leaving .ways button").click()]);
  const exported = statSync(await download.path()).size;
  const longest = tasks.reduce((most, ms) => Math.max(most, ms), 0);
  return { first, oneMore, weights, frames: frames.slice(0, FRAMES), longest, exported };
}

/** In fresh browsers, one after the other. */
async function moments(site: ServedPage, pictures: Pictures, { blocks }: PagePlan, note: (line: string) => void) {
  const all: (Awaited<ReturnType<typeof moment>> & Awaited<ReturnType<typeof whenInteractive>>)[] = [];
  let load: Row | undefined;
  for (let block = 0; block < blocks; block++) {
    await using opened = await site.open();
    const { page, fetched } = opened;
    const start = await page.evaluate(whenInteractive);
    load ??= loadRow(site, fetched);
    await page.evaluate(whenIdle); // nobody has pictures at hand sooner
    all.push({ ...start, ...(await moment(page, pictures)) });
    note(`${block + 1} of ${blocks} browsers: first classifier after ${Math.round(all.at(-1)!.first)} ms`);
  }
  const of = (key: Exclude<keyof (typeof all)[number], "frames">): number[] => all.map((one) => one[key]);
  const [first, oneMore] = [of("first"), of("oneMore")];
  const ready = `network and runtime are there after ${round(median(of("ready")))} ms`;
  const frames = all.flatMap((one) => one.frames);
  const rows = [
    load!,
    timeRow("page-interactive", of("interactive"), 2000, `until classes can be made, served by localhost; ${ready}`),
    timeRow("page-first-classifier", first, 1000, "a folder of 5 classes x 20 JPEGs of 640 x 480, decoding included"),
    timeRow("page-one-more-head", oneMore, 150, "one more picture, decoding included, weights held"),
    timeRow("page-one-more-weights", of("weights"), 1000, "101 pictures, with the 400 ms until hands count as resting"),
    timeRow("page-frame", frames, 30, "a frame of the camera on its way to the learner until its answer is there"),
    timeRow("page-longest-task", of("longest"), 50, "of the main thread in all of these; 0: none of over 50 ms"),
  ];
  return { rows, first, oneMore, download: load!.value! * 1e6, exported: all[0]!.exported };
}

function timeRow(name: string, ms: readonly number[], target: number | undefined, text: string): Row {
  const isMet = target === undefined ? {} : { met: median(ms) <= target };
  const note = `${text}; at most ${round(Math.max(...ms))} ms`;
  return row({ name, target: target === undefined ? "" : `${target} ms`, note, ...timeColumns(ms), ...isMet });
}

/** What was fetched until the page could learn, as servers send it, and what is there besides. */
function loadRow({ files }: ServedPage, fetched: ReadonlySet<string>): Row {
  const compressed = (some: readonly SiteFile[], compress: (bytes: Uint8Array) => Uint8Array): number =>
    some.reduce((sum, { bytes }) => sum + compress(bytes).length, 0) / 1e6;
  const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 9 });
  const isFetched = (path: string): boolean => fetched.has(path === "/index.html" ? "/" : path);
  const [first, lazy] = [true, false].map((is) => Array.from(files).filter(([path]) => isFetched(path) === is));
  const value = round(
    compressed(
      first!.map(([, file]) => file),
      gzip,
    ),
  );
  const brotli = round(
    compressed(
      first!.map(([, file]) => file),
      (bytes) => brotliCompressSync(bytes),
    ),
  );
  const later = lazy!.map(([path, file]) => `${path.split("/").at(-1)} ${round(compressed([file], gzip))}`);
  return row({
    name: "page-first-load",
    value,
    unit: "MB",
    n: 1,
    target: "6 MB",
    met: value <= 6,
    note: `by gzip; by brotli ${brotli} MB. Later, MB: ${later.join(", ")}`,
  });
}

async function largeRows(
  site: ServedPage,
  { name, classes, perClass }: (typeof LARGE)[number],
  { repeats, share }: PagePlan,
  note: (line: string) => void,
): Promise<Row[]> {
  const count = { classes, perClass: Math.max(2, Math.round(share * perClass)) };
  const folder = await pictureFolder({ ...count, ...SIZE });
  const images = classes * count.perClass;
  const all: Record<"seconds" | "memory" | "shared" | "progress" | "longest" | "idle", number>[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await using opened = await site.open();
    const { page } = opened;
    await page.evaluate(whenInteractive);
    await page.evaluate(whenIdle);
    const start = performance.now();
    const ms = await learned(page, { images, how: "weights" }, () => page.setInputFiles(FOLDERS, folder));
    const { progress, tasks } = await page.evaluate(whenIdle);
    const longest = tasks.reduce((most, task) => Math.max(most, task), 0);
    const idle = (performance.now() - start) / 1000;
    const { peak: memory, shared } = await opened.peakMemory();
    all.push({ seconds: ms / 1000, memory, shared, progress, longest, idle });
    note(`page-${name}: ${repeat + 1} of ${repeats} after ${round(ms / 1000)} s`);
  }
  const of = (key: keyof (typeof all)[number]): number[] => all.map((one) => one[key]);
  const spread = (values: readonly number[]): string =>
    `${round(Math.min(...values))} to ${round(Math.max(...values))}`;
  const figure = (values: readonly number[], unit: string, most: number): Partial<Row> => ({
    value: round(median(values)),
    unit,
    met: median(values) <= most,
  });
  const text =
    `a folder of ${classes} x ${count.perClass} JPEGs of 320 x 240 until weights of all of them are there, ${spread(of("seconds"))} s; ` +
    `judged and saved after ${round(median(of("idle")))} s; progress told ${round(median(of("progress")))} times; ` +
    `longest task of the main thread ${round(Math.max(...of("longest")))} ms`;
  const process = `peak of the page's process until all is judged, all workers included; ${spread(of("memory"))} MB, of which the browser's program file, which all tabs share, has ${spread(of("shared"))}`;
  return [
    row({ name: `page-${name}`, n: repeats, target: "60 s", note: text, ...figure(of("seconds"), "s", 60) }),
    row({
      name: `page-${name}-memory`,
      n: repeats,
      target: "600 MB",
      note: process,
      ...figure(of("memory"), "MB", 600),
    }),
  ];
}
