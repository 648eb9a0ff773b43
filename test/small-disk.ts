// A disk of a few kilobytes, to run out of: a tmpfs, where this process may mount one.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder it is mounted at, and how to take it away; undefined where mounting is not allowed. `files`: at most so many. */
export function smallDisk(kilobytes: number, files = 0): { readonly path: string; remove(): void } | undefined {
  const path = mkdtempSync(join(tmpdir(), "pudnet-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k,nr_inodes=${files}`, "tmpfs", path], {
      stdio: "pipe",
    });
  } catch {
    rmSync(path, { recursive: true }); // not root, or not Linux: the caller skips its test
    return undefined;
  }
  return {
    path,
    remove() {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}
