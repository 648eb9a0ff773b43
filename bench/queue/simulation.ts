// How well many workers are used: cells and rounds of training with any number of them, simulated from what was measured with few.
// Deterministic: first come, first served, on one link in each direction.

/** What a simulation is made from. Seconds and bytes. */
export interface CellsFigures {
  /** In the order in which they are handed in: how long one takes on a worker, and what comes back. */
  readonly parcels: readonly { readonly seconds: number; readonly bytes: number }[];
  /** What a worker spends on a parcel besides: taking it, packing what was made. */
  readonly handling: number;
  /** What the submitter spends on a parcel, one after the other: checking it and putting it in its place. */
  readonly takingIn: number;
}

export interface TrainingFigures {
  /** A group's gradient, or the local steps of a stream, on a worker. */
  readonly slot: number;
  /** What a worker spends on a slot besides, moving bytes aside. */
  readonly handling: number;
  /** What the trainer does between two rounds: averaging, the step itself. */
  readonly between: number;
  /** Of the state or the point that all slots start from, of a slot's pictures, and of its result. */
  readonly bytes: { readonly start: number; readonly pictures: number; readonly result: number };
}

/** What lies between the machines: a Redis that moves so many bytes a second each way, and answers after so long. */
export interface Link {
  readonly bytesPerSecond: number;
  /** Seconds. */
  readonly latency: number;
}

export interface Simulated {
  readonly workers: number;
  /** Until the last result is in. */
  readonly seconds: number;
  /** Of what so many times one worker would do: 1 is all of it. */
  readonly efficiency: number;
}

/** Of all parcels, beside one worker over the same link. */
export function simulateCells(figures: CellsFigures, link: Link, workers: number): Simulated {
  const seconds = secondsOfCells(figures, link, workers);
  return { workers, seconds, efficiency: secondsOfCells(figures, link, 1) / (workers * seconds) };
}

function secondsOfCells({ parcels, handling, takingIn }: CellsFigures, link: Link, workers: number): number {
  /** When each worker has made what it is at; and what it then sends. */
  const making: { until: number; bytes: number }[] = Array.from({ length: workers }, () => ({ until: 0, bytes: 0 }));
  let next = 0;
  let [upload, submitter] = [0, 0];
  for (let left = parcels.length; left > 0;) {
    const worker = making.reduce((first, one) => (one.until < first.until ? one : first));
    if (worker.bytes > 0) {
      upload = Math.max(upload, worker.until) + worker.bytes / link.bytesPerSecond;
      submitter = Math.max(submitter, upload + link.latency) + takingIn + worker.bytes / link.bytesPerSecond;
      left--;
      [worker.until, worker.bytes] = [upload, 0];
    } else if (next < parcels.length) {
      const { seconds, bytes } = parcels[next++]!;
      worker.until += link.latency + handling + seconds;
      worker.bytes = bytes;
    } else worker.until = Number.POSITIVE_INFINITY;
  }
  return submitter;
}

/**
 * Of rounds of `slots` slots each, of which every worker computes one after the other until none is left. Efficiency: of the same
 * slots on one worker at the same link, divided by the number of workers.
 */
export function simulateRound(figures: TrainingFigures, link: Link, slots: number, workers: number): Simulated {
  const seconds = secondsOfRound(figures, link, slots, workers);
  return { workers, seconds, efficiency: secondsOfRound(figures, link, slots, 1) / (workers * seconds) };
}

function secondsOfRound(
  { slot, handling, between, bytes }: TrainingFigures,
  { bytesPerSecond, latency }: Link,
  slots: number,
  workers: number,
): number {
  /** Seconds that moving takes. */
  const moving = (count: number): number => count / bytesPerSecond;
  // the trainer puts in the start, then the slots' pictures; a worker that has the start of this round keeps it
  const ready = (i: number): number => moving(bytes.start + (i + 1) * bytes.pictures) + latency;
  const all = Array.from({ length: workers }, () => ({ at: 0, hasStart: false, isMade: false }));
  let [next, down, up, trainer] = [0, 0, 0, 0];
  for (let left = slots; left > 0;) {
    const worker = all.reduce((first, one) => (one.at < first.at ? one : first));
    if (worker.isMade) {
      up = Math.max(up, worker.at) + moving(bytes.result);
      trainer = Math.max(trainer, up + latency) + moving(bytes.result);
      left--;
      Object.assign(worker, { at: up, isMade: false });
    } else if (next < slots) {
      const begun = Math.max(worker.at + latency, ready(next++));
      down = Math.max(down, begun) + moving(bytes.pictures + (worker.hasStart ? 0 : bytes.start));
      Object.assign(worker, { at: down + handling + slot, hasStart: true, isMade: true });
    } else worker.at = Number.POSITIVE_INFINITY;
  }
  return between + trainer;
}
