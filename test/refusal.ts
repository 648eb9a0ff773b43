// What is refused in a user's words.

import { expect } from "vitest";
import { UserError } from "../src/errors.ts";

/** The error that a piece of work must end with: one of ours, which names a way out. */
export async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).hint).toBeTruthy();
  return error as UserError;
}
