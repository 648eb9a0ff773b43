// Before the end-to-end tests: dist/ is built from the sources as they are now.

import { execFileSync } from "node:child_process";

export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
}
