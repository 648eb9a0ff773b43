// What work for a user fails with.

import { expect } from "vitest";
import { UserError } from "../src/errors.ts";

/** The error for people that work ends in. It must end in one. */
export async function failure(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}
