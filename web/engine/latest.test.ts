import { expect, it } from "vitest";
import { Latest } from "./latest.ts";

function setUp() {
  const started: string[] = [];
  const ends: ((result: string | Error) => void)[] = [];
  const latest = new Latest<string, string>(
    (job) => {
      started.push(job);
      return new Promise((resolve, reject) =>
        ends.push((result) => (typeof result === "string" ? resolve(result) : reject(result))),
      );
    },
    (older, newer) => `${older}+${newer}`,
  );
  return { started, ends, latest };
}

it("one runs, one waits, and newer ones join the one that waits", async () => {
  const { started, ends, latest } = setUp();
  const first = latest.ask("a");
  const [second, third] = [latest.ask("b"), latest.ask("c")];
  expect(started).toEqual(["a"]);
  ends[0]!("A");
  expect(await first).toBe("A");
  expect(started).toEqual(["a", "b+c"]);
  const fourth = latest.ask("d");
  ends[1]!("BC");
  expect(await Promise.all([second, third])).toEqual(["BC", "BC"]);
  ends[2]!("D");
  expect(await fourth).toBe("D");
  expect(started).toEqual(["a", "b+c", "d"]);
});

it("what fails lets the next one go on", async () => {
  const { started, ends, latest } = setUp();
  const [first, second] = [latest.ask("a"), latest.ask("b")];
  ends[0]!(new Error("no"));
  await expect(first).rejects.toThrow("no");
  ends[1]!("B");
  expect(await second).toBe("B");
  expect(started).toEqual(["a", "b"]);
});
