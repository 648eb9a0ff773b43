// Measures queues on this machine: what is moved, cells and rounds of training by one worker and by two.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../../src/errors.ts";
import { PACKAGE_ROOT } from "../../src/node/package-root.ts";
import { QueueConnection } from "../../src/node/queue/connection.ts";
import { noRedis, RedisServer } from "../../test/redis.ts";
import { type CellsPlan, measureCells } from "./cells.ts";
import { measureLink } from "./link.ts";
import type { QueueMeasurement } from "./measurement.ts";
import { measureTraining, type TrainingPlan } from "./training.ts";

export interface QueuePlan extends CellsPlan {
  /** Rounds of each training. */
  readonly rounds: number;
}

const TRAININGS: readonly Omit<TrainingPlan, "rounds">[] = [
  { arch: "convnet-3", localSteps: 1, slots: 8 },
  { arch: "convnet-3", localSteps: 16, slots: 2 },
  { arch: "resnet-18", localSteps: 16, slots: 2 },
];

/** @throws UserError where there is no Redis to be had */
export async function measureQueue(plan: QueuePlan, note: (line: string) => void): Promise<QueueMeasurement> {
  if (noRedis !== undefined) throw new UserError(noRedis);
  // what workers are started by
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.paper.json"], { cwd: PACKAGE_ROOT, stdio: "inherit" });
  const redis = await RedisServer.start();
  const connection = await QueueConnection.open(redis.url, { tell: note });
  try {
    const link = await measureLink(connection);
    note(`the Redis moves ${(link.bytesPerSecond / 1e6).toFixed(0)} MB/s each way`);
    const cells = await measureCells(redis, plan, note);
    const training = [];
    for (const one of TRAININGS) {
      note(`training of ${one.arch}, localSteps ${one.localSteps}`);
      training.push(await measureTraining(redis, { ...one, rounds: plan.rounds }, link, note));
    }
    return { link, cells, training };
  } finally {
    await connection.close();
    await redis.stop();
  }
}
