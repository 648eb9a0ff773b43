// Lets work in as long as what is inside has room: so much memory is used at a time, whatever the pieces weigh.

/** In the order of asking; what weighs more than all the room goes in alone. */
export class Room {
  readonly #most: number;
  readonly #waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  #inside = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for its turn, works, and makes room again, whatever comes of it. */
  async with<T>(weight: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ weight, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#inside -= weight;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#inside > 0 && this.#inside + next.weight > this.#most) return;
      this.#waiting.shift();
      this.#inside += next.weight;
      next.enter();
    }
  }
}
