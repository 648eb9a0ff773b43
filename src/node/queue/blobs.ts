// Bytes in a Redis, in pieces. What a blob must be (length, SHA-256) is told by whoever names it, not by the Redis, so that
// a job is known by the content of what it works on. Blobs expire: nothing stays of processes that were killed.

import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import type { QueueConnection } from "./connection.ts";
import { PREFIX } from "./kinds.ts";

/** A Redis holds at most 512 MiB in one value, and answers nobody else while it moves one. */
const PIECE = 8 * 2 ** 20;
/** Seconds that a blob stays where nobody asks for more. */
const EXPIRY = 24 * 3600;

/** What a blob is called, and what it must be. Plain data, a part of jobs and their results. */
export const blobSchema = z.strictObject({
  key: z.string().regex(/^[\w.-]{1,200}$/),
  bytes: z
    .int()
    .min(0)
    .max(2 ** 32),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Blob = z.infer<typeof blobSchema>;

/** Blobs in a Redis. They have no life cycle of their own: the connection is the caller's. */
export class Blobs {
  readonly #connection: QueueConnection;
  readonly #expiry: number;
  /** Of all blobs written and read here. */
  #moved = 0;

  /** `expiry`: seconds that a blob stays after it was written or kept. */
  constructor(connection: QueueConnection, { expiry = EXPIRY }: { readonly expiry?: number } = {}) {
    this.#connection = connection;
    this.#expiry = expiry;
  }

  /** Bytes that were written and read so far. */
  get moved(): number {
    return this.#moved;
  }

  /**
   * Stores bytes, given in parts, under a name of their own that begins with `owner`.
   * @throws UserError where the Redis has no memory left
   */
  async put(owner: string, parts: readonly Uint8Array[]): Promise<Blob> {
    const hash = createHash("sha256");
    const key = `${owner}.${randomUUID()}`;
    let bytes = 0;
    for (const piece of pieces(parts)) {
      hash.update(piece);
      await this.#write(`${nameOf(key)}:${bytes / PIECE}`, piece);
      bytes += piece.length;
    }
    this.#moved += bytes;
    return { key, bytes, sha256: hash.digest("hex") };
  }

  async #write(name: string, piece: Uint8Array): Promise<void> {
    try {
      await this.#connection.redis.set(
        name,
        Buffer.from(piece.buffer, piece.byteOffset, piece.length),
        "EX",
        this.#expiry,
      );
    } catch (error) {
      const says = (error as Error).message;
      if (!/^(OOM|MISCONF)/.test(says)) throw error;
      throw new UserError(`the queue at ${this.#connection.place} takes nothing more: ${says}`, {
        hint: "give that Redis more memory (maxmemory) or disk",
      });
    }
  }

  /**
   * Reads a blob; undefined where it is not all there any more.
   * @throws UserError where it is another than it should be: somebody wrote to it
   */
  async get({ key, bytes, sha256 }: Blob): Promise<Uint8Array | undefined> {
    let all: Uint8Array = new Uint8Array();
    const hash = createHash("sha256");
    for (let at = 0; at < bytes; at += PIECE) {
      const piece = await this.#connection.redis.getBuffer(`${nameOf(key)}:${at / PIECE}`);
      if (piece === null) return undefined;
      if (at === 0) all = Buffer.alloc(bytes); // not before there is something to read
      if (piece.length !== Math.min(PIECE, bytes - at)) throw this.#changed(key);
      hash.update(piece);
      all.set(piece, at);
    }
    this.#moved += bytes;
    if (hash.digest("hex") !== sha256) throw this.#changed(key);
    return all;
  }

  #changed(key: string): UserError {
    return new UserError(`what lies as ${key} in the queue at ${this.#connection.place} is not what was put there`, {
      hint: "find out who else writes to that Redis",
    });
  }

  /** Lets blobs stay for the whole of their time again. Resolves to whether all are still there. */
  async keep(blobs: readonly Blob[]): Promise<boolean> {
    const there = await Promise.all(
      blobs.flatMap(namesOf).map((name) => this.#connection.redis.expire(name, this.#expiry)),
    );
    return there.every((found) => found === 1);
  }

  async remove(blobs: readonly Blob[]): Promise<void> {
    const names = blobs.flatMap(namesOf);
    if (names.length > 0) await this.#connection.redis.unlink(names);
  }
}

const nameOf = (key: string): string => `${PREFIX}:blob:${key}`;
const namesOf = ({ key, bytes }: Blob): string[] =>
  Array.from({ length: Math.ceil(bytes / PIECE) }, (_, i) => `${nameOf(key)}:${i}`);

/** The bytes of all parts in pieces of one size, of which only the last is shorter; no copies where a part is a piece. */
function* pieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let room = PIECE;
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + room);
      waiting.push(taken);
      at += taken.length;
      room -= taken.length;
      if (room > 0) continue;
      yield joined(waiting);
      [waiting, room] = [[], PIECE];
    }
  }
  if (waiting.length > 0) yield joined(waiting);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));
