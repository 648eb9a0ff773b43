// `npm run pudnet -- ARGS` from any folder of the checkout: npm starts scripts in the topmost one, but paths are meant from
// where the user stands, which npm tells in INIT_CWD.

import { fileURLToPath } from "node:url";

const main = new URL("../dist/cli/main.js", import.meta.url);
process.argv[1] = fileURLToPath(main); // what commands are told, and started again, by
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(main.href);
