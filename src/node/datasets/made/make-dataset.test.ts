import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../../test/failure.ts";
import { readImageFolder } from "../image-folder.ts";
import { emojiClasses } from "./emoji.ts";
import { iconClasses } from "./icons.ts";
import { makeDataset, makeSet } from "./make-dataset.ts";
import type { MadeSet } from "./made-set.ts";
import type { Pinned } from "./pinned.ts";
import { packTiny, tinyIcons } from "../../../../test/tiny-packages.ts";

let root = "";
let from = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pudnet-made-"));
  from = join(root, "packages");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const SQUARE = '<path fill="currentColor" d="M4 4h16v16H4z"/>';
const DISC = '<circle cx="12" cy="12" r="9" fill="currentColor"/>';
const BAR = '<path fill="currentColor" d="M2 10h20v4H2z"/>';
const RING = '<circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2"/>';
const CONCEPTS = new Map([
  ["box", ["box", "square"]],
  ["ball", ["ball"]],
  ["rare", ["rare"]],
]);

const icons: MadeSet = {
  about: "icons for tests",
  role: "train",
  perClass: 5,
  packages: [],
  classes: (packages) => iconClasses(CONCEPTS, packages, { least: 2, mostOfOne: 2, most: 9 }),
};

async function tinyPackages(): Promise<Pinned[]> {
  return [
    await packTiny(from, "@tiny/a", tinyIcons({ "box-filled": SQUARE, "ball-24": DISC, rare: BAR })),
    await packTiny(from, "@tiny/b", tinyIcons({ "square-outline": BAR, ball: RING, other: BAR })),
  ];
}

/** All files of a folder with their bytes, as one text. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files
    .sort()
    .map(async (path) => [path.slice(folder.length), (await readFile(path)).toString("base64")]);
  return Object.fromEntries((await Promise.all(pairs)) as [string, string][]);
}

describe("a set of packages", () => {
  it("becomes an image folder with its attribution, of classes that are drawn often enough", async () => {
    const made = await makeSet("tiny", icons, await tinyPackages(), { root, from });
    const folder = join(root, "tiny");
    expect(made).toEqual({ folder, how: "made", classes: 2, pictures: 10, licences: ["MIT"] });
    expect((await readdir(folder)).sort()).toEqual([".made.json", "ATTRIBUTION.md", "ball", "box"]);
    expect((await readdir(join(folder, "box"))).sort()).toEqual(["0.png", "1.png", "2.png", "3.png", "4.png"]);
    const attribution = await readFile(join(folder, "ATTRIBUTION.md"), "utf8");
    expect(attribution).toContain("pudnet data make tiny --size 5 --seed 0");
    expect(attribution).toContain(
      "- @tiny/a@1.2.3: Tiny by A. Nobody (https://example.org), MIT (https://example.org/licence)",
    );
    expect((await readdir(root)).sort()).toEqual(["packages", "tiny"]);
    const { dataset } = await readImageFolder(folder, { side: 32, cache: false });
    expect(dataset.classes).toEqual(["ball", "box"]);
  });

  it("shows every picture's drawing: none is of one colour", async () => {
    await makeSet("tiny", icons, await tinyPackages(), { root, from, size: 20 });
    for (const name of ["ball", "box"]) {
      for (const file of await readdir(join(root, "tiny", name))) {
        const { channels, entropy } = await sharp(join(root, "tiny", name, file)).stats();
        expect(channels).toHaveLength(3);
        expect(entropy).toBeGreaterThan(0.1);
      }
    }
  });

  it("is the same for a seed, byte for byte, and another for another", async () => {
    const packages = await tinyPackages();
    for (const [place, seed] of [
      ["one", 3],
      ["two", 3],
      ["three", 4],
    ] as const) {
      await makeSet("tiny", icons, packages, { root: join(root, place), from, seed });
    }
    const [one, two, three] = await Promise.all(
      ["one", "two", "three"].map((place) => contents(join(root, place, "tiny"))),
    );
    expect(two).toEqual(one);
    expect(three!["/box/0.png"]).not.toBe(one!["/box/0.png"]);
  });

  it("has the first pictures of a larger one", async () => {
    const packages = await tinyPackages();
    await makeSet("tiny", icons, packages, { root: join(root, "few"), from, size: 3 });
    await makeSet("tiny", icons, packages, { root: join(root, "many"), from, size: 8 });
    const [few, many] = await Promise.all(["few", "many"].map((place) => contents(join(root, place, "tiny"))));
    expect(few!["/ball/2.png"]).toBe(many!["/ball/2.png"]);
  });

  it("is kept when it is there, and is not overwritten by another", async () => {
    const packages = await tinyPackages();
    await makeSet("tiny", icons, packages, { root, from });
    const kept = await makeSet("tiny", icons, packages, { root, from: join(root, "nowhere") });
    expect(kept).toMatchObject({ how: "kept", classes: 2, pictures: 10 });
    const error = await failure(makeSet("tiny", icons, packages, { root, from, seed: 1 }));
    expect(error.message).toMatch(/is there already, made with another seed, size or version/);
    expect(error.hint).toMatch(/rm -r .*tiny.*--root/);
    expect(error.exitCode).toBe(2);
  });

  it("does not overwrite somebody's folder", async () => {
    await mkdir(join(root, "tiny"));
    await writeFile(join(root, "tiny", "mine.txt"), "mine");
    const error = await failure(makeSet("tiny", icons, await tinyPackages(), { root, from }));
    expect(error.message).toMatch(/is there already, and not made by this command/);
    expect(await readdir(join(root, "tiny"))).toEqual(["mine.txt"]);
  });

  it("leaves nothing behind when it fails in the middle", async () => {
    const [first, second] = await tinyPackages();
    const error = await failure(
      makeSet("tiny", icons, [first!, { ...second!, integrity: "sha512-x" }], { root, from }),
    );
    expect(error.message).toMatch(/its checksum is another/);
    expect(await readdir(root)).toEqual(["packages"]);
  });

  it("starts anew after a process that was killed", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const { temporaryFor } = await import("../../files/temporaries.ts");
    const left = temporaryFor(join(root, "tiny")).replace(`-${process.pid}-`, `-${pid}-`);
    await mkdir(join(left, "box"), { recursive: true });
    await makeSet("tiny", icons, await tinyPackages(), { root, from });
    expect((await readdir(root)).sort()).toEqual(["packages", "tiny"]);
  });

  it("tells how far it is", async () => {
    const told: string[] = [];
    const onProgress = ({ what, done, total }: { what: string; done: number; total: number }): void =>
      void told.push(`${what} ${done}/${total}`);
    await makeSet("tiny", icons, await tinyPackages(), { root, from, onProgress });
    expect(told).toEqual(["classes 1/2", "classes 2/2"]);
  });
});

describe("emoji", () => {
  it("are classes by code point, under whichever way a vendor writes the name", async () => {
    const packages = [
      await packTiny(from, "@tiny/a", tinyIcons({ "red-ball": DISC })),
      await packTiny(from, "@tiny/b", tinyIcons({ redball: RING, bar: BAR })),
    ];
    const set: MadeSet = {
      ...icons,
      classes: (opened) =>
        emojiClasses(
          new Map([
            ["1f534", "red-ball"],
            ["2796", "bar"],
          ]),
          opened,
          { least: 2, most: 9 },
        ),
    };
    const made = await makeSet("emoji", set, packages, { root, from });
    expect(made.classes).toBe(1);
    expect(await readdir(join(root, "emoji"))).toContain("1f534-red-ball");
  });
});

describe("makeDataset", () => {
  it.each(["shapes", "textures"])("makes %s of no package", async (name) => {
    const made = await makeDataset(name, { root, size: 2, npm: "no-npm" });
    expect(made.pictures).toBe(2 * made.classes);
    expect(made.licences).toEqual([]);
    expect(await readFile(join(made.folder, "ATTRIBUTION.md"), "utf8")).toMatch(/nothing of anybody else's/);
  });

  it("names the nearest set", async () => {
    const error = await failure(makeDataset("shape", { root }));
    expect(error.message).toBe('no made set "shape"');
    expect(error.hint).toBe("did you mean shapes?");
  });

  it("says what is missing in the folder of packages", async () => {
    const error = await failure(makeDataset("emoji", { root, from: root }));
    expect(error.message).toMatch(/no iconify-json-noto-[\d.]+\.tgz in/);
    expect(await readdir(root)).toEqual([]);
  });
});
