// The command line of this folder, as people type it.

/** @example `${REPRODUCE} table-7` // "npm run -s reproduce -- table-7" */
export const REPRODUCE = "npm run -s reproduce --";
