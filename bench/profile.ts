// Where the time of a step goes: every node that onnxruntime ran, by kind, with its arithmetic and the memory it moved.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../src/errors.ts";
import { groupedBy } from "../src/node/grouped-by.ts";
import { median } from "../src/statistics.ts";
import type { SessionOptions } from "../src/tensor/runtime.ts";
import { type Shape, sizeOf } from "../src/tensor/tree.ts";
import { peakGflops } from "./arithmetic.ts";
import type { Case } from "./cases.ts";
import { predictWork } from "./prediction.ts";
import { stepWork, type Work } from "./work.ts";

/** One node of one step, as onnxruntime tells it. */
export interface NodeRun {
  /** "Conv 3x3", "MatMul", ...: what rows are made of. */
  readonly kind: string;
  readonly microseconds: number;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
}

/** What all nodes of a kind (or of a kind and shape) take in one step. */
export interface ProfileRow {
  readonly kind: string;
  readonly nodes: number;
  readonly ms: number;
  /** Of the whole step. */
  readonly share: number;
  readonly gflop: number;
  readonly megabytes: number;
}

export interface Profile {
  /** From call to return, the profiler's own cost included. */
  readonly msPerStep: number;
  /** By falling time; the last is what lies between the nodes. */
  readonly rows: readonly ProfileRow[];
  /** Of a large product of matrices, in the same process: what this machine can do. */
  readonly peakGflops: number;
}

const WARM_UP = 1;

/** Profiles `calls` calls of a benchmark's work. `byShape` makes a row of each kind and shape. */
export async function profile(
  work: (options: SessionOptions) => Promise<Work>,
  { calls, byShape, ...options }: SessionOptions & { readonly calls: number; readonly byShape: boolean },
): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-profile-"));
  try {
    const done = await work({ ...options, profileTo: join(folder, "session") });
    for (let call = 0; call < WARM_UP + calls; call++) await done.call();
    await done.release(); // which writes the files
    const steps = calls * done.steps;
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
    const sessions = files.map((text) => afterWarmUp(JSON.parse(text) as TraceEvent[], WARM_UP / (WARM_UP + calls)));
    const msPerStep = sessions.reduce((sum, { microseconds }) => sum + microseconds, 0) / 1000 / steps;
    const rows = summed(
      sessions.flatMap(({ nodes }) => nodes),
      { steps, msPerStep, byShape },
    );
    return { msPerStep, rows, peakGflops: await peakGflops(options) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a case does again and again. @throws UserError for cases that do something once */
export function workOf(name: string, benchmark: Case): (options: SessionOptions) => Promise<Work> {
  if (benchmark.kind === "step") return (options) => stepWork(benchmark.work, benchmark.arch, options);
  if (benchmark.kind === "predict") return (options) => predictWork(benchmark.arch, benchmark.stems[0]!, options);
  throw new UserError(`"${name}" has no steps to be profiled`, {
    hint: "profile a step or a prediction, such as meta-step-convnet-3",
    exitCode: 2,
  });
}

/** Of the trace that onnxruntime writes. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds: beginning and duration. */
  readonly ts: number;
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, Shape>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, Shape>>[];
  };
}

/** Their nodes are told one by one besides. */
const WRAPPERS: readonly string[] = ["Loop", "Scan", "If"];

/** Medians over the calls stand for each of them: a call that something else interrupted says nothing about its nodes. */
function afterWarmUp(events: readonly TraceEvent[], warmUp: number): { nodes: NodeRun[]; microseconds: number } {
  const runs = events.filter(({ name }) => name === "model_run").toSorted((a, b) => a.ts - b.ts);
  const measured = runs.slice(Math.round(runs.length * warmUp));
  const from = measured[0]?.ts ?? Number.POSITIVE_INFINITY;
  const kernels = events
    .filter(({ cat, name, ts }) => cat === "Node" && name.endsWith("_kernel_time") && ts >= from)
    .filter(({ args }) => !WRAPPERS.includes(args.op_name ?? ""));
  const nodes = Array.from(groupedBy(kernels, ({ name }) => name).values()).flatMap((same) => {
    const typical = median(same.map(({ dur }) => dur));
    return same.map((event) => nodeRun({ ...event, dur: typical }));
  });
  return { nodes, microseconds: median(measured.map(({ dur }) => dur)) * measured.length };
}

function nodeRun({ dur, args }: TraceEvent): NodeRun {
  const shapes = (given: TraceEvent["args"]["input_type_shape"] = []) => given.flatMap((one) => Object.values(one));
  const [inputs, outputs] = [shapes(args.input_type_shape), shapes(args.output_type_shape)];
  return { kind: kindOf(args.op_name ?? "?", inputs), microseconds: dur, inputs, outputs };
}

/** @example kindOf("Conv", [[8, 64, 14, 14], [64, 64, 3, 3]]) // "Conv 3x3" */
function kindOf(op: string, [, weight]: readonly Shape[]): string {
  if (op !== "Conv" || weight === undefined) return op;
  return `Conv ${weight.slice(2).join("x")}${weight[1] === 1 ? " by channel" : ""}`;
}

function summed(
  nodes: readonly NodeRun[],
  { steps, msPerStep, byShape }: { steps: number; msPerStep: number; byShape: boolean },
): ProfileRow[] {
  const shapes = ({ inputs }: NodeRun): string => inputs.map((shape) => `[${shape.join(" ")}]`).join(" ");
  const groups = groupedBy(nodes, (node) => (byShape ? `${node.kind} ${shapes(node)}` : node.kind));
  const rows = Array.from(groups, ([kind, group]): ProfileRow => {
    const total = (of: (node: NodeRun) => number): number => group.reduce((sum, node) => sum + of(node), 0) / steps;
    const ms = total(({ microseconds }) => microseconds / 1000);
    const megabytes = total(({ inputs, outputs }) => [...inputs, ...outputs].reduce((sum, s) => sum + sizeOf(s), 0));
    return {
      kind,
      nodes: group.length / steps,
      ms,
      share: ms / msPerStep,
      gflop: total(flop) / 1e9,
      megabytes: (megabytes * 4) / 1e6,
    };
  }).toSorted((a, b) => b.ms - a.ms);
  const between = msPerStep - rows.reduce((sum, { ms }) => sum + ms, 0);
  return [
    ...rows,
    { kind: "between nodes", nodes: 0, ms: between, share: between / msPerStep, gflop: 0, megabytes: 0 },
  ];
}

const PRODUCTS: readonly string[] = ["MatMul", "FusedMatMul", "Gemm"];

/**
 * Multiplications and additions of convolutions and products; other nodes count none.
 * @example flop({ kind: "MatMul", microseconds: 1, inputs: [[2, 3], [3, 4]], outputs: [[2, 4]] }) // 48
 */
export function flop({ kind, inputs: [a = [], b = []], outputs: [out = []] }: NodeRun): number {
  if (kind.startsWith("Conv ")) return 2 * sizeOf(out) * sizeOf(b.slice(1));
  if (!PRODUCTS.includes(kind)) return 0;
  const batches = b.length > 2 ? sizeOf(out.slice(0, -2)) : 1;
  const inner = Math.sqrt((sizeOf(a) * sizeOf(b)) / (sizeOf(out) * batches)); // whichever side is transposed
  return 2 * sizeOf(out) * inner;
}
