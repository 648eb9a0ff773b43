import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { judge } from "../../report/judgement.ts";
import { evaluationHtml } from "./evaluation-report.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pudnet-page-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function picture(name: string, side: number): Promise<string> {
  const path = join(folder, name);
  await sharp({ create: { width: side, height: side, channels: 3, background: "#c33" } }).toFile(path);
  return path;
}

it("small pictures stand in the page as they are, others decoded, the surest mistake first; one that is gone does not", async () => {
  const sources = [
    await picture("right.png", 16),
    await picture("large.png", 300),
    await picture("small.png", 16),
    join(folder, "gone.png"),
    await picture("small.jpg", 16), // may say where it was taken
  ];
  const predictions = sources.map((_, i) => ({ label: 0, predicted: i === 0 ? 0 : 1, score: 0.5 + i / 10 }));
  const html = await evaluationHtml({
    evaluation: { ...judge(predictions, 2), predictions, sources },
    classes: ["a", "b"],
    title: "Two",
    lead: "",
    facts: [],
  });
  const shown = [...html.matchAll(/<li class="wrong" title="([^"]*)">\s*<img src="data:image\/png;base64,([^"]*)"/g)];
  expect(shown.map(([, title]) => title)).toEqual([sources[4], sources[2], sources[1]]);
  const files = shown.map(([, , base64]) => Buffer.from(base64!, "base64"));
  expect(files[1]).toEqual(await readFile(sources[2]!));
  expect((await sharp(files[2]).metadata()).width).toBe(128);
});
