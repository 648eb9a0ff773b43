// What could only be a slip on the command line. Apart from the options, since every start of the program needs it.

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { badUse } from "../errors.ts";

/** Makes `command` refuse what could only be a slip: an option given twice, of which one says nothing, and empty values. */
export function refuseSlips(command: CommandUnknownOpts): void {
  for (const option of command.options) {
    if (!option.required) continue; // takes no value
    let isGiven = false;
    command.on(`option:${option.name()}`, (value: string) => {
      const hint = "a variable of the shell may be empty; leave the option out for its default";
      if (value === "") badUse(`${option.long} is empty`, hint);
      if (isGiven && !Array.isArray(option.defaultValue)) badUse(`${option.long} is given twice`, "give it once");
      isGiven = true;
    });
  }
  command.hook("preAction", (_, { args }) => {
    const hint = "a variable of the shell may be empty";
    if (args.includes("")) badUse("an empty name where a file or folder is expected", hint);
  });
}
