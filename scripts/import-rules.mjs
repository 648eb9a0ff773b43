// Who may import whom: the one place. oxlint.config.mjs makes the linter's rules of it, test/architecture.test.ts its cases,
// and `node scripts/import-rules.mjs --write` the table of docs/architecture.md.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Folders and files, from the bottom up. Each may import what it builds on, all that this builds on, and packages; with `node`
 * also node:*, with `runtime` also onnxruntime. What only re-exports imports neither of them nor packages.
 * @type {Readonly<Record<string, ImportRule>>}
 * @typedef {{ owns: string, buildsOn: readonly string[], node?: true, runtime?: true, reexports?: true }} ImportRule
 */
export const IMPORT_RULES = {
  "src/names.ts": {
    owns: "names from files and users as text for people: `printable`, `listed`, `shellWord`",
    buildsOn: [],
  },
  "src/statistics.ts": {
    owns: "means with intervals, the paired test, the jackknife",
    buildsOn: [],
  },
  "src/clock.ts": {
    owns: "the stopwatch: `secondsSince`",
    buildsOn: [],
  },
  "src/errors.ts": {
    owns: "`UserError`, `FormatError`, `ShapeError`, `within`, `invariant`, `closest`",
    buildsOn: ["src/names.ts"],
  },
  "src/tensor": {
    owns: "the engine: trees, keys, symbolic tensors, op table, gradients, lowerings to ONNX, programs",
    buildsOn: ["src/errors.ts", "src/statistics.ts", "src/clock.ts"],
    runtime: true,
  },
  "src/nn": {
    owns: "layers: records of parameters + pure functions",
    buildsOn: ["src/tensor"],
  },
  "src/optim": {
    owns: "gradient transformations (init/update pairs)",
    buildsOn: ["src/tensor"],
  },
  "src/models": {
    owns: "target networks: a table of architectures, `layerSpecs`, `forward`",
    buildsOn: ["src/nn"],
  },
  "src/data": {
    owns: "what an image dataset is; parsers (bytes in, arrays out); class splits; drawing of groups; `made/`: procedures that draw pictures",
    buildsOn: ["src/tensor"],
  },
  "src/hypernet": {
    owns: "PudNet as in the paper: sketch, ahru, weightGenerator, losses",
    buildsOn: ["src/models", "src/data"],
  },
  "src/baselines": {
    owns: "few-shot methods that PudNet is compared with: one file each, and what they share (`method.ts`)",
    buildsOn: ["src/models", "src/data"],
  },
  "src/formats": {
    owns: "safetensors, TensorBoard events, CSV, zips and projects in them: bytes in, bytes out",
    buildsOn: ["src/tensor"],
  },
  "src/report": {
    owns: "what people look at: progress lines, judgements of predictions, figures (SVG), HTML report: strings out",
    buildsOn: ["src/formats"],
  },
  "src/heads": {
    owns: "what turns features into answers: centroids, closed form, linear; the temperature fitted to them",
    buildsOn: ["src/nn"],
  },
  "src/predict": {
    owns: "Algorithm 2: a PudNet with all that prediction needs (`model.ts`), `Predictor`, `NetworkRunner`",
    buildsOn: ["src/hypernet", "src/formats"],
  },
  "src/train": {
    owns:
      "the training loop and what it trains: PudNet (Algorithm 1), baselines, networks from scratch; `evaluation/`: every method " +
      "judged on groups",
    buildsOn: ["src/optim", "src/baselines", "src/heads", "src/predict"],
  },
  "src/classifier": {
    owns:
      "what users get: a classifier from labelled pictures, its held-out estimate, its evaluation on others, fine-tuning, " +
      "comparison, one ONNX file",
    buildsOn: ["src/report", "src/train"],
  },
  "src/export": {
    owns: "a classifier as files that run elsewhere: the list of convolutions they are made of, the same in whole numbers, one file a format",
    buildsOn: ["src/classifier"],
  },
  "src/browser.ts": {
    owns: "the public API in browsers, part of that in Node, re-exports only",
    buildsOn: ["src/export"],
    reexports: true,
  },
  "src/node": {
    owns:
      "everything that touches files, images and processes: `datasets/` (download, `made/` sets, the one way through folders, decoding, cache), " +
      "`files/` (written whole or not at all, locks, temporaries), `checkpoints/`, `runs/` (run folders), `records/` (evaluations " +
      "on disk), `classifier/` (a classifier as a folder), `workers/` (processes beside this one), `queue/` (jobs and bytes on a Redis)",
    buildsOn: ["src/export"],
    node: true,
  },
  "src/cli": {
    owns: "one file a command, loaded when it is asked for (`commands.ts`)",
    buildsOn: ["src/node"],
    node: true,
  },
  "src/index.ts": {
    owns: "the public API, re-exports only",
    buildsOn: ["src/browser.ts", "src/node"],
    reexports: true,
  },
  "src/exports": {
    owns: "`pudnet/engine`, `pudnet/methods`, ...: what `paper/` and researchers see beyond it, re-exports only",
    buildsOn: ["src/cli"],
    reexports: true,
  },
  "paper/command.ts": {
    owns: "the command `npm run reproduce` as people type it",
    buildsOn: [],
  },
  "paper/recipes": {
    owns: "what a number is a function of: data sets, budgets, networks; what the paper prints",
    buildsOn: ["pudnet/*"],
  },
  "paper/tables": {
    owns: "the cells of each table and graph, and which are compared",
    buildsOn: ["paper/recipes"],
  },
  "paper/store": {
    owns: "networks and evaluations on disk: each is made once, by one process",
    buildsOn: ["paper/tables"],
    node: true,
  },
  "paper/queue": {
    owns: "`--queue`: evaluations that hang together as jobs, done by workers on any machine",
    buildsOn: ["paper/store", "paper/command.ts"],
    node: true,
  },
  "paper/studies": {
    owns: "what is no accuracy over groups: Figures 1 and 7, equation 15, speed, what is unknown, the map; each with its page",
    buildsOn: ["paper/store", "paper/command.ts"],
    node: true,
  },
  "paper/text": {
    owns: "the words of conclusions and of README's results, with placeholders for numbers",
    buildsOn: [],
  },
  "paper/pages": {
    owns: "the published pages, figures and CSVs, of the store alone; the prose with its numbers",
    buildsOn: ["paper/studies", "paper/text"],
    node: true,
  },
  "paper/chosen.ts": {
    owns: "which tables, cells and studies a command line asks for",
    buildsOn: ["paper/studies"],
  },
  "paper/workers.ts": {
    owns: "`--jobs`: the same command as several processes",
    buildsOn: [],
    node: true,
  },
  "paper/stoppable.ts": {
    owns: "commands that Ctrl-C stops in good order",
    buildsOn: ["pudnet/*"],
  },
  "paper/worker-command.ts": {
    owns: "`npm run reproduce -- worker`",
    buildsOn: ["paper/queue", "paper/stoppable.ts", "paper/workers.ts"],
    node: true,
  },
  "paper/main.ts": {
    owns: "the command",
    buildsOn: ["paper/pages", "paper/chosen.ts", "paper/worker-command.ts"],
    node: true,
  },
  "web/texts.ts": {
    owns: "every sentence that the page shows or reads aloud",
    buildsOn: [],
  },
  "web/model": {
    owns: "the project as a value: classes, pictures, pure changes, undo",
    buildsOn: ["pudnet"],
  },
  "web/engine": {
    owns: "what computes, in workers: `protocol.ts` is all that others see, `client.ts` how they call",
    buildsOn: ["web/model", "pudnet"],
  },
  "web/store": {
    owns: "the project in the browser's storage and as a zip",
    buildsOn: ["web/model", "pudnet"],
  },
  "web/session": {
    owns: "signals that tie model, engine and store together: what is shown is a function of them",
    buildsOn: ["web/engine", "web/store", "web/texts.ts"],
  },
  "web/view": {
    owns: "components and CSS, one file a part of the page",
    buildsOn: ["web/session"],
  },
  "web/site": {
    owns: "beside the page: the service worker, icons, the manifest",
    buildsOn: [],
  },
  "web/main.tsx": {
    owns: "puts the page together",
    buildsOn: ["web/view", "web/site"],
  },
};

/**
 * All that a folder or file may import of the project.
 * @type {(name: string) => string[]}
 */
export function mayImport(name) {
  const buildsOn = IMPORT_RULES[name]?.buildsOn ?? []; // "pudnet" and "pudnet/*" are no rows
  return [...new Set(buildsOn.flatMap((below) => [below, ...mayImport(below)]))];
}

/** The linter's `overrides`: each folder or file says what it must not know. */
export function lintOverrides() {
  return Object.keys(IMPORT_RULES).map((name) => ({
    files: [isFile(name) ? name : `${name}/**`],
    rules: { "no-restricted-imports": ["error", { patterns: forbidden(name) }] },
  }));
}

function forbidden(name) {
  const { node, runtime, reexports } = IMPORT_RULES[name];
  const allowed = mayImport(name);
  const [root] = name.split("/");
  const beside = Object.keys(IMPORT_RULES)
    .filter((other) => other.startsWith(`${root}/`) && other !== name && !allowed.includes(other))
    .map((other) => other.slice(root.length + 1).replace(".", "\\."));
  const elsewhere = "^(\\.\\./)+(src|paper|web|test|bench|scripts)/";
  const patterns = [
    beside.length > 0 && `^${isFile(name) ? "\\./" : "(\\.\\./)+"}(${beside.join("|")})(/|$)`,
    elsewhere,
    !allowed.includes("pudnet") && "^pudnet$",
    !allowed.includes("pudnet/*") && "^pudnet/",
  ];
  const builds = `${name} builds on ${IMPORT_RULES[name].buildsOn.join(", ") || "nothing of the project"}`;
  return [
    ...patterns.filter(Boolean).map((regex) => ({ regex, message: `${builds}: see scripts/import-rules.mjs.` })),
    ...(node ? [] : [{ regex: "^node:", message: `node:* belongs to ${having("node").join(", ")}.` }]),
    ...(runtime
      ? []
      : [{ regex: "^(onnxruntime-|#)", message: `onnxruntime belongs to ${having("runtime").join(", ")}.` }]),
    ...(reexports ? [{ regex: "^[a-z@]", message: `${name} re-exports, nothing else.` }] : []),
  ];
}

/** The part of docs/architecture.md that is made of the rules. */
export function rulesTable() {
  const rows = Object.entries(IMPORT_RULES).map(
    ([name, { owns, buildsOn }]) => `| ${shown(name)} | ${owns} | ${buildsOn.map(shown).join(", ") || "nothing"} |`,
  );
  return [
    "<!-- import rules: `node scripts/import-rules.mjs --write` makes this of its table -->",
    "",
    "| folder | owns | builds on |",
    "|---|---|---|",
    ...rows,
    "",
    `\`node:*\` belongs to ${having("node").map(shown).join(", ")}; onnxruntime to ${having("runtime").map(shown).join(", ")}.`,
    "",
    "<!-- end of import rules -->",
  ].join("\n");
}

function having(key) {
  return Object.keys(IMPORT_RULES).filter((name) => IMPORT_RULES[name][key]);
}

function isFile(name) {
  return /\.tsx?$/.test(name);
}

function shown(name) {
  return `\`${isFile(name) || name.startsWith("pudnet") ? name : `${name}/`}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === "--write") {
  const page = new URL("../docs/architecture.md", import.meta.url);
  const text = readFileSync(page, "utf8");
  writeFileSync(page, text.replace(/<!-- import rules: [^]*<!-- end of import rules -->/, rulesTable));
}
