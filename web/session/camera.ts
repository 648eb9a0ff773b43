// The webcam: one stream for all that want it, which ends with the last of them and where the page is hidden.

import { type Signal, signal } from "@preact/signals";
import { TEXTS } from "../texts.ts";

/** Pixels of the longer side of what is kept. */
const MOST_SIDE = 480;
const QUALITY = 0.92;
/** Milliseconds between two pictures that are taken. */
const PACE = 120;

export class Camera {
  readonly stream: Signal<MediaStream | undefined> = signal(undefined);
  /** Those who use it: "asking", or the id of a class. */
  readonly users: Signal<ReadonlySet<string>> = signal(new Set());
  /** Those who used it when it was unplugged, until they start it again. */
  readonly lost: Signal<ReadonlySet<string>> = signal(new Set());
  /** The class that is given pictures. */
  readonly taking: Signal<string | undefined> = signal(undefined);
  readonly #video: HTMLVideoElement = document.createElement("video");
  /** Comes to the reason where there is no picture to be had. */
  #starting: Promise<string | undefined> | undefined;
  /** Counted on by every opening and taking and by its end: what has an older number gives up. */
  #opening = 0;
  #taking = 0;

  constructor() {
    this.#video.muted = true;
    this.#video.playsInline = true;
    document.addEventListener("visibilitychange", () => document.hidden && this.#end());
  }

  /** Gives the reason where there is no picture to be had. */
  async start(user: string): Promise<string | undefined> {
    this.users.value = new Set(this.users.peek()).add(user);
    this.lost.value = new Set([...this.lost.peek()].filter((other) => other !== user));
    return await (this.#starting ??= this.#open());
  }

  stop(user: string): void {
    const users = new Set(this.users.peek());
    users.delete(user);
    this.users.value = users;
    if (this.taking.peek() === user) this.stopTaking();
    if (users.size === 0) this.#end();
  }

  /** What it sees now; undefined where it has ended. */
  async frame(): Promise<ImageBitmap | undefined> {
    await new Promise(requestAnimationFrame);
    return this.stream.peek() ? await createImageBitmap(this.#video).catch(() => undefined) : undefined;
  }

  /** Gives pictures, unmirrored, as files until `stopTaking`. */
  async take(user: string, give: (picture: Blob, count: number) => void): Promise<void> {
    const taking = ++this.#taking;
    this.taking.value = user;
    await this.#starting;
    const canvas = document.createElement("canvas");
    for (let count = 1; taking === this.#taking && this.stream.peek(); count++) {
      const { videoWidth: width, videoHeight: height } = this.#video;
      const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.getContext("2d")!.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
      const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      if (picture) give(picture, count);
      await new Promise((done) => setTimeout(done, PACE));
    }
    if (taking === this.#taking) this.stopTaking(); // there is no stream
  }

  stopTaking(): void {
    this.#taking++;
    this.taking.value = undefined;
  }

  /** Gives no reason where it is not wanted any more: whoever started the camera again hears of that opening. */
  async #open(): Promise<string | undefined> {
    const opening = ++this.#opening;
    const isWanted = (): boolean => opening === this.#opening;
    try {
      await this.#show(await askForStream(), isWanted);
      return undefined;
    } catch (error) {
      if (!isWanted()) return undefined;
      this.#end();
      return TEXTS.noCamera(error instanceof DOMException ? error.name : "");
    }
  }

  /** Stops the stream where it is not shown in the end: nobody else would. */
  async #show(stream: MediaStream, isWanted: () => boolean): Promise<void> {
    try {
      if (!isWanted()) return;
      for (const track of stream.getTracks()) track.addEventListener("ended", () => isWanted() && this.#lose());
      this.#video.srcObject = stream;
      await this.#video.play();
      if (isWanted()) this.stream.value = stream;
    } finally {
      if (this.stream.peek() !== stream) stopTracks(stream);
    }
  }

  /** It was unplugged, or taken away. */
  #lose(): void {
    this.lost.value = new Set([...this.lost.peek(), ...this.users.peek()]);
    this.#end();
  }

  #end(): void {
    this.#opening++;
    this.#starting = undefined;
    stopTracks(this.#video.srcObject as MediaStream | null); // which it may not play yet
    this.#video.srcObject = null;
    this.stream.value = undefined;
    this.users.value = new Set();
    this.stopTaking();
  }
}

async function askForStream(): Promise<MediaStream> {
  if (!("mediaDevices" in navigator)) throw new DOMException("not offered", "NotSupportedError");
  const video = { width: { ideal: 640 }, height: { ideal: 480 } };
  return await navigator.mediaDevices.getUserMedia({ video });
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
