// The figures of runs and reports as SVG text. Rasterising them to PNG reads font files: node/rasterise.ts.

export { type Bar, type BarFigure, barFigure } from "./bar-figure.ts";
export { type ConfusionFigure, confusionFigure } from "./confusion-figure.ts";
export { type CurvesFigure, curvesFigure, type Series } from "./curves-figure.ts";
