// Exported C as a program: pictures in, labels and scores out.

import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const noGcc = spawnSync("gcc", ["--version"]).status !== 0;

const main = (name: string, prefix: string): string => `#include <stdio.h>
#include "${name}.h"
static unsigned char rgb[3 * ${prefix.toUpperCase()}_SIDE * ${prefix.toUpperCase()}_SIDE];
static float scores[${prefix.toUpperCase()}_CLASSES];
int main(void) {
  for (int k = 0; k < ${prefix.toUpperCase()}_CLASSES; k++) printf("%s%c", ${prefix}_labels[k], 0);
  while (fread(rgb, sizeof rgb, 1, stdin) == 1) {
    printf("%d", ${prefix}_classify(rgb, scores));
    for (int k = 0; k < ${prefix.toUpperCase()}_CLASSES; k++) printf(" %.9g", scores[k]);
    printf(" %d\\n", ${prefix}_is_unknown());
  }
  return 0;
}
`;

/** Compiles it, warnings being errors and without a library of mathematics, and runs it on planes [n, 3, side, side]. */
export function compiledC(
  folder: string,
  name: string,
  { header, source }: { readonly header: string; readonly source: string },
  planes: Uint8Array,
  side: number,
): { labels: string[]; best: number[]; scores: number[][]; unknown: boolean[] } {
  const prefix = /(\w+)_classify/.exec(header)![1]!;
  for (const [file, text] of [
    [`${name}.h`, header],
    [`${name}.c`, source],
    ["main.c", main(name, prefix)],
  ] as const) {
    writeFileSync(join(folder, file), text);
  }
  const strict = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
  execFileSync("gcc", [...strict, "-o", "program", "main.c", `${name}.c`], { cwd: folder });
  const area = side * side;
  const rgb = planes.map((_, i) => {
    const [picture, rest] = [Math.floor(i / (3 * area)), i % (3 * area)];
    return planes[3 * area * picture + (rest % 3) * area + Math.floor(rest / 3)]!;
  });
  const said = execFileSync(join(folder, "program"), { input: rgb, encoding: "utf8", maxBuffer: 2 ** 28 });
  const parts = said.split("\0");
  const rows = parts
    .pop()!
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  return {
    labels: parts,
    best: rows.map(([best]) => best!),
    scores: rows.map((row) => row.slice(1, -1)),
    unknown: rows.map((row) => row.at(-1) === 1),
  };
}
