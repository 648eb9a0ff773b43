// The page's figures: what is fetched, how long it takes to learn, and beside Teachable Machine's way on the same pictures.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { SiteFile } from "../../src/node/page/site.ts";
import { median, round, type Row, row, timeColumns } from "../rows.ts";
import { type ServedPage, servedPage } from "./browser.ts";
import { buildEnginePage } from "./engine-page.ts";
import { dropped, interactive, many, MODULE } from "./in-page.ts";
import { madePictures } from "./pictures.ts";
import { besideTeachableMachine } from "./teachable-machine.ts";

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
const LARGE = [
  { name: "10000", classes: 20, perClass: 500 },
  { name: "200-classes", classes: 200, perClass: 26 },
];
const SIZE = { width: 320, height: 240 };

/** @throws UserError where there is no Chromium */
export async function measurePage(plan: PagePlan, note: (line: string) => void): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-bench-page-"));
  try {
    await using site = await servedPage(await buildEnginePage(folder, MODULE));
    const files = await madePictures({ ...FEW, perClass: FEW.perClass + 1 });
    note(`Chromium ${site.version}`);
    const { rows, ...ours } = await moments(site, files, plan, note);
    for (const large of LARGE) rows.push(...(await largeRows(site, large, plan, note)));
    if (plan.peers) rows.push(...(await besideTeachableMachine({ files, ...FEW, ...ours }, note)));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In fresh browsers, one after the other. */
async function moments(site: ServedPage, files: readonly string[], { blocks }: PagePlan, note: (line: string) => void) {
  const all: (Awaited<ReturnType<typeof dropped>> & { readonly interactive: number })[] = [];
  let load: Row | undefined;
  for (let block = 0; block < blocks; block++) {
    await using opened = await site.open();
    const ready = await opened.page.evaluate(interactive);
    load ??= loadRow(site, opened.fetched);
    await opened.page.setInputFiles("input", [...files]);
    await opened.page.waitForTimeout(1000); // nobody drops pictures sooner
    all.push({ interactive: ready, ...(await opened.page.evaluate(dropped, { ...FEW, frames: FRAMES })) });
    note(`${block + 1} of ${blocks} browsers: first classifier after ${Math.round(all.at(-1)!.first)} ms`);
  }
  const [first, oneMore] = [all.map((one) => one.first), all.map((one) => one.oneMore)];
  const download = load!.value! * 1e6;
  const rows = [
    load!,
    timeRow(
      "page-interactive",
      all.map((one) => one.interactive),
      2000,
      "from the request to a page that can learn, served by localhost",
    ),
    timeRow("page-first-classifier", first, 1000, "5 classes x 20 JPEGs of 640 x 480, decoding included"),
    timeRow("page-one-more-head", oneMore, 150, "one more picture, decoding included, weights held"),
    timeRow(
      "page-one-more-weights",
      all.map((one) => one.newWeights),
      1000,
      "101 pictures",
    ),
    timeRow(
      "page-judge",
      all.map((one) => one.judged),
      undefined,
      "held-out judgement of 101 pictures, after the classifier",
    ),
    timeRow(
      "page-frame",
      all.flatMap((one) => one.frames),
      30,
      "a frame of 640 x 480 with its 5 nearest pictures",
    ),
    timeRow(
      "page-longest-task",
      all.map((one) => one.longest),
      50,
      "of the main thread in all of these; 0: none of over 50 ms",
    ),
  ];
  return { rows, first, oneMore, download, exported: all[0]!.exported };
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
  const files = await madePictures({ ...count, ...SIZE });
  const all: (Awaited<ReturnType<typeof many>> & { readonly memory: number })[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await using opened = await site.open();
    await opened.page.evaluate(interactive);
    await opened.page.setInputFiles("input", files);
    const found = await opened.page.evaluate(many, count);
    all.push({ ...found, memory: await opened.peakMemory() });
    note(`page-${name}: ${repeat + 1} of ${repeats} after ${round(found.learned)} s`);
  }
  const of = (key: keyof (typeof all)[number]): number[] => all.map((one) => one[key]);
  const [seconds, memory] = [of("learned"), of("memory")];
  const spread = (values: readonly number[]): string =>
    `${round(Math.min(...values))} to ${round(Math.max(...values))}`;
  const text =
    `${classes} x ${count.perClass} JPEGs of 320 x 240 until all are learned, ${spread(seconds)} s; decoded after ` +
    `${round(median(of("decoded")))} s; judged in ${round(median(of("judged")))} s more; progress told ${median(of("progress"))} ` +
    `times; longest task of the main thread ${round(Math.max(...of("longest")))} ms (0: none of over 50 ms)`;
  const figure = (values: readonly number[], unit: string, most: number): Partial<Row> => ({
    value: round(median(values)),
    unit,
    met: median(values) <= most,
  });
  return [
    row({ name: `page-${name}`, n: repeats, target: "60 s", note: text, ...figure(seconds, "s", 60) }),
    row({
      name: `page-${name}-memory`,
      n: repeats,
      target: "600 MB",
      note: `peak of the page's process, the browser's own part of it included; ${spread(memory)} MB`,
      ...figure(memory, "MB", 600),
    }),
  ];
}
