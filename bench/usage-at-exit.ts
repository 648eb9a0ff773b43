// Loaded into a process that is measured (`node --import`): when it ends, it writes down what it has used.

import { writeFileSync } from "node:fs";
import { peakMegabytes } from "../test/peak-memory.ts";

const file = process.env["BENCH_USAGE"];
if (file !== undefined) {
  process.once("exit", () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(file, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1e3, megabytes: peakMegabytes() }));
  });
}
