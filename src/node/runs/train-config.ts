// A meta-training config from a YAML file, with settings of the command line on top.

import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { isBaseConfig, parseBaseConfig, parseTrainConfig } from "../../train/config.ts";
import type { BaseConfig, TrainConfig } from "../../train/config-schema.ts";
import { readText } from "../files/read-file.ts";
import { parseYamlText } from "./yaml-text.ts";

/** Reads a YAML config and applies `key.path=value` settings on top: of a supervised training where it has a `method`. */
export async function readTrainConfig(
  file: string,
  settings: readonly string[] = [],
): Promise<TrainConfig | BaseConfig> {
  const text = await readText(file, { hint: "see configs/ for examples", exitCode: 2 });
  return parseAnyConfig(applySettings(parseConfigText(text, file), settings), file);
}

/** Plain data as the config that it is meant as. @throws UserError where it is not sound */
export function parseAnyConfig(data: unknown, file: string): TrainConfig | BaseConfig {
  return isBaseConfig(data) ? parseBaseConfig(data, file) : parseTrainConfig(data, file);
}

/** Whether a run folder, which is not opened for that, is of a supervised training. What is wrong with it whoever opens it says. */
export async function isBaseRun(path: string): Promise<boolean> {
  const file = join(path, "config.yaml");
  try {
    return isBaseConfig(parseConfigText(await readText(file, { hint: "", exitCode: 2 }), file));
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** A config as plain data. @throws UserError for a text that is no YAML, or no section of keys */
export function parseConfigText(text: string, file: string): Record<string, unknown> {
  const refuse = (what: string, cause?: unknown): UserError =>
    new UserError(`${file} is ${what}`, { cause, hint: "see configs/ for examples", exitCode: 2 });
  const config = parseYamlText(text, refuse) ?? {};
  if (!isSection(config)) throw refuse("not a config: expected keys with values");
  return config;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function applySettings(config: Record<string, unknown>, settings: readonly string[]): Record<string, unknown> {
  const result = structuredClone(config);
  const seen = new Set<string>();
  for (const setting of settings) {
    const [path, text] = setting.split(/=(.*)/s) as [string, string | undefined];
    if (!path || text === undefined) {
      throw new UserError(`--set "${setting}" is not key=value`, { hint: "for example --set steps=5000", exitCode: 2 });
    }
    if (seen.has(path)) {
      throw new UserError(`--set ${path} is given twice`, { hint: "one of them would say nothing", exitCode: 2 });
    }
    seen.add(path);
    const keys = path.split(".");
    let section = result;
    for (const [depth, key] of keys.slice(0, -1).entries()) {
      const inner = (Object.hasOwn(section, key) ? section[key] : undefined) ?? {};
      put(section, key, inner);
      if (!isSection(inner)) {
        const at = keys.slice(0, depth + 1).join(".");
        throw new UserError(`--set "${setting}": ${at} is ${JSON.stringify(inner)}, not a section`, {
          hint: `set ${at} itself, for example --set ${at}=${JSON.stringify(inner)}`,
          exitCode: 2,
        });
      }
      section = inner;
    }
    put(section, keys.at(-1)!, parseSetting(setting, text));
  }
  return result;
}

function parseSetting(setting: string, text: string): unknown {
  return parseYamlText(text, (what, cause) => {
    const hint = "put text with special characters in quotes, for example --set 'name=\"a: b\"'";
    return new UserError(`--set "${setting}": the value is ${what}`, { hint, cause, exitCode: 2 });
  });
}

/** Sets a key of the section itself, whatever it is called: assigning to "__proto__" would be taken and do nothing. */
function put(section: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(section, key, { value, writable: true, enumerable: true, configurable: true });
}
