// A worker of cells as a process of a measurement: it says, a line of JSON each, when it has what, and how long a parcel took.
//
//   cells-worker.js QUEUE OUT ROOT PROGRAM

import { QueueConnection } from "../../src/node/queue/connection.ts";
import { makeApart } from "../../paper/queue/make-parcel.ts";
import { workOnCells } from "../../paper/queue/worker.ts";

const [, , queue = "", out = "", root = "", program] = process.argv;

const say = (what: object): void => console.log(JSON.stringify({ at: Date.now(), ...what }));
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const connection = await QueueConnection.open(queue, { tell: (line) => say({ line }) });

async function make(folder: string, signal: AbortSignal) {
  const begun = performance.now();
  const answer = await makeApart(folder, { root, threads: 1, program }, signal);
  say({ seconds: (performance.now() - begun) / 1000 });
  return answer;
}

await workOnCells(connection, { make, out, jobs: 1, lockSeconds: 120, print: (line) => say({ line }) }, stop.signal);
await connection.close();
