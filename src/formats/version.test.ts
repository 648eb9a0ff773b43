import { expect, it } from "vitest";
import { requireVersion } from "./version.ts";

it.each([1, "1"])("takes the version that is read here, as a number or as text: %j", (found) => {
  expect(() => requireVersion("x.json", "classifier", found, 1)).not.toThrow();
});

it.each([2, "2", 1.5, 900])("says to update for %j", (found) => {
  const message = `x.json: classifier version ${found}, made by a newer version of pudnet: this one reads 1`;
  const hint = expect.stringMatching(/^update pudnet/);
  expect(() => requireVersion("x.json", "classifier", found, 1)).toThrow(expect.objectContaining({ message, hint }));
});

it.each([undefined, null, 0, "0", -1, "one", "", "1 ", "٢", [1], {}])("does not take %j for a newer one", (found) => {
  const hint = expect.stringMatching(/damaged/);
  expect(() => requireVersion("x.json", "classifier", found, 1)).toThrow(expect.objectContaining({ hint }));
});
