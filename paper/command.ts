// The command line of this folder, as people type it.

/** @example `${REPRODUCE} table-7 --list` */
export const REPRODUCE = "npm run -s reproduce --";
