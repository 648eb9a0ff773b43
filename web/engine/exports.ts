// What writes exported files: a chunk of its own, fetched when the first one is asked for.

export { exportClassifier } from "pudnet";
export { EXPORTER } from "../model/exporter.ts";
