// A Redis of the tests' own: on a free port, in a folder that goes away, with an append-only file, so that it can be killed
// and started again.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "redis-server";

/** Why tests with a Redis are skipped; undefined where they can run. */
export const noRedis: string | undefined =
  spawnSync(PROGRAM, ["--version"]).status === 0 ? undefined : `${PROGRAM} is not installed (Debian: redis-server)`;

export interface RedisOptions {
  readonly password?: string;
  /** Files: it speaks TLS alone then, as `localhost`. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Call `stop` when done. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #options: RedisOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: RedisOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), "pudnet-redis-")), options);
    await server.restart();
    return server;
  }

  /** With its password, if it has one. */
  get url(): string {
    const { password, tls } = this.#options;
    const user = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
    return tls ? `rediss://${user}localhost:${this.port}` : `redis://${user}127.0.0.1:${this.port}`;
  }

  /** It takes nothing more, so that a `kill` then breaks connections that have something for it, instead of closing them. */
  freeze(): void {
    this.#process!.kill("SIGSTOP");
  }

  /** As after a loss of power; what it synced to its file stays. */
  async kill(): Promise<void> {
    const ended = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await ended;
  }

  /** Resolves when it answers. */
  async restart(): Promise<void> {
    const { password, tls } = this.#options;
    const own = ["--bind", "127.0.0.1", "--dir", this.#folder, "--save", "", "--appendonly", "yes"];
    const secured = password === undefined ? [] : ["--requirepass", password];
    const port = String(this.port);
    const files = (of: NonNullable<typeof tls>): string[] => ["--tls-cert-file", of.cert, "--tls-key-file", of.key];
    const place = tls
      ? ["--port", "0", "--tls-port", port, "--tls-auth-clients", "no", ...files(tls)]
      : ["--port", port];
    const child = spawn(PROGRAM, [...place, ...own, ...secured], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    let log = "";
    await new Promise<void>((ready, failed) => {
      child.once("exit", () => failed(new Error(`${PROGRAM} ended: ${log}`)));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (log.includes("Ready to accept connections")) return;
        log += text;
        if (log.includes("Ready to accept connections")) ready();
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#process!.exitCode === null && this.#process!.signalCode === null) await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
