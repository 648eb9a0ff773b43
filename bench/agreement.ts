// Do both sides compute the same? The loss after 20 training steps from the same weights on the same batches of pictures.
// At Adam's usual rate nobody can tell: a gradient near zero decides by its sign, and after 20 steps of ResNet-18 PyTorch's
// own layouts differ by a third. At 1e-5 the loss falls as well (2.3 to 0.9) and rounding stays rounding; both are reported.

import { ADAM } from "../src/train/optimizer.ts";
import type { SupervisedProblem } from "../src/train/supervised-step.ts";
import type { AgreeCase } from "./cases.ts";
import { layouts, type Peers, startPeer } from "./children.ts";
import { trainProblem } from "./problems.ts";
import { type Row, row } from "./rows.ts";
import type { Settings } from "./settings.ts";
import { fromSameStart } from "./start.ts";

/** The loss is that of the step after these. */
const STEPS = 20;

/** The rate whose figure counts, and the one of the benchmarks, for the record. */
const RATES = [1e-5, 1e-3] as const;

export async function measureAgreement(name: string, { arch, target }: AgreeCase, settings: Settings): Promise<Row[]> {
  const base = { name, n: 1, target: `${target} relative`, unit: "relative" };
  if ("missing" in settings.peers) return [row({ ...base, n: 0, note: `no peer: ${settings.peers.missing}` })];
  const rows: Row[] = [];
  for (const rate of RATES) {
    const label = rate === RATES[0] ? name : `${name}-rate-${rate}`;
    settings.onProgress(`${label}: ${STEPS} steps on both sides`);
    const { ours, peers } = await losses(
      { ...trainProblem(arch), optimizer: { ...ADAM, learningRate: rate } },
      settings.peers,
      settings,
    );
    const toOurs = Math.max(...peers.map((loss) => Math.abs(ours / loss - 1)));
    const among = Math.max(...peers.flatMap((a) => peers.map((b) => Math.abs(a / b - 1))));
    const value = Number(toOurs.toPrecision(2)); // to the layout that is furthest away
    const all = layouts(settings.device)
      .map(([layout], i) => `${layout} ${peers[i]!.toPrecision(6)}`)
      .join(", ");
    const note = `Adam ${rate}: ours ${ours.toPrecision(6)}, PyTorch ${all}, which differ by up to ${among.toExponential(1)}`;
    const judged = rate === RATES[0] ? { met: value < target } : { target: "" };
    rows.push(row({ ...base, name: label, value, note, ...judged }));
  }
  return rows;
}

/** Our loss after the steps, and that of each layout of the peer. */
async function losses(problem: SupervisedProblem, peers: Peers, settings: Settings) {
  const { ours, peers: found } = await fromSameStart(problem, STEPS + 1, settings, async (file) => {
    const all: number[] = [];
    for (const [, layout] of layouts(settings.device)) {
      all.push(await peerLoss(peers, file, problem, [...layout, "--threads", settings.threads]));
    }
    return all;
  });
  return { ours: ours.at(-1)!, peers: found };
}

async function peerLoss(
  peers: Peers,
  file: string,
  { arch, optimizer: { learningRate } }: SupervisedProblem,
  how: readonly (string | number)[],
): Promise<number> {
  const run = ["--warm-up", 0, "--steps", STEPS + 1, "--json", "--losses", "--start", file, "--rate", learningRate];
  const args = ["--arch", arch.name, ...how, ...run];
  const child = startPeer(peers, "train_step.py", args);
  try {
    await child.next(); // ready
    let loss = Number.NaN;
    for (let step = 0; step <= STEPS; step++) loss = Number((await child.next())["loss"]);
    await child.close();
    return loss;
  } finally {
    child.kill();
  }
}
