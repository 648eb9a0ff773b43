// pudnet checks: whether everything works on this machine, and how to mend what does not.

import { Command } from "@commander-js/extra-typings";
import { type Check, runChecks } from "../node/checks.ts";
import type { ChecksJson } from "./json.ts";
import { print, printJson } from "./output.ts";

const SIGNS = { good: "ok     ", warning: "warning", broken: "BROKEN " } as const;

export function checksCommand() {
  return new Command("checks")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nThe exit code is 1 where something essential is broken.\n\nExamples:\n  pudnet checks\n  pudnet checks --json",
    )
    .action(async ({ json }) => {
      const checks: Check[] = [];
      for await (const check of runChecks()) {
        checks.push(check);
        if (json) continue;
        print(`${SIGNS[check.status]} ${check.name}: ${check.found}`);
        if (check.mend) print(`        hint: ${check.mend}`);
      }
      const isBroken = checks.some(({ status }) => status === "broken");
      const report: ChecksJson = { format: "pudnet-checks", version: 1, works: !isBroken, checks };
      if (json) printJson(report);
      if (isBroken) process.exitCode = 1;
    });
}
