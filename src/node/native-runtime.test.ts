import { expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { nativeAdvice, type Platform, runtimeNote } from "./native-runtime.ts";

const DEBIAN: Platform = { system: "linux", arch: "x64", libc: "glibc" };
const ALPINE: Platform = { system: "linux", arch: "x64", libc: "musl" };

/** As `loadRuntime("node")` throws it. */
function failure(message: string, code?: string): UserError {
  return new UserError("onnxruntime-node could not be loaded", { cause: Object.assign(new Error(message), { code }) });
}

const notInstalled = failure("Cannot find package 'onnxruntime-node' imported from x.js", "ERR_MODULE_NOT_FOUND");
/** Of a folder of modules that was copied from Debian to Alpine. */
const noLoader = failure(
  "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by x.node)",
  "ERR_DLOPEN_FAILED",
);

it("a build that is not installed is told with the command, without the download of CUDA libraries", () => {
  for (const platform of [
    DEBIAN,
    { system: "darwin", arch: "arm64", libc: null },
    { system: "win32", arch: "x64", libc: null },
  ]) {
    expect(nativeAdvice(notInstalled, platform)).toEqual({
      found: "onnxruntime-node is not installed",
      mend: "npm install onnxruntime-node@1.30.0 --ignore-scripts",
    });
  }
});

it.each([
  { platform: ALPINE, error: notInstalled, found: "no build for musl" },
  { platform: ALPINE, error: noLoader, found: "no build for musl" },
  { platform: { ...ALPINE, arch: "arm64" }, error: notInstalled, found: "no build for musl" },
  { platform: { system: "darwin", arch: "x64", libc: null }, error: notInstalled, found: "no build for darwin on x64" },
  { platform: { ...DEBIAN, arch: "riscv64" }, error: notInstalled, found: "no build for linux on riscv64" },
  { platform: { system: "freebsd", arch: "x64", libc: null }, error: notInstalled, found: "for freebsd on x64" },
])("where there is none, nobody is told to install it: $found", ({ platform, error, found }) => {
  const advice = nativeAdvice(error, platform);
  expect(advice.found).toContain(found);
  expect(advice.mend).not.toMatch(/npm|install it/);
});

it.each([
  {
    error: failure("/lib/libc.so.6: version `GLIBC_2.28' not found (required by x.node)", "ERR_DLOPEN_FAILED"),
    found: "GLIBC_2.28",
    mend: "newer release of this system",
  },
  {
    error: failure("libstdc++.so.6: cannot open shared object file: No such file", "ERR_DLOPEN_FAILED"),
    found: "without libstdc++.so.6",
    mend: "the system's package",
  },
  {
    error: failure("/x/onnxruntime_binding.node: file too short", "ERR_DLOPEN_FAILED"),
    found: "file too short",
    mend: "install it again: npm install",
  },
  {
    error: failure("Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'", "MODULE_NOT_FOUND"),
    found: "its library is missing",
    mend: "install it again: npm install",
  },
])("one that cannot be loaded is told with its reason: $found", ({ error, found, mend }) => {
  const advice = nativeAdvice(error, DEBIAN);
  expect(advice.found).toContain(found);
  expect(advice.mend).toContain(mend);
});

it("where the native build serves there is nothing to tell", async () => {
  expect(await runtimeNote()).toBeUndefined();
});
