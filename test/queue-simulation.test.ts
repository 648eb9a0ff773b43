// The simulation of many workers: what it gives where the answer is plain.

import { describe, expect, it } from "vitest";
import { simulateCells, simulateRound } from "../bench/queue/simulation.ts";

const still = { bytesPerSecond: Number.POSITIVE_INFINITY, latency: 0 };
const equal = (count: number, seconds = 10, bytes = 100) => ({
  parcels: Array.from({ length: count }, () => ({ seconds, bytes })),
  handling: 0,
  takingIn: 0,
});

describe("cells", () => {
  it("of equal parcels that go up in the workers lose nothing", () => {
    expect(simulateCells(equal(64), still, 8)).toEqual({ workers: 8, seconds: 80, efficiency: 1 });
  });

  it("wait for the last parcel", () => {
    expect(simulateCells(equal(9), still, 8)).toMatchObject({ seconds: 20, efficiency: 90 / 160 });
    const long = { ...equal(8), parcels: [{ seconds: 80, bytes: 1 }, ...equal(8).parcels] };
    expect(simulateCells(long, still, 2)).toMatchObject({ seconds: 80, efficiency: 1 });
    expect(simulateCells(long, still, 512).seconds).toBe(80);
  });

  it("begin with the first that are handed in: a long one at the end is waited for", () => {
    const late = { ...equal(8), parcels: [...equal(8).parcels, { seconds: 80, bytes: 1 }] };
    expect(simulateCells(late, still, 2).seconds).toBe(40 + 80);
  });

  it("share one link, and one submitter", () => {
    const slow = { bytesPerSecond: 50, latency: 0 };
    // one after the other, each sends for 2 s, and the last one is fetched for 2 s more
    expect(simulateCells(equal(8), slow, 8).seconds).toBe(10 + 8 * 2 + 2);
    expect(simulateCells({ ...equal(8), takingIn: 5 }, still, 8).seconds).toBe(10 + 8 * 5);
    expect(simulateCells({ ...equal(8), handling: 1 }, { ...still, latency: 0.5 }, 8).seconds).toBe(12);
  });
});

describe("a round of training", () => {
  const figures = { slot: 10, handling: 0, between: 0, bytes: { start: 100, pictures: 0, result: 100 } };

  it("loses nothing where nothing is to be moved", () => {
    expect(simulateRound(figures, still, 16, 8)).toEqual({ workers: 8, seconds: 20, efficiency: 1 });
    expect(simulateRound(figures, still, 4, 8)).toMatchObject({ seconds: 10, efficiency: 4 / 8 });
  });

  it("moves the start to every worker, and every result back", () => {
    const slow = { bytesPerSecond: 100, latency: 0 };
    // put in 1 s; fetched by one worker after the other; the last result is made at 1 + 8 + 10, sent and fetched in 1 s each
    expect(simulateRound(figures, slow, 8, 8).seconds).toBe(21);
    // a worker sends before it takes the next slot
    expect(simulateRound(figures, slow, 8, 1).seconds).toBe(1 + 1 + 8 * (10 + 1) + 1);
  });

  it("costs a worker more for each slot than computing it", () => {
    expect(simulateRound({ ...figures, handling: 1 }, { ...still, latency: 0.5 }, 2, 1).seconds).toBe(
      0.5 + 11 + 0.5 + 11 + 0.5,
    );
  });

  it("has a part that only the trainer does", () => {
    expect(simulateRound({ ...figures, between: 10 }, still, 8, 8)).toMatchObject({
      seconds: 20,
      efficiency: 90 / 160,
    });
  });
});
