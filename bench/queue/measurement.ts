// A measurement of queues on one machine: what is stored, and read again to simulate from.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FormatError, issueLines } from "../../src/errors.ts";
import { parseJson } from "../../src/formats/json.ts";
import { ARCH_NAMES } from "../../src/models/architectures.ts";
import { writeFileAtomic } from "../../src/node/files/atomic-file.ts";
import { type Machine, machineName } from "../machine.ts";

const positive = z.number().positive();
const least = z.number().min(0);
const seconds = z.object({ without: z.array(positive), one: z.array(positive).min(1), two: z.array(positive).min(1) });

const schema = z.object({
  link: z.object({ bytesPerSecond: positive, latency: positive }),
  cells: z.object({
    seconds,
    slowdown: positive,
    /** Images through a network that each parcel is, in those of ConvNet-3: `passes`. */
    passesEach: positive,
    figures: z.object({
      parcels: z
        .array(z.object({ seconds: positive, bytes: positive }))
        .min(1)
        .readonly(),
      handling: least,
      takingIn: least,
    }),
  }),
  training: z.array(
    z.object({
      arch: z.enum(ARCH_NAMES),
      localSteps: z.int().min(1),
      slots: z.int().min(1),
      rounds: z.int().min(1),
      seconds,
      slowdown: positive,
      figures: z.object({
        slot: positive,
        handling: least,
        between: least,
        bytes: z.object({ start: positive, pictures: positive, result: positive }),
      }),
    }),
  ),
});

export type QueueMeasurement = z.infer<typeof schema>;

/** Writes queue-DATE-MACHINE.json to a folder; gives its path. */
export async function storeMeasurement(
  measurement: QueueMeasurement,
  machine: Machine,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `queue-${machine.date}-${machineName(machine)}.json`);
  await writeFileAtomic(path, `${JSON.stringify({ machine, ...measurement }, undefined, 1)}\n`);
  return path;
}

/** @throws FormatError for what is no measurement */
export async function readMeasurement(path: string): Promise<QueueMeasurement> {
  const parsed = schema.safeParse(parseJson(await readFile(path), path), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new FormatError(path, "not a measurement of queues", { details: issueLines(parsed.error.issues) });
}
