// onnxruntime-node keeps a device id and an event store in the user's cache folder (processor, memory, metadata of
// models, which holds class names) and can send it to its makers, unless this variable stands in the process's
// environment before the library starts. It is set when this module is loaded, so that worker threads and processes
// started later inherit it, and checked before the library is.

import { UserError } from "../errors.ts";

const VARIABLE = "ORT_DISABLE_TELEMETRY";

/** onnxruntime-node would record what runs here, and this thread cannot forbid it. */
export class TelemetryError extends UserError {}

setVariable();

/**
 * Makes sure that onnxruntime records and sends nothing.
 * @throws TelemetryError in a worker thread that was started with an environment of its own before any pudnet was
 * loaded: what it sets reaches JavaScript only
 */
export function forbidTelemetry(): void {
  setVariable();
  if (!isWorkerThread() || ownEnvironment()[VARIABLE] === "1") return;
  throw new TelemetryError(
    "onnxruntime-node would record and send what it runs here, and a worker thread cannot forbid it",
    { hint: `load pudnet or set process.env.${VARIABLE} = "1" in the main thread before the worker starts` },
  );
}

function setVariable(): void {
  if (typeof process !== "undefined" && process.env) process.env[VARIABLE] = "1";
}

/** Threads other than the main one may not change the folder that the process works in: Node marks the function. */
function isWorkerThread(): boolean {
  return (process.chdir as { disabled?: boolean } | undefined)?.disabled === true;
}

/** The environment that native code sees; a worker thread's `process.env` is a copy. */
function ownEnvironment(): Readonly<Record<string, string>> {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }; // since 20.13
  const { excludeNetwork } = report;
  report.excludeNetwork = true; // else it asks for the names of all peers
  try {
    return (report.getReport() as { environmentVariables?: Record<string, string> }).environmentVariables ?? {};
  } finally {
    report.excludeNetwork = excludeNetwork ?? false;
  }
}
