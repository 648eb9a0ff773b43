// A disk that is full when the test says so: a tmpfs whose space, or whose number of files, ballast takes up.

import { existsSync } from "node:fs";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { smallDisk } from "../small-disk.ts";

const KILOBYTES = 32 * 1024;
const FILES = 1200;
const PAGE = 4096;

/** How much a disk still takes: kilobytes, or files and folders. */
export type Room = { readonly kilobytes: number } | { readonly files: number };

export class Disk implements Disposable {
  readonly path: string;
  readonly #unmount: () => void;

  private constructor(path: string, unmount: () => void) {
    this.path = path;
    this.#unmount = unmount;
  }

  /** Undefined where mounting is not allowed. */
  static mount(): Disk | undefined {
    const disk = smallDisk(KILOBYTES, FILES);
    return disk && new Disk(disk.path, () => disk.remove());
  }

  /** Takes up all but that much. */
  async leave(room: Room): Promise<void> {
    await this.free();
    const { bavail, bsize, ffree } = await statfs(this.path);
    if ("files" in room) {
      await mkdir(this.#ballast);
      for (let i = ffree - 1; i > room.files; i--) await writeFile(join(this.#ballast, String(i)), "");
      return;
    }
    const pages = Math.floor((bavail * bsize - 1024 * room.kilobytes) / PAGE);
    if (pages > 0) await writeFile(this.#ballast, Buffer.alloc(pages * PAGE));
  }

  /** Gives the room back. */
  async free(): Promise<void> {
    await rm(this.#ballast, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }

  [Symbol.dispose](): void {
    if (existsSync(this.path)) this.#unmount();
  }
}
