// What is measured in the page itself, by what stands on it and by the messages of its workers. These functions run there, alone: they
// know what stands in them and what `watch` made global.

/** What `watch` keeps. */
export interface Watched {
  /** Milliseconds from the request for the page. */
  readonly buttonsAfter: number;
  readonly readyAfter: number;
  /** Calls of workers that wait for an answer. */
  pending: number;
  /** Milliseconds from a frame's way to the learner until its answer is there. */
  readonly frames: number[];
  /** Tasks of the main thread of more than 50 ms. */
  readonly tasks: number[];
  /** How often progress was told of. */
  progress: number;
}
declare const watched: Watched;

/** Before the page's own code runs. */
export function watch(): void {
  const kept = {
    buttonsAfter: 0,
    readyAfter: 0,
    pending: 0,
    frames: [] as number[],
    tasks: [] as number[],
    progress: 0,
  };
  Object.assign(globalThis, { watched: kept });
  const observer = new PerformanceObserver((list) =>
    kept.tasks.push(...list.getEntries().map(({ duration }) => duration)),
  );
  observer.observe({ type: "longtask" });
  globalThis.Worker = class extends Worker {
    readonly #frames = new Map<number, number>();
    constructor(...all: ConstructorParameters<typeof Worker>) {
      super(...all);
      this.addEventListener("message", ({ data }: MessageEvent<{ readonly id: number }>) => {
        if ("progress" in data) return void kept.progress++;
        kept.pending--;
        const start = this.#frames.get(data.id);
        if (start !== undefined) kept.frames.push(performance.now() - start);
      });
    }
    override postMessage(message: { readonly id: number; readonly name: string }, ...more: never[]): void {
      kept.pending++;
      if (message.name === "ask") this.#frames.set(message.id, performance.now());
      super.postMessage(message, ...more);
    }
  };
  const seen = new MutationObserver(() => {
    if (kept.buttonsAfter === 0 && document.querySelector(".ways button")) kept.buttonsAfter = performance.now();
    // "two classes are needed" stands where "loading" stood
    if (kept.readyAfter > 0 || !document.querySelector(".learned .hint")) return;
    kept.readyAfter = performance.now();
    seen.disconnect();
  });
  seen.observe(document, { childList: true, subtree: true });
}

/** Milliseconds until it stands on the page, from the next choice of files or press of a checkbox. */
export function whenLearned({
  images,
  how,
}: {
  readonly images: number;
  readonly how: "head" | "weights";
}): Promise<number> {
  const isThere = (): boolean => {
    const counts = Array.from(document.querySelectorAll(".card:not(.disabled) .count"), ({ textContent }) =>
      Number(/[\d,]+/.exec(textContent)?.[0].replaceAll(",", "") ?? 0),
    );
    const facts = document.querySelector(".learned .facts")?.textContent ?? "";
    const isBusy = document.querySelector(".learned")?.getAttribute("aria-busy") !== "false";
    const isWanted = how === "head" ? facts !== "" : facts.includes("kB in 8 bits");
    return !isBusy && isWanted && counts.reduce((sum, count) => sum + count, 0) === images;
  };
  return new Promise((resolve) => {
    const begin = (): void => {
      const start = performance.now();
      const done = new MutationObserver(() => {
        if (!isThere()) return;
        done.disconnect();
        resolve(performance.now() - start);
      });
      done.observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
    };
    document.addEventListener("change", begin, { once: true, capture: true });
  });
}

/** What was watched until no worker has anything to do. */
export async function whenIdle(): Promise<Watched> {
  for (let quiet = 0; quiet < 10; quiet = watched.pending === 0 ? quiet + 1 : 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return watched;
}
