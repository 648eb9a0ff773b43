import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { afterAll, expect, test } from "vitest";
import { peakMegabytes } from "./peak-memory.ts";

const HELD = 300;
const source = join(import.meta.dirname, "peak-memory.ts");
const folder = mkdtempSync(join(tmpdir(), "pudnet-peak-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a process says that holds `own` megabytes, started by one that holds `parents`. */
async function peakOf({ own = 0, parents = 0 }): Promise<number> {
  const module = join(folder, "peak-memory.mjs");
  const { code } = await transformWithOxc(readFileSync(source, "utf8"), source);
  writeFileSync(module, code);
  const holding = (megabytes: number, after: string): string[] => [
    "--input-type=module",
    "-e",
    `const held = Buffer.alloc(${megabytes} * 1e6, 1); ${after}; held.at(0);`,
  ];
  const child = `console.log((await import(${JSON.stringify(module)})).peakMegabytes())`;
  const parent = `console.log((await import("node:child_process")).execFileSync(process.execPath, ${JSON.stringify(holding(own, child))}, { encoding: "utf8" }))`;
  return Number(execFileSync(process.execPath, holding(parents, parent), { encoding: "utf8" }));
}

test("counts what a process held and let go of", () => {
  const before = peakMegabytes();
  Buffer.alloc(HELD * 1e6, 1);
  expect(peakMegabytes()).toBeGreaterThan(HELD);
  expect(peakMegabytes()).toBeGreaterThanOrEqual(before);
});

test.skipIf(!existsSync("/proc/self/status"))("what a parent holds is not its child's", async () => {
  expect(await peakOf({ parents: HELD })).toBeLessThan(HELD);
  expect(await peakOf({ own: HELD })).toBeGreaterThan(HELD);
});
