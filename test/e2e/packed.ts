// The package as its users get it: packed from the sources alone, and installed into an empty folder elsewhere.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../built-program.ts";

/** What a registry that cannot be reached makes npm say. */
const NO_NETWORK =
  /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

export interface Packed {
  /** A folder with pudnet in its node_modules, and samples, checkpoints, configs and examples copied from there. */
  readonly project: string;
  readonly remove: () => Promise<void>;
}

/** Gives the reason where no registry can be reached. */
export async function installPacked(): Promise<Packed | string> {
  const folder = await mkdtemp(join(tmpdir(), "pudnet-packed-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const [clone, project] = [join(folder, "clone"), join(folder, "project")];
  try {
    await copySources(clone);
    await npm(clone, "pack", "--pack-destination", folder);
    await mkdir(project);
    await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
    await npm(project, "install", join(folder, tarball!), "--prefer-offline", "--ignore-scripts", "--fetch-retries=0");
  } catch (error) {
    await remove();
    const said = (error as { stderr?: string }).stderr ?? "";
    const [code] = NO_NETWORK.exec(said) ?? [];
    if (code !== undefined) return `the registry of packages cannot be reached (${code})`;
    throw new Error(`npm failed: ${said}`, { cause: error });
  }
  for (const name of ["samples", "checkpoints", "configs", "examples"])
    await cp(join(installed(project), name), join(project, name), { recursive: true });
  return { project, remove };
}

export const installed = (project: string): string => join(project, "node_modules", "pudnet");

/** Gives the project the native runtime that the repository has, as `npm install onnxruntime-node` would. */
export async function addNativeRuntime(project: string): Promise<void> {
  const name = join("node_modules", "onnxruntime-node");
  await symlink(join(ROOT, name), join(project, name), "junction");
}

/** What git would give to a clone, with the changes of the working tree; the installed packages are shared. */
async function copySources(clone: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard", "-z"], ROOT);
  const needed = /^(src|web|scripts|checkpoints|configs|samples|examples)\/|^[^/]+$/;
  for (const file of stdout.split("\0").filter((name) => needed.test(name))) {
    await mkdir(dirname(join(clone, file)), { recursive: true });
    await cp(join(ROOT, file), join(clone, file)).catch(ignoreMissing); // deleted, but not yet for git
  }
  await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"), "junction");
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

const npm = (cwd: string, ...args: string[]) => run("npm", args, cwd);

function run(program: string, args: readonly string[], cwd: string) {
  const shell = process.platform === "win32"; // npm is a script there
  return promisify(execFile)(program, args, { cwd, shell, maxBuffer: 2 ** 26 });
}
