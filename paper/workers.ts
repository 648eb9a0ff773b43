// `--jobs`: the same command as several processes side by side, which keep off each other's results by locks.

import { spawn } from "node:child_process";

export const MOST_JOBS = 256;

/** What workers are asked for: options of the command line. */
export interface WorkerOptions {
  readonly cell: readonly string[];
  readonly budget: string;
  readonly out?: string | undefined;
  readonly root: string;
  readonly jobs: number;
  readonly threads?: number | undefined;
  readonly device: string;
}

/** The same command as so many workers; whether any of them failed. */
export async function runWorkers(what: string, options: WorkerOptions, signal: AbortSignal): Promise<boolean> {
  const { cell, budget, out, root, jobs, threads = 1, device } = options;
  const args = [
    process.argv[1]!,
    what,
    "--worker",
    "--budget",
    budget,
    "--root",
    root,
    "--threads",
    String(threads),
    "--device",
    device,
    ...(out === undefined ? [] : ["--out", out]),
    ...cell.flatMap((pattern) => ["--cell", pattern]),
  ];
  const codes = await Promise.all(
    Array.from({ length: jobs }, () => {
      const child = spawn(process.execPath, args, { stdio: "inherit" });
      const pass = (): void => void child.kill("SIGTERM");
      signal.addEventListener("abort", pass);
      return new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code) => {
          signal.removeEventListener("abort", pass);
          resolve(code);
        });
      });
    }),
  );
  return codes.some((code) => code !== 0);
}
