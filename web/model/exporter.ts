// Who makes what leaves the page; for what is loaded when it is asked for, since all of package.json comes with it.

import about from "../../package.json" with { type: "json" };

export const EXPORTER = { command: "pudnet serve", pudnet: about.version };
