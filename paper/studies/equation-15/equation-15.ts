// Equation 15 in numbers: optimal parameters of a logistic model follow the data along the paper's differential equation.

import { existsSync } from "node:fs";
import { FormatError } from "pudnet/engine";
import {
  blocks,
  csvText,
  groupedBy,
  makeFolder,
  markdownTable,
  parseTable,
  pointsFigure,
  readText,
  writeFileAtomic,
} from "pudnet/files";
import { flowProblem, parameterFlow } from "./parameter-flow.ts";
import type { Study } from "../study.ts";
import type { Store } from "../../store/store.ts";
import { REPRODUCE } from "../../command.ts";

const ID = "equation-15";
const TITLE = "Equation 15: parameters follow the data";
const COLUMNS = {
  integrator: ["euler", "midpoint"],
  steps: "number",
  error: "number",
  order: "number or empty",
  "expected order": "digits",
} as const;
const SEED = 0;
const NAMES: Readonly<Record<string, string>> = { euler: "Euler", midpoint: "midpoint" };

const WHAT =
  "Equations 12 to 15 of the paper, as we read them, say that optimal parameters θ\\*(D) change with the data " +
  "D along a differential equation. Here that is tried where everything can be computed: a logistic model of two parameters on 200 points with a small weight " +
  "decay, and a second data set that is the first one turned, stretched and with noise of its own. Starting from θ\\*(D1), " +
  "equation 15 is integrated to D2 in equal steps, and what it arrives at is compared with θ\\*(D2) as Newton's method finds it.";
const LIMITS =
  "So equation 15 holds where the loss has one minimum. It says nothing of ConvNets: their losses have many " +
  "minima, and training stops before any; nor does PudNet integrate this equation, it learns a map from data to weights.";

interface Row {
  readonly integrator: string;
  readonly steps: number;
  readonly error: number;
  /** NaN in an integrator's first row. */
  readonly order: number;
  readonly expectedOrder: string;
}

export const equation15: Study = {
  title: TITLE,
  async run(store) {
    const { rows } = parameterFlow(flowProblem(SEED));
    const digits = (value: number | undefined) => (value === undefined ? undefined : Number(value.toPrecision(6)));
    await makeFolder(store.path(ID));
    await writeFileAtomic(
      csvPath(store),
      csvText([
        Object.keys(COLUMNS),
        ...rows.map((row) => [row.integrator, row.steps, digits(row.error), digits(row.order), row.expectedOrder]),
      ]),
    );
  },
  async page(store, budget) {
    const file = csvPath(store);
    if (!existsSync(file)) return undefined;
    const hint = `delete the file, and \`${REPRODUCE} ${ID}\` makes it anew`;
    const rows = parseTable(await readText(file), file, COLUMNS, hint).map(
      ({ "expected order": expectedOrder, order = Number.NaN, ...row }): Row => ({ ...row, order, expectedOrder }),
    );
    const wrong = rows.findIndex(({ steps, error }) => !(steps >= 1 && error > 0));
    if (wrong >= 0) throw new FormatError(file, `row ${wrong + 1}: steps and error must be above 0`, { hint });
    if (rows.length === 0) return undefined;
    for (const [integrator, ofIt] of groupedBy(rows, (row) => row.integrator)) {
      if (!Number.isNaN(ofIt.at(-1)!.order)) continue;
      throw new FormatError(file, `it ends before the order of ${integrator} is known`, { hint });
    }
    const headline = blocks(`![${TITLE}](${ID}/figure.svg)`, verdict(rows));
    const readme = blocks(
      `# ${TITLE}`,
      verdict(rows),
      `![${TITLE}](figure.svg)`,
      errorTable(rows),
      "## Notes",
      WHAT,
      LIMITS,
      `Seed ${SEED}. \`${REPRODUCE} ${ID} --budget ${budget.name}\` makes this page; the same numbers with more digits as [CSV](errors.csv).`,
    );
    return { headline, files: { "README.md": `${readme}\n`, "figure.svg": figureOf(rows) } };
  },
};

function csvPath(store: Store): string {
  return store.path(ID, "errors.csv");
}

/** The last row of each integrator in words. */
function verdict(rows: readonly Row[]): string {
  const parts = Array.from(
    groupedBy(rows, ({ integrator }) => integrator),
    ([integrator, ofIt]) => {
      const { steps, error, order, expectedOrder } = ofIt.at(-1)!;
      return (
        `after ${steps} ${NAMES[integrator] ?? integrator} steps the error is ${rounded(error, 2)}, ` +
        `falling with order ${order.toFixed(2)} (theory: ${expectedOrder})`
      );
    },
  );
  return `Integrating equation 15 leads from θ\\*(D1) to θ\\*(D2): ${parts.join("; ")}.`;
}

const rounded = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

function errorTable(rows: readonly Row[]): string {
  const right = (name: string) => ({ name, align: "right" as const });
  return markdownTable(
    [{ name: "integrator" }, right("steps"), right("distance to θ\\*(D2)"), right("order"), right("order in theory")],
    rows.map(({ integrator, steps, error, order, expectedOrder }) => [
      NAMES[integrator] ?? integrator,
      String(steps),
      rounded(error, 3),
      Number.isNaN(order) ? "" : order.toFixed(2),
      expectedOrder,
    ]),
  );
}

function figureOf(rows: readonly Row[]): string {
  const series = Array.from(
    groupedBy(rows, ({ integrator }) => integrator),
    ([integrator, ofIt]) => ({
      name: NAMES[integrator] ?? integrator,
      points: ofIt.map(({ steps, error }) => ({ x: steps, y: error })),
    }),
  );
  const yLabel = "distance to the optimal parameters";
  return pointsFigure({ title: TITLE, xLabel: "integration steps", yLabel, series, isLog: true, isLogY: true });
}
