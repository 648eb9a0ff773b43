// Where a queue is: the URL of a Redis, taken apart. Its password is never shown.

import { UserError } from "../../errors.ts";

/** A Redis and how to get into it. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Which of the numbered databases. */
  readonly db: number;
  /** All but name and password, for messages. */
  readonly shown: string;
}

const EXPECTED = "a queue is given as redis://[user:password@]host[:port][/database], or rediss://... for TLS";
const PORT = 6379;

/**
 * Reads the URL of a queue; a password that it lacks is that of the variable PUDNET_QUEUE_PASSWORD, if that is set.
 * @throws UserError (bad use) that says what is wrong, without a word of what could be a password
 * @example queueAddress("rediss://me:secret@db.example/2", {}).shown // "rediss://db.example:6379/2"
 */
export function queueAddress(text: string, env: NodeJS.ProcessEnv = process.env): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : refuse("cannot be read");
  const { protocol, hostname, pathname } = url;
  if (protocol !== "redis:" && protocol !== "rediss:") refuse(`begins with "${protocol}"`);
  if (hostname === "") refuse("names no host");
  if (url.search !== "" || url.hash !== "") refuse("goes on after the database");
  const db = /^(?:\/(\d{1,6})?)?$/.exec(pathname) ?? refuse("has no number for the database");
  const [username, given] = [decoded(url.username), decoded(url.password)];
  const password = given === "" ? env["PUDNET_QUEUE_PASSWORD"] : given;
  const port = url.port === "" ? PORT : Number(url.port);
  const number = Number(db[1] ?? 0);
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    isEncrypted: protocol === "rediss:",
    ...(username === "" ? {} : { username }),
    ...(password ? { password } : {}),
    db: number,
    shown: `${protocol}//${hostname}:${port}${number === 0 ? "" : `/${number}`}`,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse("has a % in its name or password that encodes nothing");
  }
}

function refuse(what: string): never {
  throw new UserError(`the address of the queue ${what}`, { hint: EXPECTED, exitCode: 2 });
}
