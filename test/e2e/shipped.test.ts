// The networks that come with the package, on pictures as they come: grey and in colour, of 16 pixels and of 4,000.

import { statSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { SHIPPED_NAMES, shippedModel } from "../../src/node/checkpoints/shipped.ts";
import { jsonOf, ROOT, runPudnet, temporaryFolder } from "./pudnet.ts";

const ICONS = join(ROOT, "samples", "icons-unseen");

it("the default serves pictures that it has never seen, far better than guessing", async () => {
  await using folder = await temporaryFolder();
  const args = ["predict", ICONS, "--out", "icons", "--json"];
  const { code, stdout } = await runPudnet(args, { cwd: folder.path });
  expect(code).toBe(0);
  const { model, heldOut } = jsonOf("predict", stdout);
  expect(model.file).toBe(shippedModel("base"));
  expect(heldOut.interval95[0]).toBeGreaterThan(0.4); // of ten classes; raw pixels are right about one in seven
});

it("the default is at most 12 MB, and the small one 2 MB", () => {
  expect(statSync(shippedModel()).size).toBeLessThan(12e6);
  expect(statSync(shippedModel("tiny")).size).toBeLessThan(2e6);
});

describe.each(SHIPPED_NAMES)("%s", (name) => {
  it("takes grey icons of 16 pixels beside photographs of 4,000 in colour", async () => {
    await using folder = await temporaryFolder();
    for (const one of ["anchor", "ghost"]) await writeOddSizes(join(ICONS, one), join(folder.path, "odd", one));
    const { code, stderr, stdout } = await runPudnet(["predict", "odd", "--out", "made", "--model", name], {
      cwd: folder.path,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("read 8 images of 2 classes: anchor 4, ghost 4");
    const isFixed = name === "base" || name === "tiny";
    expect(stdout).toMatch(isFixed ? /^network: resnet-8 .* the same for all pictures/m : /^forward pass: \d/m);
    const picture = join("odd", "ghost", "16-0.png");
    const classified = await runPudnet(["classify", "made", picture], { cwd: folder.path });
    expect(classified).toMatchObject({ code: 0, stderr: "" });
    expect(classified.stdout).toMatch(/16-0\.png: (anchor|ghost) \d/);
  });
});

/** Of the first two pictures of a class: one of 16 x 16 grey pixels, and one of 4,000 x 3,000. */
async function writeOddSizes(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const [first, second] = (await readdir(from)).toSorted();
  for (const [i, name] of [first!, second!].entries()) {
    await sharp(join(from, name))
      .resize(16)
      .greyscale()
      .png()
      .toFile(join(to, `16-${i}.png`));
    await sharp(join(from, name))
      .resize(4000, 3000, { fit: "fill" })
      .jpeg()
      .toFile(join(to, `4000-${i}.jpg`));
  }
}
