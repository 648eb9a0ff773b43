#!/usr/bin/env node
// The command line: one file per command, of which only the one that is asked for is loaded; this one joins them and turns
// errors into messages and exit codes.

import { readFileSync } from "node:fs";
import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { closest, invariant, UserError } from "../errors.ts";
import { printable } from "../names.ts";
import { COMMANDS, type CommandRow } from "./commands.ts";
import { printError, printFailure, watchOutput } from "./output.ts";
import { refuseSlips } from "./slips.ts";

const HELP = `
Start here:
  pudnet checks
  pudnet predict samples/fashion-unseen
  pudnet classify predictions/fashion-unseen-1 samples/fashion-unseen/bag

Exit codes: 0 done, 1 it failed, 2 bad use. "pudnet COMMAND --help" shows options and examples.`;

const program = new Command("pudnet")
  .description("Predict all convolution weights of a ConvNet for image data it has never seen, in one forward pass.")
  .version(packageVersion())
  .option("--debug", "print stack traces")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(asHint(text).split("\n").map(printable).join("\n")) })
  .addHelpText("after", HELP);

watchOutput();
try {
  requireCurrentFolder();
  const asked = askedFor(process.argv.slice(2));
  requireHelpKnown();
  for (const row of COMMANDS) add(program, row.name === asked ? await loaded(row) : named(row), row.description);
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

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
  if (!computes) return command;
  return command.hook("preAction", async (_, running) => {
    if (!running.opts()["worker"]) await tellRuntime(); // a worker's parent has told it
  });
}

/** A line on stderr where WebAssembly computes. */
async function tellRuntime(): Promise<void> {
  const { runtimeNote } = await import("../node/native-runtime.ts");
  const note = await runtimeNote();
  if (note !== undefined) printError(`note: ${note}`);
}

/** What the list of commands and a hint on a mistyped one need to know of a command that is not asked for. */
function named({ name }: CommandRow): CommandUnknownOpts {
  return new Command(name).action(() => invariant(false, () => `the command ${name} was not loaded`));
}

/** The folder that a shell stands in may have been removed meanwhile: nothing works then. */
function requireCurrentFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    const hint = "change to another folder and run it again";
    throw new UserError("the folder this was started in is no longer there", { hint, cause, exitCode: 2 });
  }
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

/** commander's suggestion as our hints look; where it has none, where all is told. */
function asHint(text: string): string {
  const told = text.replace(/\(Did you mean (.*)\?\)/, "hint: did you mean $1?");
  if (told.includes("hint: ")) return told;
  const command = COMMANDS.find(({ name }) => name === askedFor(process.argv.slice(2)))?.name;
  return `${told.trimEnd()}\nhint: pudnet ${command === undefined ? "" : `${command} `}--help shows what there is\n`;
}

function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Prints an error the way its kind deserves and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return printFailure(error, { trace: program.opts().debug === true });
}
