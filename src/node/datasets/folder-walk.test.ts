import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SYSTEM_ENTRIES } from "../../formats/picture-names.ts";

it("docs/pictures.md lists all that is passed over without a word", () => {
  const text = readFileSync(new URL("../../../docs/pictures.md", import.meta.url), "utf8");
  expect(SYSTEM_ENTRIES.filter((name) => !text.includes(`\`${name.replace("\r", "\\r")}\``))).toEqual([]);
});
