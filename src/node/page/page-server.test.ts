// The server of the page: its files and nothing else, by the headers that keep the page to itself.

import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PACKAGE_ROOT } from "../package-root.ts";
import { isLoopback, type PageServer, POLICY, servePage } from "./page-server.ts";
import { readSite } from "./site.ts";

let folder: string;
let server: PageServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-site-"));
  const site = join(folder, "site");
  await mkdir(join(site, "assets"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  for (const [name, text] of Object.entries({
    "index.html": "<!doctype html>",
    "assets/index-1a2b.js": "export {};",
    "assets/runtime-1a2b.wasm": "\0asm",
    "model.safetensors": "tiny",
    ".built-from": "sources",
  }))
    await writeFile(join(site, name), text);
  await writeFile(join(folder, "other.safetensors"), "other");
  server = await servePage(await readSite(undefined, site), { port: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, server.url), init);

describe("the server of the page", () => {
  it.each([
    ["/", "text/html;charset=utf-8", "<!doctype html>"],
    ["/?from=bookmark", "text/html;charset=utf-8", "<!doctype html>"],
    ["/assets/index-1a2b.js", "text/javascript;charset=utf-8", "export {};"],
    ["/assets/runtime-1a2b.wasm", "application/wasm", "\0asm"],
    ["/model.safetensors", "application/octet-stream", "tiny"],
  ])("gives %s as %s", async (path, type, text) => {
    const response = await ask(path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(await response.text()).toBe(text);
  });

  it("isolates the page and keeps it to its own files", async () => {
    for (const path of ["/", "/assets/index-1a2b.js", "/nothing"]) {
      const { headers } = await ask(path);
      expect(headers.get("content-security-policy")).toBe(`${POLICY}; frame-ancestors 'none'`);
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect(await readFile(join(PACKAGE_ROOT, "web/index.html"), "utf8")).toContain(`content="${POLICY}"`);
  });

  it("says what has not changed", async () => {
    const first = await ask("/");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const again = await ask("/", { headers: { "if-none-match": first.headers.get("etag")! } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await ask("/assets/index-1a2b.js")).headers.get("cache-control")).toContain("immutable");
  });

  it("answers HEAD without a body, and no other method", async () => {
    const head = await ask("/", { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "15", ""]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect([method, (await ask("/", { method, ...(method === "POST" ? { body: "x" } : {}) })).status]).toEqual([
        method,
        405,
      ]);
  });

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/..\\secret.txt",
    "//secret.txt",
    "/.built-from",
    "/%00",
    "/assets",
    "http://example.org/",
  ])("knows nothing at %s", async (path) => {
    const status = await rawStatus(server.port, path);
    expect(status).toBe(404);
  });

  it("serves another network in the place of the page's", async () => {
    const site = await readSite(join(folder, "other.safetensors"), join(folder, "site"));
    expect(Buffer.from(site.get("/model.safetensors")!.bytes).toString()).toBe("other");
  });

  it("says how to build what is not there", async () => {
    await expect(readSite(undefined, join(folder, "none"))).rejects.toMatchObject({
      message: expect.stringContaining("dist/web"),
      hint: expect.stringContaining("npm run build:web"),
    });
  });
});

describe("where the port is taken", () => {
  it("the next is tried if that is wished, else it says so", async () => {
    const other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const site = await readSite(undefined, join(folder, "site"));
    await expect(servePage(site, { port })).rejects.toMatchObject({
      message: `port ${port} is taken by another program`,
      hint: expect.stringContaining("--port 0"),
    });
    {
      await using moved = await servePage(site, { port, more: 20 });
      expect(moved.port).toBeGreaterThan(port);
      expect(moved.url).toBe(`http://localhost:${moved.port}/`);
    }
    other.close();
  });

  it("an address of another machine is refused", async () => {
    const site = await readSite(undefined, join(folder, "site"));
    await expect(servePage(site, { host: "192.0.2.1", port: 0 })).rejects.toThrow("no address of this machine");
  });
});

it.each([
  ["127.0.0.1", "localhost"],
  ["127.0.0.2", "127.0.0.2"],
  ["0.0.0.0", "localhost"],
])("served at %s it is found where it says, at %s", async (host, name) => {
  await using found = await servePage(await readSite(undefined, join(folder, "site")), { host, port: 0 });
  expect(found.url).toBe(`http://${name}:${found.port}/`);
  expect((await fetch(found.url)).status).toBe(200);
});

it("loopback is told from the rest", () => {
  expect(["127.0.0.1", "127.1.2.3", "::1", "localhost"].filter(isLoopback)).toHaveLength(4);
  expect(["0.0.0.0", "::", "192.168.0.2", "127.example.org", "localhost.example"].filter(isLoopback)).toEqual([]);
});

/** Sent as it is: fetch would put the path right before. */
async function rawStatus(port: number, path: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  let text = "";
  for await (const piece of socket.setEncoding("utf8")) text += piece;
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)![1]);
}
