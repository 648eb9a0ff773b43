// Temporaries as other processes leave them.

import { settle, temporaryFor } from "../src/node/files/temporaries.ts";

/** Above the largest process id of Linux. */
export const DEAD: number = 2 ** 22 + 12345;

/** What the process `pid` of this machine would write to before it becomes `path`. */
export function temporaryOf(pid: number, path: string): string {
  const own = temporaryFor(path);
  settle(own);
  return own.replace(/-\d+-(\d+)$/, `-${pid}-$1`);
}
