// The page's engine in Chromium, without the page: its workers give the library's numbers, refuse what is no picture, and come back
// when they die.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type LiveAnswer,
  LiveClassifier,
  loadPudNet,
  readImageFolder,
  readImages,
  shippedModel,
} from "../../../src/index.ts";
import { buildEnginePage } from "./engine-page.ts";
import type { Dataset, Engine } from "../../../web/engine/protocol.ts";
import { ROOT, temporaryFolder } from "../pudnet.ts";
import { noChromium, type OpenedPage, type PageInBrowser, pageInBrowser } from "./in-browser.ts";

const PICTURES = join(ROOT, "samples/fashion-unseen");
const PER_CLASS = 12;

/** A page with nothing but what the tests call. */
const PAGE = `
import { startEngine } from "engine";
const start = () => startEngine({ model: new URL("model.safetensors", document.baseURI), name: "tiny" });
const blob = async (name) => (await fetch(name)).blob();
const outcome = (promise) => promise.then(() => "good", ({ what, why }) => what ?? why);
Object.assign(globalThis, { engine: start(), start, blob, outcome });
`;
declare const engine: Engine;
declare const start: () => Engine;
declare const blob: (name: string) => Promise<Blob>;
/** How a promise ends: what became of it, or why it was refused. */
declare const outcome: (promise: Promise<unknown>) => Promise<string>;

/** In the page: decodes files, learns from classes of them and asks about each. */
async function learnedInThePage({
  names,
  classes,
}: {
  readonly names: readonly string[];
  readonly classes: Dataset["classes"];
}) {
  const { side, model, readsPixels } = await engine.ready;
  const blobs = await Promise.all(names.map(blob));
  const decoded = await Promise.all(blobs.map((file) => engine.decode(file)));
  const planes = decoded.map((one) => [...one.planes]);
  await engine.add(decoded.map((one, i) => ({ id: names[i]!, planes: one.planes })));
  const learned = await engine.learn({ classes }, "weights");
  const judged = await engine.judge({ classes });
  const answers = [];
  for (const file of blobs) answers.push(await engine.ask(file, { nearest: 3 }));
  const frame = await engine.ask(await createImageBitmap(blobs[0]!), { nearest: 3 });
  const exported = await engine.export("onnx", "float32", "clothes");
  const { width, height, content, thumbnail } = decoded[0]!;
  const first = { width, height, content, thumbnail: thumbnail.bytes.byteLength, type: thumbnail.type };
  const files = exported.files.map(({ name, bytes }) => [name, bytes.length]);
  const leftOut = [...learned.leftOut!.classes]; // no Map leaves the page
  return { side, model, readsPixels, planes, learned, leftOut, judged, answers, frame, files, first };
}

it.runIf(noChromium !== undefined)(noChromium ?? "", () => {});

describe.skipIf(noChromium !== undefined)("the engine in Chromium", () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let browser: PageInBrowser;
  let opened: OpenedPage;
  /** The page can fetch it by this name. */
  const serve = (name: string, bytes: Uint8Array): string => {
    browser.files.set(`/${name}`, { bytes, type: "application/octet-stream", etag: name, isHashed: false });
    return name;
  };

  beforeAll(async () => {
    temporary = await temporaryFolder();
    browser = await pageInBrowser({ folder: await buildEnginePage(temporary.path, PAGE) });
    opened = await browser.open();
  });
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    await browser[Symbol.asyncDispose]();
    await temporary[Symbol.asyncDispose]();
  });

  it("gives the numbers of the library in Node for the same files", async () => {
    const model = await loadPudNet(shippedModel("tiny"));
    const { side } = model.arch;
    const pixels = 3 * side ** 2;
    const { dataset } = await readImageFolder(PICTURES, { side, cache: false });
    const chosen = [...dataset.labels.keys()].filter((i) => i % 250 < PER_CLASS);
    const names = chosen.map((i) => serve(`picture-${i}.png`, readFileSync(dataset.sources![i]!)));
    const learnt = chosen.filter((i) => i % 250 < PER_CLASS - 2);
    const idOf = (i: number): string => `picture-${i}.png`;
    const classes = dataset.classes.map((name, way) => ({
      id: `id of ${name}`,
      name,
      pictures: learnt
        .filter((i) => dataset.labels[i] === way)
        .map((i) => ({ id: idOf(i), content: idOf(i), burst: idOf(i) })),
    }));
    const planesOf = (i: number) => dataset.images.slice(i * pixels, (i + 1) * pixels);
    const live = await LiveClassifier.create(model);
    live.add(chosen.map((i) => ({ id: idOf(i), planes: planesOf(i) })));
    const direct = await live.learn({ classes }, "weights");
    const judged = await live.judge({ classes });
    const answers: LiveAnswer[] = [];
    for (const i of chosen) answers.push(await live.ask(planesOf(i), { nearest: 3 }));
    await live.release();

    const found = await opened.page.evaluate(learnedInThePage, { names, classes });
    expect(found).toMatchObject({
      side,
      model: "tiny",
      readsPixels: true,
      files: [["clothes.onnx", expect.any(Number)]],
    });
    expect(found.planes).toEqual(chosen.map((i) => [...planesOf(i)]));
    expect(found.first).toMatchObject({
      width: 28,
      height: 28,
      content: expect.stringMatching(/^[0-9a-f]{64}$/),
      type: "image/jpeg",
    });
    expect(found.first.thumbnail).toBeLessThan(5000);
    const { head, weights, images } = found.learned;
    expect({ weights, images }).toEqual({ weights: direct.weights, images: direct.images });
    expect(head.kind).toBe(direct.head.kind);
    expect(found.leftOut).toEqual([...direct.leftOut]);
    expect(found.judged!.confusion).toEqual(judged!.confusion);
    expect(found.judged!.mistakes.map(({ picture }) => picture)).toEqual(
      judged!.mistakes.map(({ picture }) => picture),
    );
    found.answers.forEach(({ labels, nearest }, at) => {
      expect(nearest.map(({ picture }) => picture)).toEqual(answers[at]!.nearest.map(({ picture }) => picture));
      const scores = new Map(labels.map((one) => [one.class, one.score]));
      for (const one of answers[at]!.labels) expect(scores.get(one.class)).toBeCloseTo(one.score, 4);
    });
    expect(found.frame.labels).toEqual(found.answers[0]!.labels);
  });

  it("turns pictures as their EXIF says, and makes about the squares that Node makes of JPEGs", async () => {
    const side = 32;
    const gradient = Buffer.from(
      Array.from(
        { length: 90 * 60 * 3 },
        (_, i) => [2 * (Math.floor(i / 3) % 90), Math.floor(i / 270) * 4, 90][i % 3]!,
      ),
    );
    const file = join(temporary.path, "turned.jpg");
    await sharp(gradient, { raw: { width: 90, height: 60, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toFile(file);
    const { images } = await readImages([file], side);
    serve("turned.jpg", readFileSync(file));
    const { planes, width, height } = await opened.page.evaluate(async () => {
      const one = await engine.decode(await blob("turned.jpg"));
      return { ...one, planes: [...one.planes] };
    });
    expect([width, height]).toEqual([60, 90]);
    expect(Math.max(...planes.map((value, i) => Math.abs(value - images[i]!)))).toBeLessThanOrEqual(2);
  });

  it("refuses what is no picture, each for its reason, and decodes the others", async () => {
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#8ac" } })
      .jpeg()
      .toBuffer();
    const png = await sharp({ create: { width: 64, height: 64, channels: 4, background: "#8ac8" } })
      .png()
      .toBuffer();
    const huge = Uint8Array.from(png);
    new DataView(huge.buffer).setUint32(16, 60_000);
    new DataView(huge.buffer).setUint32(20, 60_000);
    const damaged = png.subarray(0, 60);
    const text = (content: string) => new TextEncoder().encode(content);
    const files = { jpeg, empty: text(""), text: text("not a picture"), pdf: text("%PDF-1.7"), png, damaged, huge };
    const names = Object.entries(files).map(([name, bytes]) => serve(name, bytes));
    const ends = await opened.page.evaluate(
      async (all) => Promise.all(all.map(async (name) => outcome(engine.decode(await blob(name))))),
      names,
    );
    expect(Object.fromEntries(names.map((name, i) => [name, ends[i]]))).toEqual({
      jpeg: "good",
      empty: "empty",
      text: "not-a-picture",
      pdf: "unsupported",
      png: "good",
      damaged: "unreadable",
      huge: "too-large",
    });
  });

  it("comes back with what it had learned when the browser ends a worker", async () => {
    const { page } = opened;
    serve(
      "grey.png",
      await sharp({ create: { width: 9, height: 9, channels: 3, background: "#888" } })
        .png()
        .toBuffer(),
    );
    await page.evaluate(async () => {
      const ids = [0, 1, 2, 3];
      await engine.add(ids.map((i) => ({ id: `s${i}`, planes: new Uint8Array(3 * 32 * 32).fill(60 * i) })));
      const classes = [0, 1].map((way) => ({
        id: `${way}`,
        name: `${way}`,
        pictures: ids.filter((i) => i % 2 === way).map((i) => ({ id: `s${i}`, content: `${i}`, burst: `${i}` })),
      }));
      await engine.learn({ classes }, "weights");
    });
    const learner = page.workers().find((worker) => worker.url().includes("learner-worker"))!;
    const gone = learner.waitForEvent("close");
    await learner.evaluate(() => self.close());
    await gone;
    const ends = await page.evaluate(async () => {
      const file = await blob("grey.png");
      // refused where the page has not heard of the end yet; after that a new worker answers
      return [await outcome(engine.ask(file, { nearest: 1 })), await outcome(engine.ask(file, { nearest: 1 }))];
    });
    expect(ends[0]).toMatch(/^(died|good)$/);
    expect(ends[1]).toBe("good");
  });

  it("is closed with all that was asked of it, and for good", async () => {
    const ends = await opened.page.evaluate(async () => {
      const one = start();
      await one.ready;
      const asked = outcome(one.learn({ classes: [] }, "head"));
      one.close();
      return [
        await asked,
        await outcome(one.add([])),
        await outcome(one.decode(new Blob(["x"]))),
        await outcome(one.ready),
      ];
    });
    expect(ends).toEqual(["died", "died", "died", "died"]);
  });
});
