// Before the end-to-end tests: dist/ and dist-paper/ are built from the sources as they are now.

import { execFileSync } from "node:child_process";

export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.paper.json"], {
    stdio: "inherit",
  });
}
