// What is simulated from a measurement: the measurement itself, and more workers on machines apart. A table for people.

import { type Column, tableHead, tableLine, tableRow } from "../../src/report/progress-table.ts";
import { median } from "../../src/statistics.ts";
import { BUDGETS } from "../../paper/recipes/budgets.ts";
import { TABLES } from "../../paper/tables/tables.ts";
import { distinct } from "../../paper/store/run.ts";
import { parcelsOf } from "../../paper/queue/parcels.ts";
import { passes } from "../../paper/queue/passes.ts";
import { networksOf } from "../../paper/queue/store-files.ts";
import type { QueueMeasurement } from "./measurement.ts";
import { type CellsFigures, simulateCells, simulateRound, type TrainingFigures } from "./simulation.ts";

/** A network of 10 Gbit/s between machines and the Redis, which moves no more than it was measured to. */
const NETWORK = { bytesPerSecond: 1.25e9, latency: 5e-4 };
const MANY = [8, 64, 512];
/** Parcels, or groups a step, for each worker. */
const [PARCELS_EACH, SLOTS_EACH] = [20, 1];
/** Weights of a ResNet-18 beside those of ConvNet-3, in whose bytes networks are counted. */
const RESNET_WEIGHTS = 38;

export interface SimulatedRow {
  readonly what: string;
  readonly workers: number;
  readonly seconds: number;
  readonly efficiency: number;
  /** What was measured of the same. */
  readonly measured?: { readonly seconds: number; readonly efficiency: number };
}

/** Everything that is simulated from a measurement. */
export function simulated({ link, cells, training }: QueueMeasurement): SimulatedRow[] {
  const apart = { ...NETWORK, bytesPerSecond: Math.min(link.bytesPerSecond, NETWORK.bytesPerSecond) };
  const one = { seconds: median(cells.seconds.one) };
  const slower = { ...cells.figures, parcels: slowed(cells.figures.parcels, cells.slowdown) };
  const rows: SimulatedRow[] = [
    { what: "cells", ...simulateCells(cells.figures, link, 1), measured: { ...one, efficiency: 1 } },
    here("cells", 2, simulateCells(slower, link, 2).seconds, simulateCells(cells.figures, link, 1).seconds, {
      one: one.seconds,
      two: median(cells.seconds.two),
    }),
    ...MANY.map((workers) => ({
      what: `cells, ${PARCELS_EACH} parcels a worker`,
      ...simulateCells(repeated(cells.figures, PARCELS_EACH * workers), apart, workers),
    })),
    ...MANY.map((workers) => ({
      what: "all --budget cpu",
      ...simulateCells(allCells(cells), apart, workers),
    })),
  ];
  for (const { arch, localSteps, slots, figures, slowdown, seconds } of training) {
    const what = `${arch}, localSteps ${localSteps}`;
    const oneHere = simulateRound(figures, link, slots, 1);
    const slow = { ...figures, slot: figures.slot * slowdown };
    const measured = { one: median(seconds.one), two: median(seconds.two) };
    rows.push(
      { what, ...oneHere, measured: { seconds: measured.one, efficiency: 1 } },
      here(what, 2, simulateRound(slow, link, slots, 2).seconds, oneHere.seconds, measured),
      ...MANY.map((workers) => ({
        what: `${what}, a group a worker`,
        ...simulateRound(figures, apart, SLOTS_EACH * workers, workers),
      })),
      ...MANY.map((workers) => ({
        what: `${arch}, localSteps ${100 * localSteps}, a group a worker`,
        ...simulateRound(longer(figures, 100), apart, SLOTS_EACH * workers, workers),
      })),
    );
  }
  return rows;
}

/** Two workers of one machine take from each other what `slowdown` says; the efficiency is that beside one alone. */
function here(
  what: string,
  workers: number,
  seconds: number,
  alone: number,
  measured: { readonly one: number; readonly two: number },
): SimulatedRow {
  const { one, two } = measured;
  const efficiency = alone / (workers * seconds);
  return { what, workers, seconds, efficiency, measured: { seconds: two, efficiency: one / (workers * two) } };
}

const slowed = (parcels: CellsFigures["parcels"], by: number): CellsFigures["parcels"] =>
  parcels.map((parcel) => ({ ...parcel, seconds: parcel.seconds * by }));

function repeated(figures: CellsFigures, count: number): CellsFigures {
  const { parcels } = figures;
  return { ...figures, parcels: Array.from({ length: count }, (_, i) => parcels[i % parcels.length]!) };
}

/** All cells of the budget of some hours, at the pace that the measured parcels were made at; their true times differ by some. */
function allCells({ figures, passesEach }: QueueMeasurement["cells"]): CellsFigures {
  const { seconds, bytes } = figures.parcels[0]!;
  const cells = Object.values(TABLES)
    .flatMap((make) => make(BUDGETS.cpu).cells)
    .filter(({ missing }) => missing === undefined);
  const parcels = parcelsOf(distinct(cells)).map((parcel) => ({
    seconds: (seconds / passesEach) * passes(parcel.map(({ recipe }) => recipe)),
    bytes: Array.from(
      networksOf(parcel).keys(),
      (name) => (name.includes("resnet") ? RESNET_WEIGHTS : 1) * bytes,
    ).reduce((sum, one) => sum + one, 1),
  }));
  return { ...figures, parcels };
}

/** So many times the local steps: as many times the arithmetic and the pictures. */
function longer(figures: TrainingFigures, times: number): TrainingFigures {
  const { slot, bytes } = figures;
  return { ...figures, slot: times * slot, bytes: { ...bytes, pictures: times * bytes.pictures } };
}

const COLUMNS: readonly Column[] = [
  { name: "simulated", kind: "text", width: 46 },
  { name: "workers", kind: "text", width: 7 },
  { name: "seconds", kind: "text", width: 10 },
  { name: "measured", kind: "text", width: 10 },
  { name: "efficiency", kind: "text", width: 10 },
  { name: "measured ", kind: "text", width: 10 },
];

export function simulatedTable(rows: readonly SimulatedRow[]): string {
  const text = (value: number | undefined): string => (value === undefined ? "" : value.toPrecision(4));
  const share = (value: number | undefined): string => (value === undefined ? "" : `${(100 * value).toFixed(1)} %`);
  const lines = rows.map(({ what, workers, seconds, efficiency, measured }) =>
    tableRow(COLUMNS, {
      simulated: what,
      workers: String(workers),
      seconds: text(seconds),
      measured: text(measured?.seconds),
      efficiency: share(efficiency),
      "measured ": share(measured?.efficiency),
    }),
  );
  return [...tableHead(COLUMNS), ...lines, tableLine(COLUMNS)].join("\n");
}

/** What the queue costs where one worker does it all: seconds beside those of one process without. */
export function besideNoQueue({ cells, training }: QueueMeasurement): string[] {
  const all = [
    ["cells", cells.seconds] as const,
    ...training.map(({ arch, localSteps, seconds }) => [`${arch}, localSteps ${localSteps}`, seconds] as const),
  ];
  return all.map(([what, { without, one }]) => {
    const [bare, queued] = [median(without), median(one)];
    return `${what}: ${bare.toPrecision(4)} s without a queue, ${queued.toPrecision(4)} s by one worker (${((100 * bare) / queued).toFixed(1)} %)`;
  });
}

/** What holds of the rows without a measurement. */
export const ASSUMPTIONS = [
  "workers are machines apart, as fast as this one is with one worker, and none dies",
  `each reaches the Redis by ${NETWORK.bytesPerSecond / 1.25e8} Gbit/s and ${1000 * NETWORK.latency} ms; all share what the Redis moves each way, first come, first served`,
  '"all --budget cpu" is that budget\'s parcels, with seconds by the images that pass through their networks',
] as const;
