// The files of deploy/: they parse, and what they run is there, with the options they give.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { workerCommand } from "../src/cli/worker.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { ROOT } from "./built-program.ts";
import { freePort, noRedis } from "./redis.ts";

const read = (name: string): string => readFileSync(join(ROOT, "deploy", name), "utf8");

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly image: string; readonly command: readonly string[]; readonly build?: { readonly dockerfile: string } }
    >
  >;
  readonly volumes: object;
}
const compose = parse(read("compose.yaml")) as Compose;

interface JobManifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly args: readonly string[];
          readonly env: readonly { readonly name: string }[];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}
const job = parse(read("workers.yaml")) as JobManifest;
const [container] = job.spec.template.spec.containers;
const dockerfile = read("Dockerfile");
const { version, scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};
const image = `pudnet:${version}`;

/** The arguments of `pudnet` that start workers, by the file that has them. */
const started = {
  Dockerfile: JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!) as string[],
  "compose.yaml": compose.services["worker"]!.command,
  "workers.yaml": container!.args,
};

it.each(Object.entries(started))("%s starts workers by a command that there is", (_, [name, ...options]) => {
  expect(COMMANDS.map((row) => row.name)).toContain(name);
  const known = workerCommand().options;
  for (let i = 0; i < options.length; i += 2) {
    const option = known.find(({ long }) => long === options[i]);
    expect(option, options[i]).toBeDefined();
    if (!options[i + 1]!.startsWith("$")) expect(() => option!.parseArg?.(options[i + 1]!, undefined)).not.toThrow();
  }
});

it("the image is this version's, and made of what is there", () => {
  expect([compose.services["worker"]!.image, container!.image]).toEqual([image, image]);
  expect(dockerfile).toContain(`-t ${image} `);
  expect(existsSync(join(ROOT, compose.services["worker"]!.build!.dockerfile))).toBe(true);
  expect(/^ENTRYPOINT \["node", "dist\/cli\/main.js"\]$/m.test(dockerfile)).toBe(true);
  for (const [, script] of dockerfile.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty(script!);
  for (const [, config] of dockerfile.matchAll(/tsc -p (\S+)/g)) expect(existsSync(join(ROOT, config!))).toBe(true);
  const taken = [...read("Dockerfile.dockerignore").matchAll(/^!(\S+)$/gm)].map(([, name]) => name!);
  const needed = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly files: readonly string[] };
  expect(taken).toEqual(expect.arrayContaining(needed.files.filter((name) => name !== "dist")));
  for (const name of taken.filter((one) => !one.includes("*"))) expect(existsSync(join(ROOT, name)), name).toBe(true);
});

it("docs/queue.md names the packages to install by the versions of package.json", () => {
  const page = readFileSync(join(ROOT, "docs/queue.md"), "utf8");
  const { peerDependencies: peers } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const wanted = ["bullmq", "ioredis"].map((name) => `${name}@${peers[name]!.replace("^", "")}`);
  expect(page).toContain(`npm install ${wanted.join(" ")} `);
});

it("images are of one version each, and all that is mounted and taken from the environment is defined", () => {
  const images = [...Object.values(compose.services), container!].map((one) => one.image);
  for (const name of [...images, /^FROM (\S+)/m.exec(dockerfile)![1]!]) expect(name).toMatch(/:\d+\.\d/);
  expect(Object.keys(compose.volumes)).toEqual(["queue"]);
  const volumes = job.spec.template.spec.volumes.map(({ name }) => name);
  expect(container!.volumeMounts.map(({ name }) => name)).toEqual(volumes);
  const defined = container!.env.map(({ name }) => name);
  for (const arg of container!.args.filter((one) => one.startsWith("$(")))
    expect(defined).toContain(/^\$\((\w+)\)$/.exec(arg)![1]);
  expect(defined).toContain("PUDNET_QUEUE_PASSWORD");
});

describe.skipIf(noRedis !== undefined)("the Redis of compose.yaml", () => {
  it("starts, asks for the password, and keeps what it is given", async () => {
    const [program, ...args] = compose.services["redis"]!.command;
    const password = "as the variable says";
    const given = args.map((arg) => (arg.startsWith("${PUDNET_QUEUE_PASSWORD:?") ? password : arg));
    expect(given).toContain(password);
    const folder = await mkdtemp(join(tmpdir(), "pudnet-deploy-"));
    const port = await freePort();
    const server = spawn(program!, [...given, "--port", String(port), "--dir", folder], { stdio: "ignore" });
    const redis = new Redis({ port, password });
    try {
      const settings = await Promise.all(
        ["appendonly", "appendfsync", "maxmemory-policy", "requirepass"].map((name) => redis.config("GET", name)),
      );
      expect(settings.flat()).toEqual(
        [
          "appendonly",
          "yes",
          "appendfsync",
          "everysec",
          "maxmemory-policy",
          "noeviction",
          "requirepass",
          password,
        ].flat(),
      );
    } finally {
      redis.disconnect();
      server.kill("SIGKILL");
      await once(server, "exit");
      await rm(folder, { recursive: true, force: true });
    }
  });
});
