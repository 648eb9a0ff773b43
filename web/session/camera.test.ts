// The webcam: whatever is pressed while it opens, no stream goes on that nobody wants, and pictures are taken in one burst at a time.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TEXTS } from "../texts.ts";
import { Camera } from "./camera.ts";

/** Asked for by `getUserMedia`, in this order. */
let opened: { readonly give: (stream: FakeStream) => void; readonly refuse: (name: string) => void }[];
/** What the video does when it is to play. */
let play: () => Promise<void>;
let hide: () => void;

class FakeStream {
  readonly track = Object.assign(new EventTarget(), { isOn: true, stop: () => void (this.track.isOn = false) });

  getTracks(): readonly EventTarget[] {
    return [this.track];
  }
}

beforeEach(() => {
  opened = [];
  play = async () => {};
  const page = {
    hidden: false,
    addEventListener: (_: string, listener: () => void) =>
      (hide = () => {
        page.hidden = true;
        listener();
      }),
    createElement: (name: string) => (name === "video" ? video() : canvas()),
  };
  vi.stubGlobal("document", page);
  const getUserMedia = (): Promise<FakeStream> =>
    new Promise((give, reject) => opened.push({ give, refuse: (name) => reject(new DOMException("refused", name)) }));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const video = () => ({ srcObject: null, videoWidth: 640, videoHeight: 480, play: () => play() });
const canvas = () => ({
  getContext: () => ({ drawImage() {} }),
  toBlob: (done: (picture: Blob) => void) => setTimeout(() => done(new Blob(["picture"])), 1),
});

it("has one stream for all, which ends with the last of them", async () => {
  const camera = new Camera();
  const starts = [camera.start("a"), camera.start("b")];
  const stream = new FakeStream();
  opened[0]!.give(stream);
  expect(await Promise.all(starts)).toEqual([undefined, undefined]);
  expect(camera.stream.value).toBe(stream);
  camera.stop("a");
  expect(stream.track.isOn).toBe(true);
  camera.stop("b");
  expect([stream.track.isOn, camera.stream.value, opened.length]).toEqual([false, undefined, 1]);
});

it("stops the first stream where it is started, stopped and started while the browser asks for it", async () => {
  const camera = new Camera();
  const first = camera.start("a");
  camera.stop("a");
  const second = camera.start("a");
  const [old, current] = [new FakeStream(), new FakeStream()];
  opened[1]!.give(current);
  expect(await second).toBeUndefined();
  opened[0]!.give(old);
  expect(await first).toBeUndefined();
  expect([old.track.isOn, current.track.isOn]).toEqual([false, true]);
  expect(camera.stream.value).toBe(current);
  camera.stop("a");
  expect(current.track.isOn).toBe(false);
});

it("stops a stream that comes when nobody waits for it any more", async () => {
  const camera = new Camera();
  const start = camera.start("a");
  camera.stop("a");
  const stream = new FakeStream();
  opened[0]!.give(stream);
  await start;
  expect([stream.track.isOn, camera.stream.value]).toEqual([false, undefined]);
});

it("stops a stream that cannot be played, and says so to all that wait for it", async () => {
  const camera = new Camera();
  play = () => Promise.reject(new DOMException("no", "NotSupportedError"));
  const starts = [camera.start("a"), camera.start("b")];
  const stream = new FakeStream();
  opened[0]!.give(stream);
  const problem = TEXTS.noCamera("NotSupportedError");
  expect(await Promise.all(starts)).toEqual([problem, problem]);
  expect([stream.track.isOn, camera.stream.value, camera.users.value.size]).toEqual([false, undefined, 0]);
});

it("stops a stream at once that is not played yet where the page is hidden", async () => {
  const camera = new Camera();
  let isPlaying = false;
  play = () => {
    isPlaying = true;
    return new Promise(() => {}); // a page that is not seen may wait for ever
  };
  void camera.start("a");
  const stream = new FakeStream();
  opened[0]!.give(stream);
  await expect.poll(() => isPlaying).toBe(true);
  hide();
  expect(stream.track.isOn).toBe(false);
});

it("does not end with an opening that was called off and failed later", async () => {
  const camera = new Camera();
  const first = camera.start("a");
  camera.stop("a");
  const second = camera.start("a");
  opened[0]!.refuse("AbortError");
  expect(await first).toBeUndefined(); // it is the second that is waited for
  const stream = new FakeStream();
  opened[1]!.give(stream);
  expect(await second).toBeUndefined();
  expect([camera.stream.value, stream.track.isOn, [...camera.users.value]]).toEqual([stream, true, ["a"]]);
});

it("is asked for again after it was refused, or is not offered", async () => {
  const camera = new Camera();
  const refused = camera.start("a");
  opened[0]!.refuse("NotAllowedError");
  expect(await refused).toBe(TEXTS.noCamera("NotAllowedError"));
  const { mediaDevices } = navigator;
  vi.stubGlobal("navigator", {});
  expect(await camera.start("a")).toBe(TEXTS.noCamera("NotSupportedError"));
  vi.stubGlobal("navigator", { mediaDevices });
  const start = camera.start("a");
  const stream = new FakeStream();
  opened[1]!.give(stream);
  expect(await start).toBeUndefined();
  expect(camera.stream.value).toBe(stream);
});

it("says of those who used it that it was unplugged, and stops what is left of it", async () => {
  const camera = new Camera();
  const start = camera.start("a");
  const stream = new FakeStream();
  opened[0]!.give(stream);
  await start;
  stream.track.dispatchEvent(new Event("ended"));
  expect([[...camera.lost.value], camera.users.value.size, camera.stream.value]).toEqual([["a"], 0, undefined]);
});

it("takes pictures in one burst, though taking is stopped and begun within the pause between two", async () => {
  vi.useFakeTimers();
  const camera = new Camera();
  const start = camera.start("a");
  opened[0]!.give(new FakeStream());
  await start;
  const taken: string[] = [];
  const take = (burst: string) => camera.take("a", (_, count) => void taken.push(`${burst} ${count}`));
  void take("first");
  await vi.advanceTimersByTimeAsync(10);
  camera.stopTaking();
  void take("second");
  await vi.advanceTimersByTimeAsync(300);
  expect(taken).toEqual(["first 1", "second 1", "second 2", "second 3"]);
  expect(camera.taking.value).toBe("a");
  camera.stop("a");
  await vi.advanceTimersByTimeAsync(300);
  expect([taken.length, camera.taking.value]).toEqual([4, undefined]);
});
