// A meta-training config from a YAML file, with settings of the command line on top.

import { parse as parseYaml, YAMLParseError } from "yaml";
import { readFile } from "node:fs/promises";
import { UserError } from "../errors.ts";
import { parseTrainConfig, type TrainConfig } from "../train/config.ts";

/** Reads a YAML config and applies `key.path=value` settings on top. */
export async function readTrainConfig(file: string, settings: readonly string[] = []): Promise<TrainConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UserError(`cannot read the config "${file}"`, { cause, hint: "see configs/ for examples", exitCode: 2 });
  }
  return parseTrainConfig(applySettings(parseConfigText(text, file), settings), file);
}

function parseConfigText(text: string, file: string): Record<string, unknown> {
  try {
    return (parseYaml(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UserError(`${file} is not YAML: ${error.message}`, {
      cause: error,
      hint: "see configs/ for examples",
      exitCode: 2,
    });
  }
}

function applySettings(config: Record<string, unknown>, settings: readonly string[]): Record<string, unknown> {
  const result = structuredClone(config);
  for (const setting of settings) {
    const [path, text] = setting.split(/=(.*)/s) as [string, string | undefined];
    if (!path || text === undefined) {
      throw new UserError(`--set "${setting}" is not key=value`, { hint: "for example --set steps=5000", exitCode: 2 });
    }
    const keys = path.split(".");
    let section = result;
    for (const key of keys.slice(0, -1)) section = (section[key] ??= {}) as Record<string, unknown>;
    section[keys.at(-1)!] = parseYaml(text);
  }
  return result;
}
