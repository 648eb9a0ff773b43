#!/usr/bin/env node
// The command line: one file per command; this one joins them and turns errors into messages and exit codes.

import { Command, CommanderError } from "@commander-js/extra-typings";
import { UserError } from "../errors.ts";
import { trainCommand } from "./train.ts";

const program = new Command("pudnet")
  .description("Predict all convolution weights of a ConvNet for image data it has never seen, in one forward pass.")
  .option("--debug", "print stack traces")
  .exitOverride()
  .configureOutput({ writeErr: (text) => void process.stderr.write(text) });

for (const command of [trainCommand()]) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
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
