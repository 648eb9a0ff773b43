import { expect, test } from "vitest";
import { panelOf } from "./panels.ts";

test.each([
  ["loss/total", "loss"],
  ["lossKl", "loss"],
  ["validation.accuracy", "accuracy"],
  ["validationAccuracy", "accuracy"],
  ["learning rate", "rate"],
  ["groups/s", "groups/s"],
  ["temperature", "temperature"],
  ["%", "%"],
  ["/", "/"],
])("%s is drawn under %s", (metric, panel) => {
  expect(panelOf(metric)).toBe(panel);
});
