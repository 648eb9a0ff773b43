// Which processes this one sees: those of a machine, or of a container.

import { readlinkSync } from "node:fs";

/** Whose process ids ours are; undefined where systems have but one set of them. */
export function processNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined; // not Linux: no containers that share files with it but not its processes
  }
}
