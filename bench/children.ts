// Child processes that answer each line on stdin with a line of JSON: the PyTorch peers and our own worker.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { UserError } from "../src/errors.ts";
import type { Device } from "../src/tensor/runtime.ts";

/** Keeps freed memory in the process, so that steps do not fault their pages in again (peers/README.md). */
const ALLOCATOR = {
  GLIBC_TUNABLES:
    "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=268435456",
} as const;
/** For peers that have the machine to themselves: pins their OpenMP threads. Two processes would be pinned to the same core. */
const PINNED = { OMP_PROC_BIND: "true" } as const;

/** The ways in which the peers compute, by name: their options. TF32 rounds what is multiplied to 10 bits of mantissa. */
const ON_CPU = {
  nchw: ["--layout", "nchw"],
  "channels-last": ["--layout", "channels-last"],
  mkldnn: ["--layout", "mkldnn"],
} as const;
const ON_CUDA = {
  nchw: ["--device", "cuda", "--layout", "nchw"],
  "channels-last": ["--device", "cuda", "--layout", "channels-last"],
  "nchw-tf32": ["--device", "cuda", "--layout", "nchw", "--tf32"],
  "channels-last-tf32": ["--device", "cuda", "--layout", "channels-last", "--tf32"],
} as const;

export function layouts(device: Device): readonly (readonly [name: string, args: readonly string[]])[] {
  return Object.entries(device === "cpu" ? ON_CPU : ON_CUDA);
}

type Answer = Readonly<Record<string, unknown>>;

/** A child and its answers, in order. */
export class LineChild {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #name: string;
  #errors = "";

  constructor(name: string, command: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#name = name;
    this.#process = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.on("data", (text: Buffer) => (this.#errors = (this.#errors + text.toString()).slice(-2000)));
    this.#process.on("error", (error) => (this.#errors += error.message));
    this.#process.stdin.on("error", () => {}); // a child that died says why on stderr
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<Answer> {
    const { value, done } = await this.#answers.next();
    if (!done) return JSON.parse(value) as Answer;
    throw new UserError(`${this.#name} ended early:\n${this.#errors.trim()}`);
  }

  /** Asks for `count` calls at once and waits for all answers. */
  async ask(count: number): Promise<Answer[]> {
    this.#process.stdin.write("\n".repeat(count));
    const answers: Answer[] = [];
    while (answers.length < count) answers.push(await this.next());
    return answers;
  }

  /** Lets the child end and waits until it has. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.stdin.end();
    await ended;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

/** A worker of ours; `tuned` starts it with the peers' allocator settings. */
export function startOurs(args: readonly (string | number)[], { tuned }: { readonly tuned: boolean }): LineChild {
  const script = fileURLToPath(new URL("./worker.js", import.meta.url));
  return new LineChild(`our ${args[0]}`, process.execPath, [script, ...args.map(String)], tuned ? ALLOCATOR : {});
}

export interface Peers {
  readonly python: string;
  readonly torch: string;
}

export const peerScript = (name: string): string =>
  fileURLToPath(new URL(`../../bench/peers/${name}`, import.meta.url));

export function startPeer(
  { python }: Peers,
  script: string,
  args: readonly (string | number)[],
  { isPinned = true }: { readonly isPinned?: boolean } = {},
): LineChild {
  const environment = { ...ALLOCATOR, ...(isPinned ? PINNED : {}) };
  return new LineChild(`peer ${script}`, python, [peerScript(script), ...args.map(String)], environment);
}

/** Multiplies matrices and tells which BLAS that has loaded (Linux lists the libraries of a process; PyPI's torch has MKL inside). */
const PROBE = `
import json, os, re, torch
torch.randn(64, 64) @ torch.randn(64, 64)
linked = "BLAS_INFO=mkl" in torch.__config__.show()
maps = open("/proc/self/maps").read() if os.path.exists("/proc/self/maps") else "openblas"
print(json.dumps({"torch": torch.__version__, "fast": linked or re.search("openblas|libmkl|libblis", maps) is not None}))
`;

/** The Python with PyTorch, or why there is none to compare with. */
export function findPeers(candidates: readonly string[]): Peers | { readonly missing: string } {
  for (const python of candidates) {
    const { status, stdout } = spawnSync(python, ["-c", PROBE], { encoding: "utf8", timeout: 120_000 });
    if (status !== 0) continue;
    const { torch, fast } = JSON.parse(stdout) as { torch: string; fast: boolean };
    // with the reference BLAS, matrix products reach 5 GFLOP/s: a comparison would flatter us
    return fast ? { python, torch } : { missing: "its BLAS is slow: apt-get install libopenblas0" };
  }
  return { missing: "no Python with torch: apt-get install python3-torch libopenblas0, or give --python" };
}

/** What peers/javascript needs and the project does not install with itself. */
export function findLibraries(): { readonly missing?: string } {
  if (existsSync(peerScript("javascript/node_modules/.package-lock.json"))) return {};
  return { missing: "npm ci --prefix bench/peers/javascript" };
}

/** A JavaScript library in a Node process of its own. */
export function startLibrary(library: string, args: readonly (string | number)[]): LineChild {
  const script = peerScript(`javascript/${library}.mjs`);
  return new LineChild(library, process.execPath, [script, ...args.map(String)], ALLOCATOR);
}
