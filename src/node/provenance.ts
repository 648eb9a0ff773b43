// Where numbers come from: machine, versions, commit and command, kept with every run.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { shellWord, withoutPassword } from "../names.ts";
import { PACKAGE_ROOT } from "./package-root.ts";

export interface Provenance {
  readonly pudnet: string;
  /** Commit of the sources (of a checkout, else of the build), "-dirty" when they were changed; absent where unknown. */
  readonly commit?: string;
  readonly command: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
  };
  /** Versions of Node and of the libraries that compute. */
  readonly versions: Readonly<Record<string, string>>;
}

let ownCommit: Promise<string | undefined> | undefined;

export async function provenance(): Promise<Provenance> {
  const commit = await (ownCommit ??= commitOf(PACKAGE_ROOT)); // of what runs: asked once a process
  return {
    pudnet: packageVersion(resolve(PACKAGE_ROOT, "package.json")) ?? "unknown",
    ...(commit === undefined ? {} : { commit }),
    command: commandLine(process.argv.slice(1)),
    machine: {
      cpu: ownCpu(),
      cores: availableParallelism(),
      memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
      system: `${platform()} ${arch()} ${release()}`,
    },
    versions: { node: process.versions.node, ...libraryVersions(["onnxruntime-node", "onnxruntime-web", "sharp"]) },
  };
}

/** The processor of this machine, told from others of its name. */
export function ownCpu(): string {
  let facts = "";
  try {
    facts = readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    // not Linux, or not to be read: the name alone
  }
  return cpuName(cpus()[0]?.model, facts);
}

/**
 * What a processor calls itself, with family and model where Linux tells them: a virtual machine's name alone ("AMD EPYC")
 * stands for generations of different speed.
 * @example cpuName("AMD EPYC", "cpu family\t: 26\nmodel\t\t: 2\n") // "AMD EPYC (family 26, model 2)"
 */
export function cpuName(name: string | undefined, facts: string): string {
  const number = (key: string): string | undefined => new RegExp(`^${key}\\s*: (\\d+)$`, "m").exec(facts)?.[1];
  const [family, model] = [number("cpu family"), number("model")];
  const known = name?.trim() || "unknown";
  return family === undefined || model === undefined ? known : `${known} (family ${family}, model ${model})`;
}

const REPRODUCE = "npm run -s reproduce --";

/** The command as a user would type it again, but for passwords, and for places on this machine where it is published. */
export function commandLine([script = "", ...options]: readonly string[]): string {
  const program = programName(script);
  const said = program === REPRODUCE ? withoutPlaces(options) : options;
  return [program, ...said.map(withoutPassword).map(shellWord)].join(" ").trim();
}

/** Options of `npm run reproduce` without the folder of its data, and without the sign of one of several processes: no number depends on them. */
function withoutPlaces(options: readonly string[]): string[] {
  return options.filter(
    (option, i) => option !== "--worker" && !/^--root(=|$)/.test(option) && options[i - 1] !== "--root",
  );
}

function programName(script: string): string {
  const isOwn = resolve(script).startsWith(PACKAGE_ROOT);
  if (isOwn && /[\\/]dist-paper[\\/]main\.js$/.test(script)) return REPRODUCE;
  if ((isOwn && /[\\/]cli[\\/]main\.[jt]s$/.test(script)) || /[\\/]pudnet$/.test(script)) return "pudnet";
  return relative(process.cwd(), script);
}

/** What scripts/build.mjs copies of packages lies in vendor/, and is what runs. */
function libraryVersions(names: readonly string[]): Record<string, string> {
  const require = createRequire(import.meta.url);
  const vendor = fileURLToPath(new URL("../vendor", import.meta.url));
  const found = names.map((name) => {
    const folder = [vendor, ...(require.resolve.paths(name) ?? [])].find((path) =>
      packageVersion(resolve(path, name, "package.json")),
    );
    return [name, folder && packageVersion(resolve(folder, name, "package.json"))] as const;
  });
  return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

function packageVersion(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { version?: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return undefined; // an optional package
    throw error;
  }
}

/** What scripts/build.mjs wrote beside the compiled files. */
function builtCommit(): string | undefined {
  const file = new URL("../commit.txt", import.meta.url);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** The commit of `folder` if it is itself a checkout, not just inside one (as a package in node_modules is); else of the build. */
async function commitOf(folder: string): Promise<string | undefined> {
  if (!existsSync(resolve(folder, ".git"))) return builtCommit();
  const git = async (...args: string[]) => (await promisify(execFile)("git", ["-C", folder, ...args])).stdout.trim();
  try {
    const diff = git("diff", "--quiet", "HEAD", "--", "src", "paper");
    const [head, isClean] = await Promise.all([
      git("rev-parse", "HEAD"),
      diff.then(
        () => true,
        () => false,
      ),
    ]);
    return `${head}${isClean ? "" : "-dirty"}`;
  } catch {
    return builtCommit(); // no git, or one that cannot read it: a fact that may be missing, not an error
  }
}
