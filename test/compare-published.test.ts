// scripts/compare-published.mjs on small made-up checkouts: what it calls a difference, and what it lets through.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";

const SCRIPT = join(import.meta.dirname, "../scripts/compare-published.mjs");
const folder = mkdtempSync(join(tmpdir(), "pudnet-published-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PUBLISHED = {
  "README.md": "# A\n\nIt has 73.5 %,\n\nin 12.5 ms on 2 cores.\n",
  "reproduce/README.md": "Nothing is 3 here.\n\n- Pages made on a machine with 2 cores\n",
  "reproduce/table-1/README.md": [
    "## Fashion-set\n",
    "| method | here, % | groups |",
    "| --- | ---: | ---: |",
    "| *of the paper* |  |  |",
    "| Pretrained | **95.82 ± 0.13** | 500 |",
    "| *stronger recipe* |  |  |",
    "| Pretrained | 94.34 ± 0.15 | 500 |\n",
  ].join("\n"),
  "reproduce/results.csv": [
    "experiment,cell,recipe,accuracy,ci95,seconds,test_groups,train_groups,paper",
    'table-1,set/pretrained,"Adam, 6 epochs",95.82,0.13,,500,,',
    'table-1,set/pudnet-swapped,"Adam, 6 epochs",73.48,0.66,0.07,500,24000,64.09\n',
  ].join("\n"),
  "reproduce/figure-1/sets.csv": "dataset,loss\nFashion-MNIST,0.277\n",
  "reproduce/figure-7/curves.csv": "source,network,step\nFashion-set,pudnet-d09ac7f9e0,50\n",
  "reproduce/figure-5/figure.svg": '<svg><text x="1.5">here</text></svg>\n',
};
const NOTHING = "7 files, 0 differences, and 0 that are listed with a reason";
type Page = keyof typeof PUBLISHED;

/** What the script says of PUBLISHED and the same with a text replaced, its last line first. */
function compared(page?: Page, was = "", is = ""): { readonly code: number | null; readonly lines: string[] } {
  const [before, after] = [write("before", PUBLISHED), write("after", PUBLISHED)];
  if (page !== undefined) {
    expect(PUBLISHED[page]).toContain(was);
    writeFileSync(join(after, page), PUBLISHED[page].replace(was, is));
  }
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, before, after], { encoding: "utf8" });
  return { code: status, lines: stdout.trimEnd().split("\n").toReversed() };
}

function write(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

it("finds nothing where nothing has changed", () => {
  expect(compared()).toEqual({ code: 0, lines: [NOTHING] });
});

it.each<[Page, string, string]>([
  ["README.md", "It has 73.5 %,\n\nin 12.5 ms", "In 12.5 ms on 2 cores it has"], // a number is gone
  ["README.md", "73.5", "73.6"],
  ["reproduce/README.md", "3 here", "4 here"],
  ["reproduce/table-1/README.md", "94.34", "94.35"],
  ["reproduce/table-1/README.md", "± 0.15", ""],
  ["reproduce/table-1/README.md", "Pretrained | 94.34", "ProtoNet | 94.34"],
  ["reproduce/table-1/README.md", "| Pretrained | 94.34 ± 0.15 | 500 |\n", ""],
  ["reproduce/results.csv", "73.48", "73.49"],
  ["reproduce/results.csv", "95.82,0.13", ",0.13"],
  ["reproduce/results.csv", "set/pretrained", "set/protonet"],
  ["reproduce/results.csv", 'table-1,set/pretrained,"Adam, 6 epochs",95.82,0.13,,500,,\n', ""],
  ["reproduce/figure-1/sets.csv", "0.277", "0.278"],
  ["reproduce/figure-7/curves.csv", "50", "51"],
  ["reproduce/figure-5/figure.svg", "1.5", "1.6"],
])("finds what changed in %s: %j", (page, was, is) => {
  const { code, lines } = compared(page, was, is);
  expect(code).toBe(1);
  expect(lines[0]).not.toContain(" 0 differences");
  expect(lines.at(-1)).toContain(`${page}: `);
});

it("says where, what was there and what is", () => {
  expect(compared("reproduce/table-1/README.md", "94.34", "94.35").lines.toReversed()).toEqual([
    "reproduce/table-1/README.md: Fashion-set / stronger recipe / Pretrained, here, %",
    "  before: 94.34 0.15",
    "  after:  94.35 0.15",
    "7 files, 1 differences, and 0 that are listed with a reason",
  ]);
});

it.each<[Page, string, string]>([
  ["README.md", "It has 73.5 %,\n\nin 12.5", "Of hundred\n73.5\n\n- after 12.5"], // words and lines
  ["reproduce/README.md", "with 2 cores", "with 7 cores"],
  ["reproduce/table-1/README.md", "**95.82 ± 0.13**", "95.82 ± 0.13"],
  ["reproduce/results.csv", "pudnet-swapped", "pudnet-wrong-sketch"],
  ["reproduce/results.csv", "Adam, 6 epochs", "six epochs of Adam"],
  ["reproduce/figure-7/curves.csv", "d09ac7f9e0", "0123456789"],
  ["reproduce/figure-5/figure.svg", "here", "there"],
])("lets through in %s: %j", (page, was, is) => {
  expect(compared(page, was, is)).toEqual({ code: 0, lines: [expect.stringMatching(/^7 files, 0 differences, /)] });
});
