// URLs of queues: what they say, and that what is wrong with them is told without a password.

import { expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import { queueAddress } from "./address.ts";

it.each([
  ["redis://localhost", { host: "localhost", port: 6379, db: 0, isEncrypted: false, shown: "redis://localhost:6379" }],
  ["redis://10.0.0.7:7000/3", { host: "10.0.0.7", port: 7000, db: 3, shown: "redis://10.0.0.7:7000/3" }],
  ["rediss://a:b%40c@db.example", { username: "a", password: "b@c", isEncrypted: true }],
  ["redis://:secret@[::1]:7000", { host: "::1", password: "secret", shown: "redis://[::1]:7000" }],
])("reads %s", (text, parts) => {
  expect(queueAddress(text, {})).toMatchObject(parts);
});

it("takes a password from the environment, unless the address has one", () => {
  const env = { PUDNET_QUEUE_PASSWORD: "other" };
  expect(queueAddress("redis://localhost", env).password).toBe("other");
  expect(queueAddress("redis://:own@localhost", env).password).toBe("own");
  expect(queueAddress("redis://localhost", {})).not.toHaveProperty("password");
});

it.each([
  ["localhost:6379", /begins with "localhost:"/],
  ["http://:secret@localhost", /begins with "http:"/],
  ["redis://:secret@host:port", /cannot be read/],
  ["redis://:secret@", /cannot be read|names no host/],
  ["redis://:secret@host/name", /has no number for the database/],
  ["redis://:secret@host?x=secret", /goes on after the database/],
  ["redis://:%secret@host", /has a % in its name or password/],
  ["", /cannot be read/],
])('refuses "%s"', (text, says) => {
  let error: unknown;
  try {
    queueAddress(text, {});
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UserError);
  const { message, hint, exitCode } = error as UserError;
  expect(message).toMatch(says);
  expect(exitCode).toBe(2);
  expect(`${message} ${hint}`).not.toContain("secret");
});
