// How each kind of benchmark is carried out: one function a kind, from its case to rows.

import { UserError } from "../src/errors.ts";
import type { BuildCase, Case, GroupsCase, MemoryCase, PredictCase, StepCase } from "./cases.ts";
import { measureAgreement } from "./agreement.ts";
import { layouts, type LineChild, type Peers, startOurs, startPeer } from "./children.ts";
import { type Contestant, interleave } from "./interleave.ts";
import { measureLibrary } from "./libraries.ts";
import { ratioColumns, round, type Row, row, timeColumns } from "./rows.ts";
import type { Settings } from "./settings.ts";
import { measureWhole } from "./whole.ts";

export function measure(name: string, found: Case, settings: Settings): Promise<Row[]> {
  switch (found.kind) {
    case "step":
      return measureStep(name, found, settings);
    case "groups":
      return measureGroups(name, found, settings);
    case "library":
      return measureLibrary(name, found, settings);
    case "predict":
      return measurePrediction(name, found, settings);
    case "memory":
      return measureMemory(name, found, settings);
    case "build":
      return measureBuild(name, found, settings);
    case "agree":
      return measureAgreement(name, found, settings);
    case "whole":
      return measureWhole(name, found, settings);
  }
}

const SCRIPTS = { "train-step": "train_step.py", "meta-step": "meta_step.py" } as const;

async function measureStep(name: string, { work, arch, target }: StepCase, settings: Settings): Promise<Row[]> {
  const { blocks, device, threads, peers, onProgress } = settings;
  const children: [string, LineChild][] = [["ours", startOurs([work, arch, device, threads], { tuned: true })]];
  if ("python" in peers) {
    for (const [layout, how] of layouts(device)) {
      children.push([layout, startPeer(peers, SCRIPTS[work], ["--arch", arch, ...how, "--threads", threads])]);
    }
  }
  onProgress(`${name}: starting ${children.length} processes`);
  const { times, lost } = await withChildren(children, async (contestants) =>
    interleave(contestants, blocks, (done) => onProgress(`${name}: block ${done} of ${blocks}`)),
  );
  const ours = times.get("ours")!;
  times.delete("ours");
  const base = { name, target: `${target} x the peer's speed`, ...timeColumns(ours) };
  if ("missing" in peers) return [row({ ...base, note: `no peer: ${peers.missing}` })];
  if (times.size === 0) return [row({ ...base, note: `no peer: ${lost}` })];
  const compared = ratioColumns(ours, times);
  const others = [...times].map(([layout, ms]) => `${layout} ${timeColumns(ms).median_ms}`).join(", ");
  return [row({ ...base, ...compared, met: compared.ratio >= target, note: `PyTorch, ms: ${others}${lost}` })];
}

/** The peer's single process in all its layouts, and as many of one thread as ours has, which share nothing. */
async function measureGroups(
  name: string,
  { arch, perThread = 1, localSteps, targets }: GroupsCase,
  settings: Settings,
): Promise<Row[]> {
  const { blocks, device, threads, peers, onProgress } = settings;
  if (device !== "cpu")
    return [row({ name, n: 0, target: "", note: "groups are shared by processes on the CPU alone" })];
  const children: [string, LineChild][] = [
    ["ours", startOurs(["groups", arch, "cpu", threads, perThread, localSteps], { tuned: true })],
  ];
  const peer = (how: readonly string[], count: number): LineChild =>
    startPeer(peers as Peers, SCRIPTS["meta-step"], ["--arch", arch, ...how, "--threads", count], {
      isPinned: count > 1,
    });
  if ("python" in peers) {
    for (const [layout, how] of layouts("cpu")) {
      children.push([layout, peer(how, threads)]);
      for (let i = 0; i < threads; i++) children.push([`${layout} ${i}`, peer(how, 1)]);
    }
  }
  onProgress(`${name}: starting ${children.length} processes`);
  const { times, lost } = await withChildren(children, async (ready) => {
    const alone = ready.filter((one) => !/ \d+$/.test(one.name));
    const together = layouts("cpu").flatMap(([layout]) => {
      const parts = ready.filter((one) => one.name.startsWith(`${layout} `));
      return parts.length === threads ? [sideBySide(`${threads} x ${layout}`, parts)] : [];
    });
    return interleave([...alone, ...together], blocks, (done) => onProgress(`${name}: block ${done} of ${blocks}`));
  });
  const ours = times.get("ours")!;
  times.delete("ours");
  const note = `milliseconds a group; ${threads * perThread} groups a step, ${localSteps === 1 ? "gradients averaged" : `states averaged after ${localSteps} local steps`}`;
  const base = { ...timeColumns(ours), note: note + lost };
  if (times.size === 0) return [row({ name, target: "", ...base, note: `${note}; no peer` })];
  const [single, together] = [false, true].map(
    (isTogether) => new Map([...times].filter(([layout]) => layout.includes(" x ") === isTogether)),
  );
  return [
    compareGroups(name, targets[0], base, single!, ours),
    compareGroups(`${name}-arrangement`, targets[1], base, together!, ours),
  ];
}

function compareGroups(
  name: string,
  target: number,
  own: Pick<Row, "n" | "note"> & Partial<Row>,
  others: ReadonlyMap<string, readonly number[]>,
  ours: readonly number[],
): Row {
  const compared = ratioColumns(ours, others);
  const all = [...others].map(([layout, ms]) => `${layout} ${timeColumns(ms).median_ms}`).join(", ");
  const note = `${own.note}. PyTorch, ms: ${all}`;
  return row({
    ...own,
    ...compared,
    name,
    target: `${target} x the peer's speed`,
    met: compared.ratio >= target,
    note,
  });
}

/** Processes that compute at the same time: of each call, the mean time of a group. */
function sideBySide(name: string, parts: readonly Contestant[]): Contestant {
  const ask = async (count: number) => {
    const answers = await Promise.all(parts.map(({ child }) => child.ask(count)));
    return Array.from({ length: count }, (_, i) => {
      const total = answers.reduce((sum, of) => sum + Number(of[i]!["ms"]), 0);
      return { ms: total / parts.length ** 2 };
    });
  };
  return { name, child: { ask }, steps: parts.reduce((sum, { steps }) => sum + steps, 0) };
}

/**
 * Waits until all children are ready, works with them, and ends them whatever happens. A peer that cannot start (a torch
 * without that layout or without a compiler) is left out: `lost` says which and why.
 */
async function withChildren<T>(
  children: readonly (readonly [string, LineChild])[],
  work: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<{ readonly times: T; readonly lost: string }> {
  let lost = "";
  try {
    const contestants: Contestant[] = [];
    for (const [i, [name, child]] of children.entries()) {
      try {
        const { steps = 1 } = await child.next();
        contestants.push({ name, child, steps: Number(steps) });
      } catch (error) {
        if (i === 0 || !(error instanceof UserError)) throw error; // ours
        lost += `; without ${name}: ${error.message.split("\n").at(-1)}`;
      }
    }
    const times = await work(contestants);
    for (const [, child] of children) await child.close();
    return { times, lost };
  } finally {
    for (const [, child] of children) child.kill();
  }
}

/** A row for the weights, beside the peer where there is one, and one for the classifier, per stem. */
async function measurePrediction(name: string, { arch, stems, target, readyTargets }: PredictCase, settings: Settings) {
  const { blocks, device, threads, peers, onProgress } = settings;
  const rows: Row[] = [];
  for (const [i, stem] of stems.entries()) {
    const label = i === 0 ? name : `${name}-${stem.replace("+", "-")}`;
    const readyTarget = readyTargets[i];
    const child = startOurs(["predict", arch, device, threads, stem], { tuned: false });
    const children: [string, LineChild][] = [["ours", child]];
    if ("python" in peers) {
      for (const [layout, how] of layouts(device)) {
        const args = ["--arch", arch, "--stem", stem, ...how, "--threads", threads];
        children.push([layout, startPeer(peers, "predict.py", args)]);
      }
    }
    const [ready, closed]: number[][] = [[], []];
    const { times, lost } = await withChildren(children, async (contestants) => {
      const all = new Map<string, number[]>(contestants.map((one) => [one.name, []]));
      for (let block = 0; block < blocks; block++) {
        onProgress(`${label}: prediction ${block + 1} of ${blocks}`);
        for (const contestant of contestants) {
          const [, answer] = await contestant.child.ask(2); // the first finds the caches emptied
          all.get(contestant.name)!.push(Number(answer!["ms"]));
          if (contestant.name !== "ours") continue;
          ready!.push(Number(answer!["ready_ms"]));
          closed!.push(Number(answer!["closed_form_ms"]));
        }
      }
      return all;
    });
    // alone, when all others are gone: while they start or compute, no rate is that of the machine
    const floor = startOurs(["floor", arch, device, threads, stem], { tuned: false });
    const floorMs = Number((await floor.next())["floor_ms"]);
    await floor.close();
    const ours = times.get("ours")!;
    times.delete("ours");
    const weights = timeColumns(ours);
    const compared = times.size > 0 ? ratioColumns(ours, times) : {};
    const note = `2,500 images 3x32x32, stem ${stem}`;
    rows.push(
      row({
        name: label,
        target: `${target} ms`,
        ...weights,
        ...compared,
        met: weights.median_ms! < target,
        note: note + lost,
      }),
      row({
        name: `${label}-ready`,
        target: readyTarget === undefined ? "" : `${readyTarget} ms`,
        ...timeColumns(ready!),
        ...(readyTarget === undefined ? {} : { met: timeColumns(ready!).median_ms! <= readyTarget }),
        note: `${note}; with batch norm fit and 10-shot centroids`,
      }),
      closedFormRow(`${label}-closed-form`, closed!, floorMs, note),
    );
  }
  return rows;
}

/** Times the arithmetic alone, and not slower than so. */
const MOST_FLOORS = 1.7;

function closedFormRow(name: string, ms: readonly number[], floorMs: number, note: string): Row {
  const compared = ratioColumns(ms, new Map([["arithmetic", ms.map(() => floorMs)]]));
  const target = `${MOST_FLOORS} x its arithmetic at most`;
  const met = compared.ratio >= 1 / MOST_FLOORS;
  return row({
    name,
    target,
    ...timeColumns(ms),
    ...compared,
    met,
    note: `${note}; batch norm fit, features of all, ridge regression on all labels; beside the same arithmetic at the rate of large products or convolutions, measured once`,
  });
}

async function measureMemory(name: string, { arch, images, target }: MemoryCase, settings: Settings): Promise<Row[]> {
  const peaks: number[] = [];
  for (const count of images) {
    settings.onProgress(`${name}: ${count} images`);
    const child = startOurs(["memory", arch, settings.device, settings.threads, count], { tuned: false });
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
      const child = startOurs([`build-${work}`, arch, settings.device, settings.threads], { tuned: false });
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
