import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../test/failure.ts";
import { type FetchOptions, fetchDataset, fetchSet } from "./fetch-dataset.ts";
import type { PublishedSet } from "./published-sets.ts";

let root = "";
const servers: Server[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-fetch-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(root, { recursive: true, force: true });
});

/** Incompressible, so that the gzipped file is long enough to break off in. */
const content = Uint8Array.from({ length: 200_000 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 13) & 255);
const published = gzipSync(content);
const file = {
  name: "images.gz",
  bytes: published.length,
  md5: createHash("md5").update(published).digest("hex"),
  contentSha256: createHash("sha256").update(content).digest("hex"),
};

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A mirror that serves the file and honours ranges; `log` gets the range of each request. */
function good(log: string[] = [], bytes: Uint8Array = published): RequestListener {
  return (request, response) => {
    const { range } = request.headers;
    log.push(`${request.url} ${range ?? "whole"}`);
    const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    const headers = range ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(range ? 206 : 200, { "content-length": bytes.length - from, ...headers });
    response.end(bytes.subarray(from));
  };
}

const setOf = (...mirrors: string[]): PublishedSet => ({ folder: "set", mirrors, files: [file] });
const fetchFrom = (mirrors: string[], options: Partial<FetchOptions> = {}) =>
  fetchSet(setOf(...mirrors), { root, ...options });
const stored = (name = "images.gz"): Promise<Buffer> => readFile(join(root, "set", name));
const left = (): Promise<string[]> => readdir(join(root, "set"));

describe("from mirrors", () => {
  it("downloads, reports progress, and keeps what is there", async () => {
    const log: string[] = [];
    const progress: number[] = [];
    const mirror = await serve(good(log));
    const first = await fetchFrom([mirror], { onProgress: ({ doneBytes }) => progress.push(doneBytes) });
    expect(first).toEqual({ folder: join(root, "set"), files: [{ name: "images.gz", how: "downloaded" }] });
    expect(await stored()).toEqual(published);
    expect(await left()).toEqual(["images.gz"]);
    expect(progress.at(-1)).toBe(published.length);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect((await fetchFrom([mirror])).files[0]!.how).toBe("kept");
    expect(log).toEqual(["/images.gz whole"]);
  });

  it("goes on where the connection broke off", async () => {
    const log: string[] = [];
    const half = Math.floor(published.length / 2);
    const whole = good(log);
    const mirror = await serve((request, response) => {
      if (request.headers.range) return whole(request, response);
      response.writeHead(200, { "content-length": published.length });
      response.write(published.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
    });
    await fetchFrom([mirror]);
    expect(await stored()).toEqual(published);
    expect(log).toEqual([`/images.gz bytes=${half}-`]);
  });

  it("goes on in a later run, even from another mirror", async () => {
    const half = Math.floor(published.length / 2);
    const breaking = await serve((request, response) => {
      response.writeHead(request.headers.range ? 503 : 200, { "content-length": published.length });
      response.write(published.subarray(0, half), () => setTimeout(() => response.destroy(), 50));
    });
    const error = await failure(fetchFrom([breaking]));
    expect(error.message).toMatch(/cannot download images\.gz\n[^]*503/);
    expect(error.hint).toMatch(/run it again/);
    expect(await left()).toEqual(["images.gz.part"]);
    const log: string[] = [];
    await fetchFrom([await serve(good(log))]);
    expect(await stored()).toEqual(published);
    expect(log).toEqual([`/images.gz bytes=${half}-`]);
  });

  it("starts anew where ranges are not honoured, and where what lies there is wrong", async () => {
    await mkdir(join(root, "set"));
    await writeFile(join(root, "set", "images.gz.part"), published.subarray(0, 100));
    await fetchFrom([await serve((_, response) => void response.end(published))]);
    expect(await stored()).toEqual(published);

    await rm(join(root, "set", "images.gz"));
    await writeFile(join(root, "set", "images.gz.part"), "an error page");
    const log: string[] = [];
    await fetchFrom([await serve(good(log))]);
    expect(await stored()).toEqual(published);
    expect(log).toEqual(["/images.gz bytes=13-", "/images.gz whole"]);
  });

  it("refuses a wrong checksum and takes the next mirror", async () => {
    const other = Uint8Array.from(published).fill(7, 500, 510);
    const log: string[] = [];
    const wrong = await serve(good(log, other));
    await fetchFrom([wrong, await serve(good())]);
    expect(await stored()).toEqual(published);
    expect(log).toEqual(["/images.gz whole"]); // asked once

    await rm(join(root, "set", "images.gz"));
    const error = await failure(fetchFrom([wrong]));
    expect(error.message).toMatch(/wrong checksum/);
    expect(await left()).toEqual([]);
  });

  it("takes the next mirror on HTTP errors, refused and silent connections", async () => {
    const missing = await serve((_, response) => void response.writeHead(404).end());
    const silent = await serve((_, response) => void response.writeHead(200).flushHeaders());
    const mirrors = [missing, "http://127.0.0.1:1/", silent];
    const error = await failure(fetchFrom(mirrors, { stallMs: 100 }));
    expect(error.message).toMatch(/404[^]*127\.0\.0\.1:1\/[^]*nothing came for 0\.1 s/);
    await fetchFrom([...mirrors, await serve(good())], { stallMs: 100 });
    expect(await stored()).toEqual(published);
  });

  it("accepts the published content gzipped anew", async () => {
    await fetchFrom([await serve(good([], gzipSync(content, { level: 1 })))]);
    expect(await left()).toEqual(["images.gz"]);
  });

  it("stops when told to", async () => {
    const stop = new AbortController();
    const mirror = await serve((_, response) => void response.writeHead(200).flushHeaders());
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(fetchFrom([mirror], { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("explains a root that cannot be written", async () => {
    await writeFile(join(root, "set"), "a file");
    expect((await failure(fetchFrom(["http://127.0.0.1:1/"]))).message).toMatch(/cannot write/);
  });
});

describe("from a folder", () => {
  it.each([
    ["gzipped", "images.gz", published],
    ["gzipped anew", "images.gz", gzipSync(content, { level: 1 })],
    ["unpacked", "images", content],
  ])("takes the file %s", async (_, name, bytes) => {
    const from = join(root, "from");
    await mkdir(from);
    await writeFile(join(from, name), bytes);
    expect((await fetchFrom([], { from })).files).toEqual([{ name: "images.gz", how: "copied" }]);
    expect(await stored(name)).toEqual(Buffer.from(bytes));
    expect((await fetchFrom([])).files[0]!.how).toBe("kept");
  });

  it("refuses a wrong file and says what is missing", async () => {
    const from = join(root, "from");
    await mkdir(from);
    expect((await failure(fetchFrom([], { from }))).message).toMatch(/no images\.gz nor images in/);
    await writeFile(join(from, "images.gz"), published.subarray(0, 1000));
    expect((await failure(fetchFrom([], { from }))).message).toMatch(/not the published file/);
    expect(await left()).toEqual([]);
  });
});

describe("fetchDataset", () => {
  it("asks each mirror for the four files of Fashion-MNIST", async () => {
    const asked: string[] = [];
    const refuse = async (url: string | URL | Request): Promise<Response> => {
      asked.push(url instanceof Request ? url.url : String(url));
      return new Response(null, { status: 500 });
    };
    await failure(fetchDataset("fashion-mnist", { root, fetch: refuse }));
    expect(asked).toHaveLength(2);
    expect(asked.every((url) => url.endsWith("/train-images-idx3-ubyte.gz"))).toBe(true);
  });

  it("names the nearest set", async () => {
    expect((await failure(fetchDataset("fashon-mnist", { root }))).hint).toBe("did you mean fashion-mnist?");
  });
});
