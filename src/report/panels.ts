// Which metrics are drawn in one plot: those of the same kind, so that a loss of 2 does not flatten an accuracy of 0.9.

/** Words that tell the kind of a metric wherever they stand in its name. */
const KINDS = ["loss", "accuracy", "error", "rate", "norm", "seconds", "memory"];

/**
 * The panel of a metric, by the words of its name; the last word where none is known.
 * @example ["loss/total", "lossKl", "validation.accuracy", "groups/s"].map(panelOf) // ["loss", "loss", "accuracy", "groups/s"]
 */
export function panelOf(metric: string): string {
  if (metric.endsWith("/s")) return metric;
  const words = metric
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}%]+/u)
    .filter((word) => word !== "");
  return KINDS.find((kind) => words.includes(kind)) ?? words.at(-1) ?? metric;
}
