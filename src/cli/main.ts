#!/usr/bin/env node
// The command line: one file per command, of which only the one that is asked for is loaded; this one joins them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { closest, invariant } from "../errors.ts";
import { PACKAGE_ROOT } from "../node/package-root.ts";
import { COMMANDS, type CommandRow } from "./commands.ts";
import { newProgram, runProgram, tellRuntime } from "./program.ts";
import { refuseSlips } from "./slips.ts";

const HELP = `
Start here:
  pudnet checks
  pudnet predict samples/fashion-unseen
  pudnet classify predictions/fashion-unseen-1 samples/fashion-unseen/bag

Exit codes: 0 done, 1 it failed, 2 bad use. "pudnet COMMAND --help" shows options and examples.`;

const program = newProgram("pudnet", helpCommand)
  .description("Predict all convolution weights of a ConvNet for image data it has never seen, in one forward pass.")
  .version(packageVersion())
  .addHelpText("after", HELP);

await runProgram(program, async () => {
  const asked = askedFor(process.argv.slice(2));
  requireHelpKnown();
  for (const row of COMMANDS) add(program, row.name === asked ? await loaded(row) : named(row), row.description);
});

/** The command that these arguments run or ask the help of: options of the program itself take no values. */
function askedFor(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}

/** commander's own `help WORD` says nothing of a word that is no command. */
function requireHelpKnown(): void {
  const [first, word] = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
  const names = [...COMMANDS.map(({ name }) => name), "help"];
  if (first !== "help" || word === undefined || names.includes(word)) return;
  const near = closest(word, names);
  program.error(`error: unknown command '${word}'${near === undefined ? "" : `\nhint: did you mean ${near}?`}`);
}

async function loaded({ load, computes }: CommandRow): Promise<CommandUnknownOpts> {
  const command = await load();
  return computes ? tellRuntime(command) : command;
}

/** What the list of commands and a hint on a mistyped one need to know of a command that is not asked for. */
function named({ name }: CommandRow): CommandUnknownOpts {
  return new Command(name).action(() => invariant(false, () => `the command ${name} was not loaded`));
}

/** A command made elsewhere treats errors as this program does, and so do the commands inside it. */
function add(parent: Command, command: CommandUnknownOpts, description: string): void {
  command.description(description).copyInheritedSettings(parent);
  refuseSlips(command);
  for (const inner of command.commands) {
    inner.copyInheritedSettings(command);
    refuseSlips(inner);
  }
  parent.addCommand(command);
}

function helpCommand(): string {
  const command = COMMANDS.find(({ name }) => name === askedFor(process.argv.slice(2)))?.name;
  return command === undefined ? "pudnet --help" : `pudnet ${command} --help`;
}

function packageVersion(): string {
  const file = join(PACKAGE_ROOT, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
