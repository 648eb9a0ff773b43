// Why onnxruntime's native build does not serve on this machine, what that costs, and what would help here.

import { familySync } from "detect-libc";
import { loadRuntime } from "../tensor/runtime.ts";

export interface Platform {
  /** As `process.platform`. */
  readonly system: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** Of Linux: "glibc", "musl" or null. */
  readonly libc: string | null;
}

export interface NativeAdvice {
  /** What stands in the way, as a clause: "onnxruntime-node is not installed". */
  readonly found: string;
  /** The way out on this platform. */
  readonly mend: string;
}

/** The version that results, tests and timings are of. Its install script fetches CUDA libraries, which no CPU needs. */
const INSTALL = "npm install onnxruntime-node@1.30.0 --ignore-scripts";
/** What onnxruntime-node brings files for. Linux: glibc only. */
const BUILDS = ["darwin arm64", "linux arm64", "linux x64", "win32 arm64", "win32 x64"];
/** WebAssembly beside the native build on two cores (docs/LOG.md): classifying 2, predicting and training 3 to 4 times. */
const COST = "2 to 4 times the time";

/**
 * One line for a user whose results come slower than they could: that WebAssembly computes, what that costs and what helps.
 * Undefined where the native build serves.
 * @example await runtimeNote() // such as "onnxruntime-node is not installed: WebAssembly computes in its place, ..."
 */
export async function runtimeNote(): Promise<string | undefined> {
  const { inPlaceOf } = await loadRuntime();
  if (!inPlaceOf) return undefined;
  const { found, mend } = nativeAdvice(inPlaceOf);
  return `${found}: WebAssembly computes in its place, in ${COST}; ${mend}`;
}

/** What an error of `loadRuntime("node")` means on a platform. */
export function nativeAdvice(error: unknown, platform: Platform = thisPlatform()): NativeAdvice {
  const { system, arch, libc } = platform;
  if (system === "linux" && libc === "musl") {
    return {
      found: "onnxruntime-node has no build for musl (Alpine)",
      mend: "a Linux with glibc (Debian, Ubuntu, Fedora) would be faster",
    };
  }
  if (!BUILDS.includes(`${system} ${arch}`)) {
    return { found: `onnxruntime-node has no build for ${system} on ${arch}`, mend: "nothing can be installed for it" };
  }
  const { code, message } = rootOf(error);
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    if (/onnxruntime_binding\.node/.test(message)) return damaged("its library is missing");
    return { found: "onnxruntime-node is not installed", mend: INSTALL };
  }
  const line = message.split("\n")[0]!.trim();
  if (/GLIBC(XX)?_[\d.]+.*not found/.test(line)) {
    return {
      found: `onnxruntime-node needs a newer C library (${line})`,
      mend: "a newer release of this system has it",
    };
  }
  const [, missing] = /(\S+): cannot open shared object file/.exec(line) ?? [];
  if (missing !== undefined) {
    return {
      found: `onnxruntime-node cannot be loaded without ${missing}`,
      mend: "install the system's package that holds it",
    };
  }
  return damaged(line);
}

const damaged = (what: string): NativeAdvice => ({
  found: `onnxruntime-node is installed, but cannot be loaded (${what})`,
  mend: `install it again: ${INSTALL}`,
});

function thisPlatform(): Platform {
  return { system: process.platform, arch: process.arch, libc: process.platform === "linux" ? familySync() : null };
}

/** The first of a chain of causes. */
function rootOf(error: unknown): { readonly code?: string; readonly message: string } {
  let root = error as { code?: string; message: string; cause?: unknown };
  while (root.cause instanceof Error) root = root.cause;
  return root;
}
