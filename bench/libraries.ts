// The training step of ConvNet-3 beside JavaScript libraries in Node, after a check that they compute the same.

import { UserError } from "../src/errors.ts";
import { ADAM } from "../src/train/optimizer.ts";
import type { LibraryCase } from "./cases.ts";
import { type LineChild, startLibrary, startOurs } from "./children.ts";
import { interleave } from "./interleave.ts";
import { trainProblem } from "./problems.ts";
import { ratioColumns, round, type Row, row, timeColumns } from "./rows.ts";
import type { Settings } from "./settings.ts";
import { fromSameStart } from "./start.ts";

/** Of each way of a library, from the same weights on the same pictures; the loss of the last of them is compared. */
const CHECKED_STEPS = 3;
/** Of Adam, on both sides: at 1e-3 rounding would hide mistakes (agreement.ts); it changes no time. */
const RATE = 1e-5;
/** Relative. */
const TOLERANCE = 1e-4;
/** For the checked steps of a way, and then for all blocks of the fastest one. */
const LIMIT_MINUTES = 6;
const LIMIT_MS = LIMIT_MINUTES * 60_000;
/** In a block of `interleave`, the dropped one included. */
const STEPS_PER_BLOCK = 9;

/** A way that computes the same, still running, and what its last checked step took. */
interface Checked {
  readonly way: string;
  readonly child: LineChild;
  readonly ms: number;
  readonly version: string;
  readonly loss: number;
}

/** The fastest way that computes the same beside ours; what became of the others stands in the note. */
export async function measureLibrary(name: string, found: LibraryCase, settings: Settings): Promise<Row[]> {
  const { libraries, device } = settings;
  if (libraries.missing) return [row({ name, n: 0, target: "", note: `no peer: ${libraries.missing}` })];
  if (device !== "cpu")
    return [row({ name, n: 0, target: "", note: "in Node, the libraries compute on the CPU alone" })];
  const problem = { ...trainProblem("convnet-3"), optimizer: { ...ADAM, learningRate: RATE } };
  const { peers } = await fromSameStart(problem, CHECKED_STEPS, settings, (file, ours) =>
    compare(name, found, file, ours.at(-1)!, settings),
  );
  return [peers];
}

async function compare(
  name: string,
  { library, ways }: LibraryCase,
  file: string,
  expected: number,
  settings: Settings,
): Promise<Row> {
  const { threads, onProgress } = settings;
  const notes: string[] = [];
  let best: Checked | undefined;
  const ours = startOurs(["train-step", "convnet-3", "cpu", threads], { tuned: true });
  try {
    await ours.next();
    for (const way of ways) {
      onProgress(`${name}: ${CHECKED_STEPS} steps of ${library} ${way}`);
      const checked = await check(library, way, file, expected);
      if ("fault" in checked) {
        notes.push(`${way}: ${checked.fault}`);
        continue;
      }
      const [faster, slower] = best && best.ms <= checked.ms ? [best, checked] : [checked, best];
      best = faster;
      slower?.child.kill();
      if (slower) notes.push(`${slower.way}: ${round(slower.ms)} ms, one step`);
    }
    if (!best) return row({ name, n: 0, target: "", note: `no peer: ${notes.join("; ")}` });
    const { way, child, version, loss } = best;
    const blocks = Math.min(settings.blocks, Math.max(1, Math.floor(LIMIT_MS / (STEPS_PER_BLOCK * best.ms))));
    const contestants = [
      { name: "ours", child: ours, steps: 1 },
      { name: `${library} ${way}`, child, steps: 1 },
    ];
    const times = await interleave(contestants, blocks, (done) => onProgress(`${name}: block ${done} of ${blocks}`));
    const own = times.get("ours")!;
    times.delete("ours");
    const same = `loss in step ${CHECKED_STEPS}: ours ${expected.toPrecision(6)}, ${way} ${loss.toPrecision(6)}`;
    const note = [`${library} ${version} in Node, one thread`, same, ...notes].join("; ");
    return row({ name, target: "", ...timeColumns(own), ...ratioColumns(own, times), note });
  } finally {
    ours.kill();
    best?.child.kill();
  }
}

/** The way at work, or why it cannot be compared with. */
async function check(
  library: string,
  way: string,
  file: string,
  expected: number,
): Promise<Checked | { readonly fault: string }> {
  const child = startLibrary(library, ["--way", way, "--start", file, "--rate", RATE]);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill();
  }, LIMIT_MS);
  try {
    const { version } = await child.next();
    const { ms, loss } = (await child.ask(CHECKED_STEPS)).at(-1)!;
    const checked = { way, child, ms: Number(ms), version: String(version), loss: Number(loss) };
    if (Math.abs(checked.loss / expected - 1) < TOLERANCE) return checked;
    child.kill();
    return { fault: `another loss in step ${CHECKED_STEPS}, ${checked.loss} instead of ${expected}` };
  } catch (error) {
    child.kill();
    if (!(error instanceof UserError)) throw error;
    if (late) return { fault: `fewer than ${CHECKED_STEPS} steps in ${LIMIT_MINUTES} minutes` };
    return { fault: error.message.split("\n").find((line) => line.includes("Error")) ?? error.message };
  } finally {
    clearTimeout(timer);
  }
}
