// `pudnet worker` as processes of a measurement, each for one group at a time.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PACKAGE_ROOT } from "../../src/node/package-root.ts";

/** Resolves once they wait for work, to what stops them. */
export async function startGroupWorkers(queue: string, count: number): Promise<() => Promise<void>> {
  const program = join(PACKAGE_ROOT, "dist", "cli", "main.js");
  const workers = Array.from({ length: count }, () =>
    spawn(process.execPath, [program, "worker", "--queue", queue, "--jobs", "1"], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(workers.map(({ stdout }) => firstLine(stdout)));
  return async () => {
    await Promise.all(workers.map(stop));
  };
}

async function firstLine(stdout: NodeJS.ReadableStream): Promise<void> {
  const lines = createInterface({ input: stdout });
  await once(lines, "line");
  lines.on("line", () => undefined);
}

async function stop(worker: ChildProcess): Promise<void> {
  const ended = once(worker, "exit");
  worker.kill("SIGTERM");
  await ended;
}
