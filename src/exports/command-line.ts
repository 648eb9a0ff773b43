// What a command line of ours does: options, output, signals, exit codes. For researchers: may change in any minor version.

export { deviceOption, oneOf, refuseIdle, threadsOption, wholeNumber } from "../cli/options.ts";
export { errorLines, print, printError } from "../cli/output.ts";
export { newProgram, runProgram, tellRuntime } from "../cli/program.ts";
export { stopOnSignals, STOPPED } from "../cli/signals.ts";
export { refuseSlips } from "../cli/slips.ts";
