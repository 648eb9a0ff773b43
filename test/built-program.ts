// The built command line as a process: as a user has it, but with folders and variables of the test's choice.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../src/node/package-root.ts";

/** Of the repository. */
export const ROOT: string = PACKAGE_ROOT;
/** Where the built program lies; another place for trying a build or an installed package. */
const DIST = process.env["PUDNET_DIST"] ?? join(ROOT, "dist");
export const MAIN: string = join(DIST, "cli/main.js");
/** What `npm run reproduce` runs. */
export const REPRODUCE_MAIN: string = join(ROOT, "dist-paper/main.js");

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly stop: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Exit>;
  /** What it has printed on stdout so far. */
  readonly said: () => string;
  /** Resolves once `count` rows of the table are printed, or when the process ends. */
  readonly rows: (count: number) => Promise<void>;
  /** Resolves once that is printed on stdout or stderr, or when the process ends. */
  readonly says: (what: RegExp) => Promise<void>;
}

export interface StartOptions {
  readonly cwd: string;
  /** Added to this process's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** By default `pudnet`. */
  readonly program?: string;
}

/** Starts `pudnet ARGS`, or another program of ours. */
export function start(args: readonly string[], { cwd, env = {}, program = MAIN }: StartOptions): Running {
  const options = {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"],
  };
  const child = spawn(process.execPath, [program, ...args], options);
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<Exit>((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, signal) => done({ code, signal, stdout, stderr }));
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const once = (holds: () => boolean): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if (holds()) done();
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.on("close", () => done());
      look();
    });
  const rows = (count: number): Promise<void> => once(() => (stdout.match(/^\| +\d+ \|/gm)?.length ?? 0) >= count);
  const says = (what: RegExp): Promise<void> => once(() => what.test(stdout + stderr));
  return { pid: child.pid!, stop: (signal) => void child.kill(signal), ended, said: () => stdout, rows, says };
}
