// The figures of runs and reports as SVG text. Rasterising them to PNG reads font files: node/rasterise.ts.

export { barFigure } from "./bar-figure.ts";
export { confusionFigure } from "./confusion-figure.ts";
export { curvesFigure, type Series } from "./curves-figure.ts";
export { type DotsFigure, dotsFigure } from "./dots-figure.ts";
export { pointsFigure, type PointsFigure } from "./points-figure.ts";
