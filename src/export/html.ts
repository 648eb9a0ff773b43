// A classifier as one page: opened from a disk, without a network, it labels pictures and what a camera sees.

import type { Classifier } from "../classifier/classifier.ts";
import { sha256 } from "../formats/sha256.ts";
import { base64, comment, type Exporter } from "./about.ts";
import { scriptOf } from "./js.ts";
import { LICENCE } from "./licence.ts";
import { runPage } from "./page.ts";
import { type Plan, planOf, type WholePlan } from "./plan.ts";
import { sourceText } from "./source-text.ts";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 1rem; }
canvas { display: block; max-width: 100%; max-height: 50vh; margin: 1rem 0; }
ol { padding: 0; list-style: none; }
li { overflow-wrap: anywhere; }
meter { width: 100%; height: 1rem; display: block; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/**
 * A page of one file. Its policy lets it run its own script and nothing else: no request leaves it.
 * @example (await exportHtml(classifier)).startsWith("<!doctype html>") // true
 */
export async function exportHtml(
  classifier: Classifier,
  plan: Plan | WholePlan = planOf(classifier),
  exporter: Exporter = {},
): Promise<string> {
  const code = `${scriptOf(classifier, plan, exporter)}const runPage = ${sourceText(runPage, ["stop", "show"])};`;
  const script = `\n${comment(LICENCE)}\n${code}\nrunPage(answer, labels, about);\n`;
  const policy = [
    "default-src 'none'",
    `script-src '${await hashSource(script)}'`,
    `style-src '${await hashSource(STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is it? A classifier of ${plan.classes.length} classes</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>What is it?</h1>
<p>Choose a picture, drop or paste one here, or use the camera. Nothing leaves this page.</p>
<p><label>Picture: <input id="file" type="file" accept="image/*"></label>
<button id="camera" type="button" aria-pressed="false">Camera</button></p>
<canvas id="preview" width="1" height="1" role="img" aria-label="The picture"></canvas>
<p id="unknown" hidden>Unknown: it is like nothing that the classifier was made from.</p>
<ol id="bars" aria-label="Most probable classes"></ol>
<p id="said" role="status"></p>
<details><summary>All ${plan.classes.length} classes</summary><ul id="classes"></ul></details>
<details><summary>About this file</summary><pre id="about"></pre></details>
</main>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** As a Content-Security-Policy names an inline script. */
async function hashSource(text: string): Promise<string> {
  const digits = await sha256(text);
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
  return `sha256-${base64(bytes)}`;
}
