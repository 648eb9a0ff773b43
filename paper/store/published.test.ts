// groups.csv and recipes.jsonl: written and read again, checked against each other, and what stands in for a store on a clean clone.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FormatError, UserError } from "pudnet/engine";
import { identityHash } from "pudnet/files";
import { GROUPS, type PublishedRecord, readPublished, RECIPES, writePublished } from "./published.ts";

let out: string;
beforeEach(() => void (out = mkdtempSync(join(tmpdir(), "pudnet-published-"))));
afterEach(() => rmSync(out, { recursive: true }));

const machine = { cpu: "a CPU", cores: 2, memoryGiB: 4, system: "linux" };
const session = { fromGroup: 0, pudnet: "0.1.0", command: "made up", machine, versions: { node: "20.20.2" } };
const recordOf = (seed: number, groups: PublishedRecord["groups"]): PublishedRecord => ({
  name: `made-up-${seed}`,
  identity: { kind: "made up", seed },
  madeFrom: { "cifar-100@32": "0123456789abcdef" },
  sessions: [session],
  groups,
});
const plain = recordOf(0, [
  { accuracy: { "10-shot rule": 0.3 }, seconds: {} },
  { accuracy: { "10-shot rule": 2 / 3 }, seconds: {} },
]);
const timed = recordOf(1, [
  { accuracy: { "2 epochs": 0.5, "10 epochs": 0.75 }, seconds: { "10 epochs": 1.234_56 } },
  { accuracy: { "2 epochs": 1e-7 }, seconds: {} },
]);
const byHash = (...records: readonly PublishedRecord[]) =>
  new Map(records.map((record) => [identityHash(record.identity), record]));
const read = (file: string): string => readFileSync(join(out, file), "utf8");
const change = (file: string, edit: (text: string) => string): void => {
  const changed = edit(read(file));
  expect(changed).not.toBe(read(file));
  writeFileSync(join(out, file), changed);
};

describe("what is published", () => {
  it("has a row a group, with a cell for what any of them has, and is read as it was", async () => {
    expect(await readPublished(out)).toEqual(new Map());
    await writePublished(out, byHash(timed, plain));
    const [header, ...rows] = read(GROUPS).trimEnd().split("\n");
    expect(header).toBe(
      "evaluation,group,accuracy: 2 epochs,accuracy: 10 epochs,accuracy: 10-shot rule,seconds: 10 epochs",
    );
    const [ofPlain, ofTimed] = [plain, timed].map(({ identity }) => identityHash(identity));
    expect(rows.filter((row) => row.startsWith(ofTimed!))).toEqual([
      `${ofTimed},0,0.5,0.75,,1.235`,
      `${ofTimed},1,1e-7,,,`,
    ]);
    expect(rows.filter((row) => row.startsWith(ofPlain!))).toEqual([
      `${ofPlain},0,,,0.3,`,
      `${ofPlain},1,,,0.6666666666666666,`,
    ]);
    expect(rows).toEqual(rows.toSorted());
    const known = await readPublished(out);
    const rounded = [{ ...timed.groups[0]!, seconds: { "10 epochs": 1.235 } }, timed.groups[1]];
    expect(known).toEqual(byHash(plain, { ...timed, groups: rounded as PublishedRecord["groups"] }));
    const before = [read(GROUPS), read(RECIPES)];
    await writePublished(out, known);
    expect([read(GROUPS), read(RECIPES)]).toEqual(before);
  });

  it("is whole after a kill between its two files", async () => {
    await writePublished(out, byHash(plain));
    cpSync(join(out, RECIPES), join(out, "older"));
    const grown = recordOf(0, [...plain.groups, { accuracy: { "10-shot rule": 1 }, seconds: {} }]);
    await writePublished(out, byHash(grown, timed));
    cpSync(join(out, "older"), join(out, RECIPES));
    expect(await readPublished(out)).toEqual(byHash(plain));
    await writePublished(out, byHash(grown, timed));
    expect((await readPublished(out)).size).toBe(2);
  });

  it("never loses rows", async () => {
    await writePublished(out, byHash(plain, timed));
    for (const fewer of [byHash(plain), byHash(timed, recordOf(0, plain.groups.slice(1)))]) {
      await expect(writePublished(out, fewer)).rejects.toThrow(UserError);
    }
    expect((await readPublished(out)).size).toBe(2);
  });

  it.each([
    [GROUPS, "a row is missing", (text: string) => text.replace(/^.*,1,.*\n/m, ""), /of which recipes\.jsonl says/],
    [GROUPS, "a group stands twice", (text: string) => text.replace(/,1,/, ",0,"), /group "0", expected 1/],
    [GROUPS, "half a row", (text: string) => text.slice(0, text.lastIndexOf(",")), /5 cells, its header has 6/],
    [GROUPS, "an accuracy above 1", (text: string) => text.replace(",0.3,", ",3,"), /accuracy 3/],
    [GROUPS, "a word", (text: string) => text.replace(",0.3,", ",good,"), /"good" is no number/],
    [GROUPS, "another column", (text: string) => text.replace("seconds", "minutes"), /neither an accuracy nor/],
    [GROUPS, "no column of hashes", (text: string) => text.replace("evaluation", "name"), /first columns are "name"/],
    [GROUPS, "another hash", (text: string) => text.replaceAll(/^[0-9a-f]{10}/gm, "0$&"), /says that there are/],
    [RECIPES, "half a line", (text: string) => text.slice(0, -20), /line 2: not JSON/],
    [RECIPES, "a changed recipe", (text: string) => text.replace('"seed":0', '"seed":2'), /not the hash of its ident/],
    [RECIPES, "no session", (text: string) => text.replaceAll(/"sessions":\[.*\]/g, '"sessions":[]'), /not an evalu/],
  ])("is refused where in %s there is %s", async (file, _, damage, message) => {
    await writePublished(out, byHash(plain, timed));
    change(file, damage);
    const error: unknown = await readPublished(out).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(message);
    expect((error as FormatError).hint).toContain("as they were published");
  });

  it("is refused where groups.csv is gone", async () => {
    await writePublished(out, byHash(plain));
    rmSync(join(out, GROUPS));
    await expect(readPublished(out)).rejects.toThrow(/missing beside recipes\.jsonl/);
  });
});
