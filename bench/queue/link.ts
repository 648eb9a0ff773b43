// What the queue itself moves and how soon it answers, on this machine.

import { Blobs } from "../../src/node/queue/blobs.ts";
import type { QueueConnection } from "../../src/node/queue/connection.ts";
import { median } from "../../src/statistics.ts";
import { noise } from "../problems.ts";
import type { Link } from "./simulation.ts";

const BYTES = 2 ** 26;
const [MOVES, CALLS] = [7, 200];

/** Bytes a second one way, hashed and in pieces as all blobs are: the slower of the two ways. */
export async function measureLink(connection: QueueConnection): Promise<Link> {
  const blobs = new Blobs(connection);
  const { data } = noise([BYTES]);
  const ways: { readonly put: number; readonly get: number }[] = [];
  for (let i = 0; i < MOVES; i++) {
    const start = performance.now();
    const blob = await blobs.put("bench", [data]);
    const between = performance.now();
    await blobs.get(blob);
    ways.push({ put: between - start, get: performance.now() - between });
    await blobs.remove([blob]);
  }
  const calls: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const start = performance.now();
    await connection.redis.ping();
    calls.push(performance.now() - start);
  }
  const slower = Math.max(median(ways.map(({ put }) => put)), median(ways.map(({ get }) => get)));
  return {
    bytesPerSecond: Math.round((1000 * BYTES) / slower),
    latency: Number((median(calls) / 1000).toPrecision(3)),
  };
}
