// What is measured in the page itself, by what stands on it and by the messages of its workers. These functions run there, alone: they
// know what stands in them and what `watch` made global.

/** What `watch` keeps. */
export interface Watched {
  /** Calls of workers that wait for an answer. */
  pending: number;
  /** Milliseconds from a frame's way to the learner until its answer is there. */
  readonly frames: number[];
  /** Milliseconds of tasks of the main thread of more than 50, from when it heard of files on. */
  readonly tasks: number[];
  /** How often progress was told of. */
  progress: number;
}
declare const watched: Watched;

/** Before the page's own code runs. */
export function watch(): void {
  const kept: Watched = { pending: 0, frames: [], tasks: [], progress: 0 };
  Object.assign(globalThis, { watched: kept });
  let given = 0; // when files were last chosen: what the browser does to list thousands of them is in the same task, before
  document.addEventListener("change", () => (given = performance.now()), { capture: true });
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      const own = startTime < given && given < startTime + duration ? startTime + duration - given : duration;
      if (own > 50) kept.tasks.push(own);
    }
  });
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
}

/** Milliseconds from the request for the page until it says that classes can be made, and until the network is there. */
export async function whenInteractive(): Promise<{ readonly interactive: number; readonly ready: number }> {
  const until = async (isThere: () => boolean): Promise<number> => {
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
    return performance.now();
  };
  await until(() => performance.getEntriesByName("interactive").length > 0);
  const interactive = performance.getEntriesByName("interactive")[0]!.startTime;
  // "two classes are needed" stands where "loading" stood
  return { interactive, ready: await until(() => document.querySelector(".learned .hint") !== null) };
}

/** Milliseconds from the next choice of files or press of a checkbox until the page says that what came of it is shown. */
export function whenLearned(wanted: { readonly images: number; readonly how: "head" | "weights" }): Promise<number> {
  return new Promise((resolve) => {
    const begin = (): void => {
      const start = performance.now();
      new PerformanceObserver((list, observer) => {
        for (const { startTime, detail } of list.getEntriesByName("learned") as PerformanceMark[]) {
          const { images, how } = detail as typeof wanted;
          // the first head is that of new weights
          if (startTime < start || images !== wanted.images || (wanted.how === "weights" && how === "head")) continue;
          observer.disconnect();
          resolve(startTime - start);
        }
      }).observe({ type: "mark" });
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
