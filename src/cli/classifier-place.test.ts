import { expect, it } from "vitest";
import { nameOf } from "./classifier-place.ts";

it.each([
  ["/data/pets", "pets"],
  ["/data/My pets! (new)/", "My-pets-new"],
  ["Öffner.2024", "Öffner.2024"],
  ["/data/\u001b[31mred\n", "31mred"],
  ["/data/../..", "pictures"],
  ["/data/...", "pictures"],
  ["/data/😀", "pictures"],
  [`/data/${"柴".repeat(80)}`, "柴".repeat(40)],
])("pictures in %j make predictions of %j", (folder, name) => {
  expect(nameOf(folder)).toBe(name);
});
