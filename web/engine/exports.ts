// What writes exported files: a chunk of its own, fetched when the first one is asked for.

import about from "../../package.json" with { type: "json" };

export { exportClassifier } from "pudnet";

/** Who exports. */
export const EXPORTER = { command: "pudnet serve", pudnet: about.version };
