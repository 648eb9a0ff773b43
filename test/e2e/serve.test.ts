// pudnet serve as people start it: where it says the page is, there it is, until Ctrl-C.

import { once } from "node:events";
import { statSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { start } from "../built-program.ts";
import { expectFailure, ROOT } from "./pudnet.ts";

/** What is asked of the running command, which is stopped then. */
async function serving<T>(
  args: readonly string[],
  ask: (url: string) => Promise<T>,
  signal: NodeJS.Signals = "SIGINT",
) {
  const running = start(["serve", "--no-open", ...args], { cwd: ROOT });
  try {
    await running.says(/until Ctrl-C/);
    const answer = await ask(/http:\S+\//.exec(running.said())?.[0] ?? "no address");
    running.stop(signal);
    return { answer, ...(await running.ended) };
  } finally {
    running.stop("SIGKILL");
  }
}

describe("pudnet serve", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("serves the page and its network until %s", async (signal) => {
    const { answer, code, stderr } = await serving(
      ["--port", "0"],
      async (url) => {
        const page = await (await fetch(url)).text();
        const [, script] = /<script[^>]* src="([^"]+)"/.exec(page)!;
        const [module, model] = await Promise.all([
          fetch(new URL(script!, url)),
          fetch(new URL("model.safetensors", url)),
        ]);
        return [module.status, model.status, Number(model.headers.get("content-length"))];
      },
      signal,
    );
    expect(answer).toEqual([200, 200, statSync(join(ROOT, "checkpoints", "tiny-resnet-8.safetensors")).size]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "\nstopping; once more to stop at once\n" });
  });

  it("serves another network by its name", async () => {
    const { answer } = await serving(["--port", "0", "--model", "base"], async (url) => {
      const { headers } = await fetch(new URL("model.safetensors", url), { method: "HEAD" });
      return Number(headers.get("content-length"));
    });
    expect(answer).toBe((await stat(join(ROOT, "checkpoints", "base-resnet-8.safetensors"))).size);
  });

  it("says the address that it was told to serve at", async () => {
    const { answer, stderr } = await serving(["--port", "0", "--host", "127.0.0.2"], async (url) => [
      new URL(url).hostname,
      (await fetch(url)).status,
    ]);
    expect(answer).toEqual(["127.0.0.2", 200]);
    expect(stderr).not.toContain("warning");
  });

  it("warns where others can ask", async () => {
    const { answer, stderr } = await serving(
      ["--port", "0", "--host", "0.0.0.0"],
      async (url) => (await fetch(url)).status,
    );
    expect(answer).toBe(200);
    expect(stderr).toMatch(/^warning: others on this network can ask there/);
  });

  it("says what is wrong with a port, a host and a network", async () => {
    const taken = createServer();
    await once(taken.listen(0, "127.0.0.1"), "listening");
    const { port } = taken.address() as AddressInfo;
    const folder = await mkdtemp(join(tmpdir(), "pudnet-serve-"));
    try {
      const serve = (...args: string[]) => ["serve", "--no-open", ...args];
      await expectFailure(serve("--port", String(port)), { code: 2, message: /is taken/, hint: /--port 0/ });
      await expectFailure(serve("--port", "0", "--host", "192.0.2.1"), {
        code: 2,
        message: /no address of this machine/,
        hint: /0\.0\.0\.0/,
      });
      const damaged = join(folder, "damaged.safetensors");
      await writeFile(damaged, "nothing");
      await expectFailure(serve("--model", damaged), { code: 1, message: /damaged\.safetensors/, hint: /./ });
    } finally {
      taken.close();
      await rm(folder, { recursive: true });
    }
  });
});
