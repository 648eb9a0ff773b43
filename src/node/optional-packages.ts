// Packages that users need not have: loaded when they are needed, and asked for by name and version where they are missing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { PACKAGE_ROOT } from "./package-root.ts";

/**
 * What `load` imports; `what` needs it.
 * @throws UserError with the command that installs what is missing
 */
export async function loadOptional<T>(what: string, names: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const [packages, are] = names.length > 1 ? ["packages", "are"] : ["package", "is"];
    throw new UserError(`${what} needs the ${packages} ${names.join(" and ")}, which ${are} not installed`, {
      hint: `npm install ${(await wanted(names)).join(" ")}`,
      exitCode: 2,
    });
  }
}

/** "bullmq@6.7.0", ...: the versions of package.json. */
async function wanted(names: readonly string[]): Promise<string[]> {
  const { peerDependencies } = JSON.parse(await readFile(join(PACKAGE_ROOT, "package.json"), "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  return names.map((name) => `${name}@${peerDependencies[name]!.replace("^", "")}`);
}
