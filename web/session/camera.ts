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
  #starting: Promise<void> | undefined;

  constructor() {
    this.#video.muted = true;
    this.#video.playsInline = true;
    document.addEventListener("visibilitychange", () => document.hidden && this.#end());
  }

  /** Gives the reason where there is no picture to be had. */
  async start(user: string): Promise<string | undefined> {
    this.users.value = new Set(this.users.peek()).add(user);
    this.lost.value = new Set([...this.lost.peek()].filter((other) => other !== user));
    try {
      await (this.#starting ??= this.#open());
      return undefined;
    } catch (error) {
      this.#end();
      return TEXTS.noCamera(error instanceof DOMException ? error.name : "");
    }
  }

  stop(user: string): void {
    const users = new Set(this.users.peek());
    users.delete(user);
    this.users.value = users;
    if (this.taking.peek() === user) this.taking.value = undefined;
    if (users.size === 0) this.#end();
  }

  /** What it sees now; undefined where it has ended. */
  async frame(): Promise<ImageBitmap | undefined> {
    await new Promise(requestAnimationFrame);
    return this.stream.peek() ? await createImageBitmap(this.#video).catch(() => undefined) : undefined;
  }

  /** Gives pictures, unmirrored, as files until `stopTaking`. */
  async take(user: string, give: (picture: Blob, count: number) => void): Promise<void> {
    this.taking.value = user;
    await this.#starting?.catch(() => {}); // told by `start`
    const canvas = document.createElement("canvas");
    for (let count = 1; this.taking.peek() === user && this.stream.peek(); count++) {
      const { videoWidth: width, videoHeight: height } = this.#video;
      const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.getContext("2d")!.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
      const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      if (picture) give(picture, count);
      await new Promise((done) => setTimeout(done, PACE));
    }
    if (this.taking.peek() === user) this.taking.value = undefined; // the stream has ended
  }

  stopTaking(): void {
    this.taking.value = undefined;
  }

  async #open(): Promise<void> {
    if (!("mediaDevices" in navigator)) throw new DOMException("not offered", "NotSupportedError");
    const video = { width: { ideal: 640 }, height: { ideal: 480 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video });
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.#lose());
    this.#video.srcObject = stream;
    await this.#video.play();
    this.stream.value = stream;
    if (this.users.peek().size === 0) this.#end(); // nobody waited for it
  }

  /** It was unplugged, or taken away. */
  #lose(): void {
    this.lost.value = new Set([...this.lost.peek(), ...this.users.peek()]);
    this.#end();
  }

  #end(): void {
    for (const track of this.stream.peek()?.getTracks() ?? []) track.stop();
    this.#starting = undefined;
    this.stream.value = undefined;
    this.users.value = new Set();
    this.taking.value = undefined;
  }
}
