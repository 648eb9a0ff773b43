// Errors on their way across postMessage, which keeps their messages alone.

import { UserError } from "pudnet";
import { EngineError, PictureRefused, type Refusal } from "./protocol.ts";

export type PlainError =
  | { readonly kind: "refused"; readonly why: Refusal }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string | undefined }
  /** What nobody foresaw: the worker is not to be trusted any more. */
  | { readonly kind: "broken"; readonly message: string };

export function describeError(error: unknown): PlainError {
  if (error instanceof PictureRefused) return { kind: "refused", why: error.why };
  if (error instanceof UserError) return { kind: "failed", message: error.message, hint: error.hint };
  return { kind: "broken", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** The error that the caller sees; `onBroken` hears where the worker must be replaced. */
export function revivedError(plain: PlainError, onBroken: (message: string) => void): Error {
  if (plain.kind === "refused") return new PictureRefused(plain.why);
  if (plain.kind === "failed") return new EngineError("failed", plain.message, plain.hint);
  onBroken(plain.message);
  return new EngineError("died", plain.message);
}
