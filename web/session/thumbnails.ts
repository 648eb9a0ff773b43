// Small pictures by id: those that came in are here, the others are fetched from the store when they are shown.

import type { Store } from "../store/store.ts";

export class Thumbnails {
  readonly #store: Store;
  readonly #known = new Map<string, Blob>();

  constructor(store: Store) {
    this.#store = store;
  }

  put(id: string, thumbnail: Blob): void {
    this.#known.set(id, thumbnail);
  }

  async get(id: string): Promise<Blob | undefined> {
    const known = this.#known.get(id) ?? (await this.#store.thumbnails([id])).get(id);
    if (known) this.#known.set(id, known);
    return known;
  }
}
