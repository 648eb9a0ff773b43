// A classifier as one module of JavaScript: weights inside, no dependency, no other file; for Node, browsers and whatever runs
// modules.

import type { Classifier } from "../classifier/classifier.ts";
import { aboutSquaring, asciiJson, base64, comment, type Exporter } from "./about.ts";
import { LICENCE } from "./licence.ts";
import { pack } from "./pack.ts";
import { type Plan, planOf, type WholePlan } from "./plan.ts";
import { runPlan } from "./runtime.ts";
import { sourceText } from "./source-text.ts";

const HEAD = `A classifier of pictures, made by PudNet.

  import { classify } from "./this-file.js";
  classify(imageData, 3); // [{ label: "...", score: 0.93 }, ...]

answer(imageData, 3) gives { labels, unknown, similarity }: unknown is true of a picture that is like nothing the classifier was made from.

A picture is { data, width, height } with 1 to 4 interleaved bytes a pixel (grey, grey and opacity, RGB, RGBA), as a canvas
gives it by getImageData; labels may hold anything: show them as text.
`;

/**
 * A module that exports `classify(picture, top)`, `answer(picture, top)`, `probabilities(planes)`, `square(picture)`, `labels`, `side` and `about`.
 * @param plan in whole numbers for a quarter of the bytes: `quantised(classifier, pictures)`
 * @example exportJs(classifier).slice(0, 2) // "/*"
 */
export function exportJs(
  classifier: Classifier,
  plan: Plan | WholePlan = planOf(classifier),
  exporter: Exporter = {},
): string {
  const names = "about, answer, classify, labels, probabilities, side, square";
  return `${comment(`${HEAD}\n${LICENCE}`)}\n${scriptOf(classifier, plan, exporter)}export { ${names} };\n`;
}

/** Statements after which `about`, `answer`, `classify`, `labels`, `probabilities`, `side` and `square` are there. */
export function scriptOf(classifier: Classifier, plan: Plan | WholePlan, exporter: Exporter): string {
  const { packed, bytes } = pack(plan);
  return `const about = ${asciiJson(aboutSquaring(classifier, packed.bits === 8 ? "int8" : "float32", exporter))};
const plan = ${asciiJson(packed)};
const bytes = Uint8Array.from(atob("${base64(bytes)}"), (byte) => byte.charCodeAt(0));
const runPlan = ${sourceText(runPlan, ["square", "requireBytes"])};
const { answer, classify, labels, probabilities, side, square } = runPlan(plan, bytes);
`;
}
