import { expect, it } from "vitest";
import { z } from "zod";
import { JSON_OUTPUT } from "./json.ts";

// Written anew by `npx vitest run src/cli/json.test.ts -u`.
it.each(Object.entries(JSON_OUTPUT))("docs/schema holds what %s prints", async (name, schema) => {
  // "input": fields that a later version adds are no error
  const json = { title: `pudnet ${name.replace("-", " --")} --json`, ...z.toJSONSchema(schema, { io: "input" }) };
  await expect(`${JSON.stringify(json, undefined, 2)}\n`).toMatchFileSnapshot(`../../docs/schema/${name}.json`);
});
