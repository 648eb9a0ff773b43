// What a program of ours does around its commands: tells which runtime computes, and turns errors into messages and exit
// codes.

import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { printable } from "../names.ts";
import { printError, printFailure, watchOutput } from "./output.ts";

/** `helpCommand` is what shows the options of what was asked for, and stands in hints. */
export function newProgram(name: string, helpCommand: () => string): Command {
  return new Command(name)
    .option("--debug", "print stack traces")
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(asHint(text, helpCommand).split("\n").map(printable).join("\n")),
    });
}

/** Reads the command line and does what it says; sets the exit code of the process. */
export async function runProgram(program: CommandUnknownOpts, prepare?: () => Promise<void>): Promise<void> {
  watchOutput();
  try {
    requireCurrentFolder();
    await prepare?.();
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error, program);
  }
}

/** Before the action of a command that computes, a line on stderr where that is WebAssembly. */
export function tellRuntime(command: CommandUnknownOpts): CommandUnknownOpts {
  return command.hook("preAction", async (_, running) => {
    if (running.opts()["worker"] || running.opts()["parcel"]) return; // the parent has told it
    const { runtimeNote } = await import("../node/native-runtime.ts");
    const note = await runtimeNote();
    if (note !== undefined) printError(`note: ${note}`);
  });
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

/** commander's suggestion as our hints look; where it has none, where all is told. */
function asHint(text: string, helpCommand: () => string): string {
  const told = text.replace(/\(Did you mean (.*)\?\)/, "hint: did you mean $1?");
  if (told.includes("hint: ")) return told;
  return `${told.trimEnd()}\nhint: ${helpCommand()} shows what there is\n`;
}

/** Prints an error the way its kind deserves and gives the exit code. */
function report(error: unknown, program: CommandUnknownOpts): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return printFailure(error, { trace: program.opts()["debug"] === true });
}
