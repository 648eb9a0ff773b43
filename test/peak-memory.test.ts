import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { afterAll, expect, test } from "vitest";

const HELD = 300;
const source = join(import.meta.dirname, "peak-memory.ts");
const folder = mkdtempSync(join(tmpdir(), "pudnet-peak-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function moduleFile(): Promise<string> {
  const module = join(folder, "peak-memory.mjs");
  const { code } = await transformWithOxc(readFileSync(source, "utf8"), source);
  writeFileSync(module, code);
  return module;
}

/** Peak and what is resident, in MB, of a process that held as much and then does `then`. */
async function tellAfter(then: string): Promise<string> {
  const program = `let held = Buffer.alloc(${HELD} * 1e6, 1); held.at(0); held = undefined; ${then};
    await new Promise((resolve) => setTimeout(resolve, 100)); ${then};
    const { peakMegabytes } = await import(${JSON.stringify(await moduleFile())});
    console.log(peakMegabytes(), process.memoryUsage.rss() / 1e6);`;
  return execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program], { encoding: "utf8" });
}

/** What a process says that holds `own` megabytes, started by one that holds `parents`. */
async function peakOf({ own = 0, parents = 0 }): Promise<number> {
  const module = await moduleFile();
  const holding = (megabytes: number, after: string): string[] => [
    "--input-type=module",
    "-e",
    `const held = Buffer.alloc(${megabytes} * 1e6, 1); ${after}; held.at(0);`,
  ];
  const child = `console.log((await import(${JSON.stringify(module)})).peakMegabytes())`;
  const parent = `console.log((await import("node:child_process")).execFileSync(process.execPath, ${JSON.stringify(holding(own, child))}, { encoding: "utf8" }))`;
  return Number(execFileSync(process.execPath, holding(parents, parent), { encoding: "utf8" }));
}

test.skipIf(!existsSync("/proc/self/status"))(
  "what a parent holds is not its child's, what a process held is",
  async () => {
    expect(await peakOf({ parents: HELD })).toBeLessThan(HELD);
    expect(await peakOf({ own: HELD })).toBeGreaterThan(HELD);
  },
);

test("what was let go of counts, too", async () => {
  const [peak, rest] = (await tellAfter("globalThis.gc()")).split(" ").map(Number);
  expect(peak).toBeGreaterThan(HELD);
  expect(rest).toBeLessThan(HELD);
});
