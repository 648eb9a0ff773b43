// A classifier that grows: pictures and classes come and go, and what pudnet classify then says.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadClassifier, loadKeptPictures } from "../../src/node/classifier/classifier-folder.ts";
import { expectFailure, jsonOf, PETS, runPudnet, temporaryFolder, tinyCheckpoint, writePictures } from "./pudnet.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cwd: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  cwd = folder.path;
  await writePictures(join(cwd, "pets"), PETS, 8);
  await writePictures(join(cwd, "more"), { bird: [40, 60, 220] }, 6);
  const model = await tinyCheckpoint(cwd);
  expect((await runPudnet(["predict", "pets", "--out", "made", "--model", model], { cwd })).code).toBe(0);
});
afterAll(() => folder[Symbol.asyncDispose]());

const run = (...args: string[]) => runPudnet(args, { cwd });
const copied = async (name: string): Promise<string> => {
  await rm(join(cwd, name), { recursive: true, force: true });
  await cp(join(cwd, "made"), join(cwd, name), { recursive: true });
  return name;
};

describe("pudnet update", () => {
  it("adds a class, renames one, and classifies all; the network stays, what was held back is forgotten", async () => {
    const dir = await copied("grown");
    const { code, stdout, stderr } = await run("update", dir, "--add", "more", "--rename", "dog=hound");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^added 6 pictures; now 22 of 3 classes: cat 8, hound 8, bird 6\nhead: /m);
    expect(stdout).toMatch(
      /^note: grown\/report\.html was taken away, .* pudnet evaluate --classifier grown --data FOLDER --report PAGE/m,
    );
    expect(stdout).toMatch(/^for new weights, .*: pudnet predict FOLDER, with all pictures$/m);
    expect((await readdir(join(cwd, dir))).toSorted()).toEqual([
      "classifier.json",
      "classifier.onnx",
      "pictures.safetensors",
      "weights.safetensors",
    ]);
    const [before, after] = [await loadClassifier(join(cwd, "made")), await loadClassifier(join(cwd, dir))];
    expect(after.classifier.network).toEqual(before.classifier.network);
    expect(after.description).not.toHaveProperty("heldOut");
    expect(after.description).toMatchObject({
      model: before.description["model"],
      images: {
        total: 22,
        classes: [
          { name: "cat", n: 8 },
          { name: "hound", n: 8 },
          { name: "bird", n: 6 },
        ],
      },
      updates: [{ added: 6, removed: [], renamed: [{ from: "dog", to: "hound" }] }],
    });
    const classified = await run("classify", dir, "more/bird/0.png", "pets/dog/0.png", "--json", "--top", "1");
    const { images } = jsonOf("classify", classified.stdout);
    expect(images.map(({ labels }) => labels[0]!.label)).toEqual(["bird", "hound"]);
    const judged = await run("evaluate", "--classifier", dir, "--data", "more", "--json");
    expect(jsonOf("evaluate-classifier", judged.stdout)).toMatchObject({ n: 6, familiar: { n: 6 } });
  });

  it("that can add nothing is a failure, and leaves classifier, report and figures as they are", async () => {
    const dir = await copied("kept");
    const before = await readFile(join(cwd, dir, "classifier.json"), "utf8");
    await mkdir(join(cwd, "damaged/fish"), { recursive: true });
    await writeFile(join(cwd, "damaged/fish/0.png"), "no picture");
    const failed = await run("update", dir, "--add", "damaged");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(
      /^error: no picture could be added: the classifier is as it was[^]*no picture that can be read of "fish"/m,
    );
    const repeated = await run("update", dir, "--add", "pets");
    expect(repeated).toMatchObject({ code: 0, stderr: "" });
    expect(repeated.stdout).toMatch(/^16 pictures were there already$/m);
    expect(await readFile(join(cwd, dir, "classifier.json"), "utf8")).toBe(before);
    expect(await readdir(join(cwd, dir))).toContain("report.html");
  });

  it("counts what is left out, and says which classes differ in capitals alone", async () => {
    const dir = await copied("capitals");
    await writePictures(join(cwd, "other"), { Cat: [200, 40, 40] }, 2);
    await writeFile(join(cwd, "other/Cat/x.png"), "no picture");
    const { images, notes } = jsonOf("update", (await run("update", dir, "--add", "other", "--json")).stdout);
    expect(images.skipped).toBe(1);
    expect(notes).toContain('the classes "cat" and "Cat" differ only in capital letters');
  });

  it("renames classes whose names hold =", async () => {
    const dir = await copied("signs");
    expect((await run("update", dir, "--rename", "dog=a=b", "--json")).code).toBe(0);
    const { images } = jsonOf("update", (await run("update", dir, "--rename", "a=b=c", "--json")).stdout);
    expect(images.classes.map(({ name }) => name)).toEqual(["cat", "c"]);
  });

  it("gives the head of everything fitted together, whatever the order; --out leaves the first as it was", async () => {
    await writeFile(join(cwd, "one.zip"), zipSync({ bird: { "0.png": await readFile(join(cwd, "more/bird/0.png")) } }));
    const sealed = await readFile(join(cwd, "made/classifier.json"));
    const first = await run("update", "made", "--add", "more", "--out", "a", "--json");
    expect(jsonOf("update", first.stdout)).toMatchObject({ out: "a", added: 6, repeated: 0, notes: [] });
    expect(await readdir(join(cwd, "made"))).toContain("report.html");
    const again = await run("update", "a", "--add", "one.zip", "--json");
    expect(jsonOf("update", again.stdout)).toMatchObject({ out: "a", added: 0, repeated: 1 });
    const less = await run("update", "a", "--remove", "bird", "--json");
    expect(jsonOf("update", less.stdout).images).toMatchObject({
      total: 16,
      classes: [{ name: "cat" }, { name: "dog" }],
    });
    expect((await readFile(join(cwd, "made/classifier.json"))).equals(sealed)).toBe(true);
    const heads = await Promise.all(
      ["made", "a"].map(async (dir) => (await loadClassifier(join(cwd, dir))).classifier.head),
    );
    expect(heads[0]!.kind).toBe(heads[1]!.kind);
    expect(heads[1]).toEqual(heads[0]); // the same pictures in the same order
    const exists = { code: 2, message: /there is a classifier in "a" already/, hint: /--force/ } as const;
    await expectFailure(["update", "made", "--add", "more", "--out", "a"], exists, { cwd });
  });

  it("says when the network had no part in most pictures, and lists what cannot be read", async () => {
    await writePictures(join(cwd, "many"), { bird: [40, 60, 220], fish: [200, 200, 20] }, 7);
    await writeFile(join(cwd, "many/bird/no.png"), "text");
    const made = await run("update", await copied("most"), "--add", "many", "--add", "more");
    expect(made.stdout).toMatch(/skipped 1 file:\n {2}many\/bird\/no.png: not a picture/);
    expect(made.stdout).toMatch(
      /note: 14 pictures were added to 16, and the network was fitted without them: .*pudnet predict/,
    );
  });

  it("keeps a picture that another class has as well, and says so", async () => {
    await mkdir(join(cwd, "both/bird"), { recursive: true });
    for (const name of ["0.png", "1.png"]) await cp(join(cwd, "pets/cat", name), join(cwd, "both/bird", name));
    const made = await run("update", await copied("shared"), "--add", "both", "--json");
    const { added, repeated, notes } = jsonOf("update", made.stdout);
    expect({ added, repeated }).toEqual({ added: 2, repeated: 0 });
    expect(notes).toEqual([
      expect.stringMatching(/^2 pictures are in more than one class, .*cat\/0.png" is also ".*both\/bird\/0.png"/),
      expect.stringMatching(/^shared\/report\.html was taken away/),
    ]);
  });

  it.each([
    [["made"], 2, /nothing to change/, /--add FOLDER/],
    [["made", "--rename", "=dog"], 2, /"=dog" is not FROM=TO/, /dog=hound/],
    [["made", "--rename", "dog"], 2, /"dog" is not FROM=TO/, /dog=hound/],
    [["made", "--remove", "dgo"], 2, /no class "dgo"/, /did you mean "dog"/],
    [["made", "--remove", "dog"], 2, /only one class would be left/, /needs two/],
    [["made", "--add", "nowhere"], 2, /cannot read the folder "nowhere"/, /pets\/cat/],
    [["pets", "--remove", "dog"], 1, /not a whole classifier/, /predict/],
  ] as const)("%j is refused, and changes nothing", async (args, code, message, hint) => {
    const before = await readFile(join(cwd, "made/classifier.json"));
    await expectFailure(["update", ...args], { code, message, hint }, { cwd });
    expect((await readFile(join(cwd, "made/classifier.json"))).equals(before)).toBe(true);
  });

  it("needs what predict keeps of pictures, undamaged and of this classifier", async () => {
    const dir = await copied("bare");
    const file = join(cwd, dir, "pictures.safetensors");
    const bytes = await readFile(file);
    bytes[bytes.length - 9]! ^= 4;
    await writeFile(file, bytes);
    const damaged = { code: 1, message: /pictures.safetensors: corrupted/, hint: /copy or download/ } as const;
    await expectFailure(["update", dir, "--remove", "dog"], damaged, { cwd });
    await rm(file);
    const none = { code: 1, message: /keeps nothing of the pictures/, hint: /pudnet predict again/ } as const;
    await expectFailure(["update", dir, "--remove", "dog"], none, { cwd });
    await expectFailure(["classify", dir, "pets/cat/0.png", "--why", "2"], none, { cwd });
    expect((await run("classify", dir, "pets/cat/0.png")).code).toBe(0);
  });
});

it("classify --why names the pictures that are most like, by their places and classes", async () => {
  const { classifier, description } = await loadClassifier(join(cwd, "made"));
  const kept = await loadKeptPictures(join(cwd, "made"), classifier, description);
  expect(kept.pictures.map(({ path }) => path)).toContain(join(cwd, "pets/cat/3.png"));
  const told = await run("classify", "made", "pets/cat/3.png", "--why", "2", "--json");
  const [image] = jsonOf("classify", told.stdout).images;
  expect(image!.nearest).toHaveLength(2);
  expect(image!.nearest![0]).toMatchObject({ label: "cat", similarity: expect.closeTo(1, 4) });
  const [first, second] = image!.nearest!;
  expect(second!.similarity).toBeLessThanOrEqual(first!.similarity);
  const { stdout } = await run("classify", "made", "pets/cat/3.png", "--why", "1");
  expect(stdout).toMatch(/^pets\/cat\/3.png: cat [\d.]+ %.*\n {2}like .*pets\/cat\/\d.png \(cat, 1.00\)\n$/);
});
