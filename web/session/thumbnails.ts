// Small pictures by id, as addresses that hold all of the picture: unlike those of Blobs they cost the browser nothing to make, and need not
// be given back.

import type { Bytes } from "../model/project.ts";
import type { Store } from "../store/store.ts";

/** Addresses that are held, some kilobytes each. */
const MOST = 2000;

export class Thumbnails {
  readonly #store: Store;
  readonly #known = new Map<string, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  async addressOf(id: string): Promise<string | undefined> {
    const address = this.#known.get(id) ?? (await this.#read(id));
    if (address !== undefined) this.#hold(id, address);
    return address;
  }

  async #read(id: string): Promise<string | undefined> {
    const thumbnail = (await this.#store.thumbnails([id])).get(id);
    return thumbnail && dataUrl(thumbnail);
  }

  /** As the last one asked for: the one that was asked for longest ago goes. */
  #hold(id: string, address: string): void {
    this.#known.delete(id);
    this.#known.set(id, address);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST) this.#known.delete(oldest!);
  }
}

function dataUrl({ type, bytes }: Bytes): string {
  return `data:${type};base64,${btoa(String.fromCharCode(...new Uint8Array(bytes)))}`;
}
