// How much memory this process took at its peak.

import { readFileSync } from "node:fs";

/**
 * The most that was resident at once, in MB. On Linux of this process's own memory: what `resourceUsage` and `getrusage` say there is at
 * least what the parent had when it started this one, since a peak survives `exec`.
 */
export function peakMegabytes(): number {
  const kib = /^VmHWM:\s*(\d+) kB$/m.exec(ownStatus())?.[1] ?? process.resourceUsage().maxRSS;
  return (Number(kib) * 1024) / 1e6;
}

function ownStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return ""; // not Linux
  }
}
