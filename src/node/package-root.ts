// Where this package lies: its sources are compiled to several places below it.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The nearest folder above this file with a package.json. */
export const PACKAGE_ROOT: string = packageFolder(dirname(fileURLToPath(import.meta.url)));

function packageFolder(from: string): string {
  return existsSync(join(from, "package.json")) || dirname(from) === from ? from : packageFolder(dirname(from));
}
