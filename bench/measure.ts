// How each kind of benchmark is carried out: one function a kind, from its case to rows.

import type { BuildCase, Case, MemoryCase, PredictCase, StepCase } from "./cases.ts";
import { measureAgreement } from "./agreement.ts";
import { LAYOUTS, type LineChild, startOurs, startPeer } from "./children.ts";
import { type Contestant, interleave } from "./interleave.ts";
import { ratioColumns, round, type Row, row, timeColumns } from "./rows.ts";
import type { Settings } from "./settings.ts";

export function measure(name: string, found: Case, settings: Settings): Promise<Row[]> {
  switch (found.kind) {
    case "step":
      return measureStep(name, found, settings);
    case "predict":
      return measurePrediction(name, found, settings);
    case "memory":
      return measureMemory(name, found, settings);
    case "build":
      return measureBuild(name, found, settings);
    case "agree":
      return measureAgreement(name, found, settings);
  }
}

const SCRIPTS = { "train-step": "train_step.py", "meta-step": "meta_step.py" } as const;

async function measureStep(name: string, { work, arch, target }: StepCase, settings: Settings): Promise<Row[]> {
  const { blocks, threads, peers, onProgress } = settings;
  const children: [string, LineChild][] = [["ours", startOurs([work, arch, threads], { tuned: true })]];
  if ("python" in peers) {
    for (const layout of LAYOUTS) {
      const args = ["--arch", arch, "--layout", layout, "--threads", threads];
      children.push([layout, startPeer(peers, SCRIPTS[work], args)]);
    }
  }
  const times = await withChildren(children, async (contestants) =>
    interleave(contestants, blocks, (done) => onProgress(`${name}: block ${done} of ${blocks}`)),
  );
  const ours = times.get("ours")!;
  times.delete("ours");
  const base = { name, target: `${target} x the peer's speed`, ...timeColumns(ours) };
  if ("missing" in peers) return [row({ ...base, note: `no peer: ${peers.missing}` })];
  const compared = ratioColumns(ours, times);
  return [row({ ...base, ...compared, met: compared.ratio >= target })];
}

/** Waits until all children are ready, works with them, and ends them whatever happens. */
async function withChildren<T>(
  children: readonly (readonly [string, LineChild])[],
  work: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  try {
    const contestants: Contestant[] = [];
    for (const [name, child] of children) {
      const { steps = 1 } = await child.next();
      contestants.push({ name, child, steps: Number(steps) });
    }
    const result = await work(contestants);
    for (const [, child] of children) await child.close();
    return result;
  } finally {
    for (const [, child] of children) child.kill();
  }
}

/** A row for the weights and one for the classifier, per stem. */
async function measurePrediction(name: string, { arch, stems, target }: PredictCase, settings: Settings) {
  const { blocks, threads, onProgress } = settings;
  const rows: Row[] = [];
  for (const [i, stem] of stems.entries()) {
    const label = i === 0 ? name : `${name}-${stem.replace("+", "-")}`;
    const child = startOurs(["predict", arch, threads, stem], { tuned: false });
    const answers = await withChildren([[label, child]], async () => {
      onProgress(`${label}: ${blocks} predictions`);
      return (await child.ask(blocks + 1)).slice(1);
    });
    const weights = timeColumns(answers.map(({ ms }) => Number(ms)));
    const ready = timeColumns(answers.map(({ ready_ms: ms }) => Number(ms)));
    const note = `2,500 images 3x32x32, stem ${stem}`;
    rows.push(
      row({ name: label, target: `${target} ms`, ...weights, met: weights.median_ms! < target, note }),
      row({ name: `${label}-ready`, target: "", ...ready, note: `${note}; with batch norm fit and 10-shot centroids` }),
    );
  }
  return rows;
}

async function measureMemory(name: string, { arch, images, target }: MemoryCase, settings: Settings): Promise<Row[]> {
  const peaks: number[] = [];
  for (const count of images) {
    settings.onProgress(`${name}: ${count} images`);
    const child = startOurs(["memory", arch, settings.threads, count], { tuned: false });
    peaks.push(Number((await child.next())["peakMegabytes"]));
    await child.close();
  }
  const [few, many] = peaks as [number, number];
  const note = `peak ${few.toFixed(0)} MB for ${images[0]} images, ${many.toFixed(0)} MB for ${images[1]}`;
  const value = round(many - few);
  return [row({ name, n: 1, target: `${target} MB more`, value, unit: "MB", met: value < target, note })];
}

/** Each build in a fresh process: loading onnxruntime and probing the CPU are in it. */
async function measureBuild(name: string, { arch, target }: BuildCase, settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const work of ["train-step", "meta-step"]) {
    const label = work === "train-step" ? name : `${name}-${work}`;
    const times: number[] = [];
    for (let i = 0; i < settings.blocks; i++) {
      settings.onProgress(`${label}: ${i + 1} of ${settings.blocks}`);
      const child = startOurs([`build-${work}`, arch, settings.threads], { tuned: false });
      times.push(Number((await child.next())["ms"]));
      await child.close();
    }
    const columns = timeColumns(times);
    rows.push(
      row({
        name: label,
        target: `${target} ms`,
        ...columns,
        met: columns.median_ms! < target,
        note: "trace, gradients, lowering, loading",
      }),
    );
  }
  return rows;
}
