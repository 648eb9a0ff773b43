// Before the end-to-end tests: dist/, the page in it and dist-paper/ are built from the sources as they are now.

import { execFileSync } from "node:child_process";

export function setup(): void {
  for (const script of ["scripts/build.mjs", "scripts/build-web.mjs"])
    execFileSync(process.execPath, [script], { stdio: "inherit" });
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.paper.json"], {
    stdio: "inherit",
  });
}
