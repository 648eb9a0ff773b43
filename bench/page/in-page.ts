// What is measured in the page itself. These functions run there, alone: they know what stands in them and what the page's module made global.

import type { Dataset, Engine } from "../../web/engine/protocol.ts";

/** The page's module. */
export const MODULE = `
import { startEngine } from "engine";
const engine = startEngine({ model: new URL("model.safetensors", document.baseURI), name: "tiny" });
const tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask", buffered: true });
Object.assign(globalThis, { engine, tasks });
`;

declare const engine: Engine;
/** Tasks of the main thread of more than 50 ms. */
declare const tasks: PerformanceEntry[];

/** Milliseconds from the request for the page until it can learn. */
export async function interactive(): Promise<number> {
  await engine.ready;
  return performance.now();
}

export interface Steps {
  /** Files of the input: so many of each class, which come in turn. */
  readonly classes: number;
  readonly perClass: number;
  readonly frames: number;
}

/** Milliseconds of what happens when a few classes are dropped, one more picture comes, weights are made anew, and a camera is on. */
export async function dropped({ classes, perClass, frames }: Steps) {
  const files = Array.from(document.querySelector("input")!.files!);
  const known: { readonly id: string; readonly content: string }[] = [];
  const take = async (some: readonly File[]): Promise<void> => {
    const decoded = await Promise.all(some.map((file) => engine.decode(file)));
    const pictures = decoded.map(({ planes, content }, i) => ({ id: `p${known.length + i}`, planes, content }));
    known.push(...pictures.map(({ id, content }) => ({ id, content })));
    await engine.add(pictures.map(({ id, planes }) => ({ id, planes })));
  };
  const dataset = (): Dataset => ({
    classes: Array.from({ length: classes }, (_, way) => ({
      id: `c${way}`,
      name: `class ${way}`,
      pictures: known.filter((__, i) => i % classes === way).map(({ id, content }) => ({ id, content, burst: id })),
    })),
  });
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const count = classes * perClass;
  const first = await timed(async () => {
    await take(files.slice(0, count));
    await engine.learn(dataset(), "head");
  });
  const oneMore = await timed(async () => {
    await take(files.slice(count, count + 1));
    await engine.learn(dataset(), "head");
  });
  const newWeights = await timed(() => engine.learn(dataset(), "weights"));
  const judged = await timed(() => engine.judge(dataset()));
  const camera = new OffscreenCanvas(640, 480);
  camera.getContext("2d")!.drawImage(await createImageBitmap(files[0]!), 0, 0, 640, 480);
  const ofFrames: number[] = [];
  for (let i = 0; i < frames; i++) {
    const frame = await createImageBitmap(camera); // as a video gives it
    ofFrames.push(await timed(() => engine.ask(frame, { nearest: 5 })));
  }
  const longest = tasks.reduce((most, { duration }) => Math.max(most, duration), 0);
  const [file] = (await engine.export("js", "int8", "pictures")).files;
  return { first, oneMore, newWeights, judged, frames: ofFrames, longest, exported: file!.bytes.length };
}

/** Seconds until many files are learned, and until that is judged; how often progress was told of. */
export async function many({ classes }: Pick<Steps, "classes">) {
  const files = Array.from(document.querySelector("input")!.files!);
  tasks.length = 0; // those of choosing files
  const start = performance.now();
  const pictures: { readonly id: string; readonly content: string }[] = [];
  let batch: { readonly id: string; readonly planes: Uint8Array }[] = [];
  let progress = 0;
  const give = async (): Promise<void> => {
    const given = batch;
    batch = [];
    await engine.add(given);
  };
  const decoding = files.map(async (file, i) => {
    const { planes, content } = await engine.decode(file);
    pictures[i] = { id: `p${i}`, content };
    batch.push({ id: `p${i}`, planes });
    progress++;
    if (batch.length >= 100) await give();
  });
  await Promise.all(decoding);
  await give();
  const decoded = performance.now();
  const ofClass = (way: number) =>
    pictures.filter((_, i) => i % classes === way).map(({ id, content }) => ({ id, content, burst: id }));
  const dataset = {
    classes: Array.from({ length: classes }, (_, way) => ({
      id: `c${way}`,
      name: `class ${way}`,
      pictures: ofClass(way),
    })),
  };
  const { images } = await engine.learn(dataset, "weights", () => void progress++);
  const learned = performance.now();
  await engine.judge(dataset, () => void progress++);
  const seconds = (from: number, to: number): number => (to - from) / 1000;
  return {
    images,
    progress,
    decoded: seconds(start, decoded),
    learned: seconds(start, learned),
    judged: seconds(learned, performance.now()),
    longest: tasks.reduce((most, { duration }) => Math.max(most, duration), 0),
  };
}
