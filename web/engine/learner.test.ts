// The learner without its worker: what the page is told is what the library says.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportClassifier, predictClassifier } from "pudnet";
import { colouredImages, tinyPudNet } from "../../test/tiny-pudnet.ts";
import { describeError, type PlainError, revivedError } from "./errors.ts";
import { type LearnerApi, learnerHandlers } from "./learner.ts";
import { EXPORTER } from "./exports.ts";
import { EngineError } from "./protocol.ts";
import { Caller, serve } from "./rpc.ts";

const SIDE = 8;
const PIXELS = 3 * SIDE ** 2;
const START = { model: "model.safetensors", name: "small", threads: 1, lock: "" };
const { pixels, labels, images } = colouredImages(3, 10, SIDE);
const pictures = labels.map((way, i) => ({ id: `p${i}`, way, planes: pixels.slice(i * PIXELS, (i + 1) * PIXELS) }));
const names = ["red", "green", "blue"];
const dataset = {
  classes: names.map((name, way) => ({
    id: `id of ${name}`,
    name,
    pictures: pictures.filter((one) => one.way === way).map(({ id }) => ({ id, content: id, burst: id })),
  })),
};
const model = tinyPudNet();

let channel: MessageChannel;
let caller: Caller<LearnerApi>;
let broken: string | undefined;
let load: () => Promise<typeof model>;
beforeEach(() => {
  channel = new MessageChannel();
  load = async () => model;
  broken = undefined;
  const handlers = learnerHandlers({
    load: () => load(),
    readsPixels: () => true,
    square: () => pictures[0]!.planes, // of any frame
    exports: () => import("./exports.ts"),
  });
  serve<LearnerApi>(channel.port1, handlers, { describe: describeError });
  caller = new Caller(channel.port2, (error) => revivedError(error as PlainError, (why) => (broken = why)));
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

async function started(): Promise<void> {
  expect(await caller.call("start", START)).toEqual({ side: SIDE, model: "small", threads: 1, readsPixels: true });
  await caller.call("add", pictures);
}

describe("the learner", () => {
  it("tells of what the library makes of the same pictures", async () => {
    await started();
    const shares: number[] = [];
    const onProgress = (share: number): void => void shares.push(share);
    const learned = await caller.call("learn", { dataset, how: "weights" }, { onProgress });
    const { classifier, chosen } = await predictClassifier(model, images, labels, names);
    expect(learned).toMatchObject({ how: "weights", images: 30, head: { kind: chosen.kind } });
    const { accuracy, images: n } = chosen.leftOut[chosen.kind]!;
    expect(learned.leftOut).toMatchObject({ accuracy, images: n });
    expect(learned.leftOut!.classes.get("p29")).toBe(2);
    expect(learned.filters.pixels.length).toBe(learned.filters.count * learned.filters.side ** 2 * 3);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
    for (const [format, numbers] of [
      ["onnx", "float32"],
      ["js", "int8"],
    ] as const) {
      const exported = await caller.call("export", { format, numbers, name: "pets" });
      const options = { ...EXPORTER, format, numbers, name: "pets", pictures: images };
      expect(exported).toEqual(await exportClassifier(classifier, options));
    }
    const held = await caller.call("learn", { dataset, how: "head" });
    expect(held.how).toBe("head");
  });

  it("answers by the ids of classes and pictures", async () => {
    await started();
    await caller.call("learn", { dataset, how: "head" });
    const { labels: scores, nearest } = await caller.call("ask", {
      picture: pictures[7]!.planes,
      nearest: 2,
    });
    expect(scores[0]!.class).toBe("id of red");
    expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(nearest.map(({ picture }) => picture)[0]).toBe("p7");
    expect(nearest.length).toBe(2);
  });

  it("answers questions while it learns, as it did before", async () => {
    await started();
    const [red, green] = dataset.classes;
    await caller.call("learn", { dataset: { classes: [red!, green!] }, how: "weights" });
    const ends: string[] = [];
    const noting = async <T>(end: string, result: Promise<T>): Promise<T> => {
      await result;
      ends.push(end);
      return result;
    };
    const learning = noting("learned", caller.call("learn", { dataset, how: "weights" }));
    const picture = pictures[0]!.planes;
    const answer = await noting("answered", caller.call("ask", { picture, nearest: 0 }));
    await learning;
    expect(answer.labels.length).toBe(2);
    expect(ends).toEqual(["answered", "learned"]);
  });

  it("judges, unless there is something to learn", async () => {
    await started();
    const judging = caller.call("judge", dataset);
    expect((await judging)!.n).toBe(6);
    const [given, learned] = await Promise.all([
      caller.call("judge", dataset),
      caller.call("learn", { dataset, how: "head" }),
    ]);
    expect(given).toBeUndefined();
    expect(learned.images).toBe(30);
  });

  it("refuses with what the library says, and goes on", async () => {
    await started();
    const refused = caller.call("learn", { dataset: { classes: dataset.classes.slice(0, 1) }, how: "weights" });
    await expect(refused).rejects.toMatchObject({
      what: "failed",
      message: "only one class has pictures",
      hint: "a classifier needs pictures of at least two classes",
    });
    await expect(refused).rejects.toBeInstanceOf(EngineError);
    await expect(caller.call("ask", { picture: pictures[0]!.planes, nearest: 1 })).rejects.toThrow(
      "nothing has been learned yet",
    );
    await caller.call("drop", ["p0"]);
    await expect(caller.call("learn", { dataset, how: "head" })).rejects.toThrow("pictures that were never added: p0");
    expect(broken).toBeUndefined();
  });

  it("is broken where something happens that nobody foresaw", async () => {
    load = () => Promise.reject(new RangeError("no memory"));
    await expect(caller.call("start", START)).rejects.toMatchObject({ what: "died", message: "RangeError: no memory" });
    expect(broken).toBe("RangeError: no memory");
  });
});
