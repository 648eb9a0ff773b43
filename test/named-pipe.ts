// Named pipes, which Node cannot make: whoever opens one waits for a writer.

import { execFileSync } from "node:child_process";

/** Not on Windows. */
export function makePipe(path: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
}
