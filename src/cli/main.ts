#!/usr/bin/env node
// The command line: one file per command; this one joins them and turns errors into messages and exit codes.

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { checksCommand } from "./checks.ts";
import { classifyCommand } from "./classify.ts";
import { dataCommand } from "./data.ts";
import { evaluateCommand } from "./evaluate.ts";
import { finetuneCommand } from "./finetune.ts";
import { predictCommand } from "./predict.ts";
import { quickstartCommand } from "./quickstart.ts";
import { reproduceCommand } from "./reproduce.ts";
import { exitWithoutReader } from "./signals.ts";
import { trainCommand } from "./train.ts";

const HELP = `
Start here:
  pudnet checks
  pudnet predict samples/fashion-unseen --out out/fashion
  pudnet classify out/fashion samples/fashion-unseen/bag

Exit codes: 0 done, 1 it failed, 2 bad use. "pudnet COMMAND --help" shows options and examples.`;

const program = new Command("pudnet")
  .description("Predict all convolution weights of a ConvNet for image data it has never seen, in one forward pass.")
  .version(packageVersion())
  .option("--debug", "print stack traces")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(asHint(text)) })
  .addHelpText("after", HELP);

const commands = [
  quickstartCommand(),
  predictCommand(),
  finetuneCommand(),
  classifyCommand(),
  trainCommand(),
  evaluateCommand(),
  reproduceCommand(),
  dataCommand(),
  checksCommand(),
] as const;
for (const command of commands) add(program, command as unknown as Command);

exitWithoutReader(process.stdout);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** A command made elsewhere treats errors as this program does, and so do the commands inside it. */
function add(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inner.copyInheritedSettings(command);
  if (!parent.commands.includes(command)) parent.addCommand(command);
}

/** commander's suggestion as our hints look. */
function asHint(text: string): string {
  return text.replace(/\(Did you mean (.*)\?\)/, "hint: did you mean $1?");
}

function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Prints an error the way its kind deserves and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError && !program.opts().debug) {
    process.stderr.write(`error: ${error.message}\n`);
    if (error.hint) process.stderr.write(`hint: ${error.hint}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return error instanceof UserError ? error.exitCode : 1;
}
