// The packages that queues are made of. They are optional: loaded when the first queue is opened, and asked for by name and
// version where they are missing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { PACKAGE_ROOT } from "../package-root.ts";

const PACKAGES = ["bullmq", "ioredis"] as const;

/** BullMQ and the client of Redis below it. */
export interface Engine {
  readonly bullmq: typeof import("bullmq");
  readonly Redis: typeof import("ioredis").Redis;
}

/** @throws UserError with the command that installs what is missing */
export async function loadEngine(): Promise<Engine> {
  try {
    const [{ Redis }, bullmq] = await Promise.all([import("ioredis"), import("bullmq")]);
    return { bullmq, Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UserError(`a queue needs the packages ${PACKAGES.join(" and ")}, which are not installed`, {
      hint: `npm install ${(await wanted()).join(" ")}`,
      exitCode: 2,
    });
  }
}

/** "bullmq@6.7.0", ...: the versions of package.json. */
async function wanted(): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await readFile(join(PACKAGE_ROOT, "package.json"), "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  return PACKAGES.map((name) => `${name}@${peerDependencies[name]!.replace("^", "")}`);
}
