// The way to a Redis: refused with a reason when it cannot be had at the start, and taken up again for ever once it was there.

import { setTimeout } from "node:timers/promises";
import type { Redis, RedisOptions } from "ioredis";
import { UserError } from "../../errors.ts";
import { type QueueAddress, queueAddress } from "./address.ts";
import { type Engine, loadEngine } from "./engine.ts";

/** Milliseconds that a Redis has to answer at the start: it may be starting itself. */
const PATIENCE = 10_000;
const BETWEEN_ATTEMPTS = 250;
/** The longest pause between two attempts to get a lost connection back. */
const LONGEST_PAUSE = 2000;
/** Below this, BullMQ's scripts do not run. */
const LEAST_VERSION = [6, 2] as const;

/** What names of connections begin with. */
const NAME = "pudnet";

/** Who hands in jobs, who does them. */
export type Role = "submitter" | "worker";

export interface QueueConnectionOptions {
  /** Told, a line each, what a user should know: that the connection is lost, that it is back. */
  readonly tell: (line: string) => void;
  /** Ends the waiting for a first answer, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly patience?: number;
}

/** What belongs to a connection. */
interface Parts {
  readonly bullmq: Engine["bullmq"];
  /** Further connections that queues have made of it. */
  readonly duplicates: readonly Redis[];
  /** While it is open, it is taken up again when it is lost. */
  readonly life: { isOpen: boolean };
}

/** A connection to a Redis that has answered. Call `close` when done. */
export class QueueConnection {
  /** The address without name and password, for messages. */
  readonly place: string;
  readonly redis: Redis;
  readonly bullmq: Engine["bullmq"];
  readonly #parts: Parts;
  /** One for all who wait for it. */
  #loss: Promise<void> | undefined;

  private constructor(redis: Redis, parts: Parts, place: string) {
    this.redis = redis;
    this.bullmq = parts.bullmq;
    this.#parts = parts;
    this.place = place;
  }

  /**
   * Connects to the Redis at a URL.
   * @throws UserError where there is none, or it lets nobody in with this name and password
   * @example
   * const connection = await QueueConnection.open(redisUrl, { tell: console.error }); // such as redis://localhost
   * await connection.close();
   */
  static async open(
    url: string,
    { tell, signal, patience = PATIENCE }: QueueConnectionOptions,
  ): Promise<QueueConnection> {
    const address = queueAddress(url);
    const { bullmq, Redis: Client } = await loadEngine();
    const duplicates: Redis[] = [];
    /** Queues make further connections of it, for commands that wait: they are closed with it. */
    class Original extends Client {
      override duplicate(override?: Partial<RedisOptions>): Redis {
        const redis = super.duplicate({ ...override, lazyConnect: false });
        redis.on("error", () => undefined); // the original tells of losses
        duplicates.push(redis);
        return redis;
      }
    }
    const life = { isOpen: false };
    const redis = new Original({
      ...redisOptions(address),
      lazyConnect: true,
      retryStrategy: (times: number) => (life.isOpen ? Math.min(100 * times, LONGEST_PAUSE) : null),
    });
    try {
      await firstConnection(redis, address, patience, signal);
      await checkServer(redis, address.shown, tell);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
    life.isOpen = true;
    tellOfLosses(redis, address.shown, tell);
    return new QueueConnection(redis, { duplicates, life, bullmq }, address.shown);
  }

  /** Says to the Redis what this connection is for: see `others`. */
  async introduce(role: Role, queue: string): Promise<void> {
    const name = [NAME, role, queue].join("/");
    this.redis.options.connectionName = name; // for when it is taken up again
    await this.redis.client("SETNAME", name).catch(() => undefined); // may be forbidden: see `others`
  }

  /** Who has introduced themselves, this process included; undefined where the Redis does not tell. */
  async others(): Promise<{ readonly role: Role; readonly queue: string }[] | undefined> {
    const list = await this.redis.client("LIST").catch(() => undefined);
    if (typeof list !== "string") return undefined;
    const names = [...list.matchAll(/ name=(\S*)/g)].map(([, name]) => name!.split("/"));
    return names
      .filter(([own, role]) => own === NAME && (role === "worker" || role === "submitter"))
      .map(([, role, queue = ""]) => ({ role: role as Role, queue }));
  }

  /** Resolves once it is lost; at once where it is. What waits for an answer of the Redis then waits for long. */
  lost(): Promise<void> {
    if (this.redis.status !== "ready") return Promise.resolve();
    // `once` of node:events would fail where the connection breaks, which an "error" tells before the "close"
    this.#loss ??= new Promise((resolve) => {
      this.redis.once("close", () => {
        this.#loss = undefined;
        resolve();
      });
    });
    return this.#loss;
  }

  /** What still waits for an answer fails. */
  close(): Promise<void> {
    this.#parts.life.isOpen = false;
    for (const redis of [this.redis, ...this.#parts.duplicates]) redis.disconnect();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function redisOptions({ host, port, username, password, db, isEncrypted }: QueueAddress) {
  return {
    host,
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db,
    ...(isEncrypted ? { tls: {} } : {}),
    connectTimeout: PATIENCE,
    maxRetriesPerRequest: null, // commands wait until the connection is back
  } as const;
}

async function firstConnection(
  redis: Redis,
  address: QueueAddress,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const start = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const problem = await attempt(redis);
    if (problem === undefined) return;
    if (isFinal(problem) || performance.now() - start > patience) throw explained(problem, address);
    await setTimeout(BETWEEN_ATTEMPTS, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** Undefined once the Redis has let us in. */
async function attempt(redis: Redis): Promise<NodeJS.ErrnoException | undefined> {
  let problem: NodeJS.ErrnoException | undefined;
  const onError = (error: Error): void => void (problem ??= error);
  redis.on("error", onError);
  try {
    await redis.connect();
    await redis.ping();
    return problem; // a database that is not there is told, and another one taken
  } catch (error) {
    return problem ?? (error as Error);
  } finally {
    redis.off("error", onError);
  }
}

/** Answers of the Redis itself, and certificates, do not change by waiting. */
function isFinal({ name, code, message }: NodeJS.ErrnoException): boolean {
  return name === "ReplyError" ? !message.startsWith("LOADING") : isOfCertificate(code);
}

const isOfCertificate = (code = ""): boolean => /CERT|^ERR_TLS|^UNABLE_TO_|^EPROTO|^ERR_SSL/.test(code);

function explained({ name, code, message }: NodeJS.ErrnoException, address: QueueAddress): UserError {
  const at = `the queue at ${address.shown}`;
  if (name === "ReplyError" && /^(WRONGPASS|NOAUTH|NOPERM)/.test(message)) {
    const given = address.password === undefined ? "it asks for a password" : "it refuses this name or password";
    const hint =
      "put it into the address, redis://user:password@host (without a user: redis://:password@host), or into the variable PUDNET_QUEUE_PASSWORD";
    return new UserError(`cannot get into ${at}: ${given}`, { hint });
  }
  if (name === "ReplyError")
    return new UserError(`cannot use ${at}: ${message}`, { hint: "see the settings of that Redis" });
  if (isOfCertificate(code)) {
    const hint = "put the certificate of its authority into a file and name that in the variable NODE_EXTRA_CA_CERTS";
    return new UserError(`${at} cannot show who it is: ${message}`, { hint });
  }
  const other = address.isEncrypted ? "redis:// where it speaks no TLS" : "rediss:// where it speaks TLS";
  return new UserError(`cannot reach ${at}: ${message}`, {
    hint: `start one there (redis-server), or mend the address; ${other}`,
  });
}

async function checkServer(redis: Redis, place: string, tell: QueueConnectionOptions["tell"]): Promise<void> {
  const info = await redis.info().catch(() => ""); // may be forbidden: then we try
  const [major = 0, minor = 0] = (/redis_version:([\d.]+)/.exec(info)?.[1] ?? "99.0").split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    throw new UserError(`the queue at ${place} is a Redis ${major}.${minor}`, {
      hint: `use Redis ${LEAST_VERSION.join(".")} or newer`,
    });
  }
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? "noeviction";
  if (policy !== "noeviction") {
    tell(
      `note: the Redis at ${place} drops what it holds when memory is short (maxmemory-policy ${policy}): set it to noeviction`,
    );
  }
}

function tellOfLosses(redis: Redis, place: string, tell: QueueConnectionOptions["tell"]): void {
  let isLost = false;
  redis.on("error", () => undefined); // a loss closes the connection, which is told below
  redis.on("reconnecting", () => {
    if (!isLost) tell(`the connection to the queue at ${place} is lost; trying to get it back`);
    isLost = true;
  });
  redis.on("ready", () => {
    if (isLost) tell(`the connection to the queue at ${place} is back`);
    isLost = false;
  });
}
