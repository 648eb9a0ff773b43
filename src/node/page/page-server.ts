// Serves the built page to a browser on this machine: its own files, and nothing by any other method than GET and HEAD.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../../errors.ts";
import type { Site } from "./site.ts";

/** Where the page is served when nothing is said; what a browser keeps of a page belongs to its address, port included. */
export const PAGE_PORT = 8484;

/**
 * What the page may do: all but its own files is out of reach. web/index.html says the same for static hosts, where nobody sets
 * headers (a page cannot say frame-ancestors of itself).
 */
export const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'";

const HEADERS = {
  "content-security-policy": `${POLICY}; frame-ancestors 'none'`,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(self), microphone=(), geolocation=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface PageServerOptions {
  /** An address of this machine; by default only this machine can ask. */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port?: number;
  /** Ports after it that are tried where it is taken. */
  readonly more?: number;
}

export interface PageServer extends AsyncDisposable {
  readonly port: number;
  /** As a browser on this machine asks for it. */
  readonly url: string;
}

/**
 * Listens until it is disposed of.
 * @throws UserError where the port is taken or may not be used, or the host is no address of this machine
 */
export async function servePage(site: Site, options: PageServerOptions = {}): Promise<PageServer> {
  const { host = "127.0.0.1", port = PAGE_PORT, more = 0 } = options;
  const server = createServer((request, response) => answer(site, request, response));
  const { port: found } = await listen(server, host, port, more);
  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: found, url: `http://${nameOf(host)}:${found}/`, [Symbol.asyncDispose]: close };
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const isHead = request.method === "HEAD";
  if (request.method !== "GET" && !isHead) {
    response.writeHead(405, { ...HEADERS, allow: "GET, HEAD" }).end();
    return;
  }
  const [path = "/"] = request.url!.split("?");
  const file = site.get(path);
  if (!file) {
    response.writeHead(404, { ...HEADERS, "content-type": "text/plain", "cache-control": "no-store" });
    response.end("there is no such file\n");
    return;
  }
  const caching = { etag: file.etag, "cache-control": file.isHashed ? "max-age=31536000, immutable" : "no-cache" };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, { ...HEADERS, ...caching }).end();
    return;
  }
  response.writeHead(200, { ...HEADERS, ...caching, "content-type": file.type, "content-length": file.bytes.length });
  response.end(isHead ? undefined : file.bytes);
}

async function listen(server: Server, host: string, port: number, more: number): Promise<AddressInfo> {
  try {
    await once(server.listen(port, host), "listening");
    return server.address() as AddressInfo;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE" && more > 0)
      return await listen(server, host, port + 1, more - 1);
    throw asUserError(error as NodeJS.ErrnoException, host, port);
  }
}

const REASONS: Readonly<Record<string, (host: string, port: number) => readonly [found: string, hint: string]>> = {
  EADDRINUSE: (_, port) => [`port ${port} is taken by another program`, "--port 0 takes one that is free"],
  EACCES: (_, port) => [
    `port ${port} may not be used by this user`,
    "take one above 1023, or --port 0 for any that is free",
  ],
  EADDRNOTAVAIL: (host) => [`"${host}" is no address of this machine`, "--host 0.0.0.0 means all of them"],
  ENOTFOUND: (host) => [`"${host}" is no address of this machine`, "--host 0.0.0.0 means all of them"],
};

function asUserError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const told = REASONS[error.code ?? ""]?.(host, port);
  return told ? new UserError(told[0], { hint: told[1], exitCode: 2, cause: error }) : error;
}

/** What localhost stands for goes by that name, so that what a browser keeps stays at one address; that of all addresses cannot be asked. */
function nameOf(host: string): string {
  if (["localhost", "127.0.0.1", "::1", "0.0.0.0", "::"].includes(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether only this machine can ask there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
