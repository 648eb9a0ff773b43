// Loaded into a process that is measured (`node --import`): when it ends, it writes down what it has used.

import { writeFileSync } from "node:fs";

const file = process.env["BENCH_USAGE"];
if (file !== undefined) {
  process.once("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1e3, megabytes: (maxRSS * 1024) / 1e6 };
    writeFileSync(file, JSON.stringify(usage));
  });
}
