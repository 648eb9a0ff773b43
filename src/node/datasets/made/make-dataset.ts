// Making a set: pictures into a folder beside its place, which takes its place when it is whole; what was interrupted leaves nothing
// that looks like a set, and is done anew.

import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pMap from "p-map";
import { UserError } from "../../../errors.ts";
import { shellWord } from "../../../names.ts";
import { fold, key } from "../../../tensor/random.ts";
import { explainWriteError } from "../../files/atomic-file.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { removeStaleTemporaries, settle, temporaryFor } from "../../files/temporaries.ts";
import { ATTRIBUTION, attributionText, creditOf } from "./attribution.ts";
import { MADE_SIDE, type MadeClass, type MadeSet } from "./made-set.ts";
import { madeSet } from "./made-sets.ts";
import { fetchPackages, openPackage, type OpenPackage } from "./packages.ts";
import { type Pinned, pinnedPackages } from "./pinned.ts";
import { drawnPixels, pngOf } from "./render.ts";

export interface MakeProgress {
  readonly what: "packages" | "classes";
  readonly done: number;
  readonly total: number;
}

export interface MakeOptions {
  /** The folder that holds the named datasets. */
  readonly root: string;
  /** Pictures a class; default: the set's own number. */
  readonly size?: number | undefined;
  readonly seed?: number | undefined;
  /** Take the packages' tarballs from this folder instead of the network. */
  readonly from?: string | undefined;
  /** The npm to run. Default: the one on the path. */
  readonly npm?: string | undefined;
  readonly onProgress?: ((progress: MakeProgress) => void) | undefined;
}

export interface MadeDataset {
  readonly folder: string;
  readonly how: "made" | "kept";
  readonly classes: number;
  readonly pictures: number;
  /** Licences of what the pictures show, each once. */
  readonly licences: readonly string[];
}

/** What a set in its folder was made of; hidden, so that it is no class. */
const SEAL = ".made.json";
/** Changes whenever the same seed gives other pictures. */
const PROCEDURE = 1;
/** Pictures that are compressed at a time. */
const AT_ONCE = 4;

/**
 * Makes a set of the table (`MADE_SETS`) as an image folder `root/NAME`; one that is there, made of the same, is kept. The same seed
 * gives the same pictures, byte for byte on one machine. For example: `await makeDataset("shapes", { root: "data", size: 20 })`.
 * @throws UserError for an unknown name, where something else has the folder's name, where packages cannot be had or are not
 * the pinned ones, or where the disk does not take the pictures
 */
export async function makeDataset(name: string, options: MakeOptions): Promise<MadeDataset> {
  const set = madeSet(name);
  return makeSet(name, set, pinnedPackages(set.packages), options);
}

/** As `makeDataset`, for any set with its packages. */
export async function makeSet(
  name: string,
  set: MadeSet,
  packages: readonly Pinned[],
  options: MakeOptions,
): Promise<MadeDataset> {
  const { root, size = set.perClass, seed = 0 } = options;
  const folder = join(root, name);
  const recipe = { set: name, procedure: PROCEDURE, seed, size, packages: packages.map(({ integrity }) => integrity) };
  const licences = [...new Set(packages.map(({ licence }) => licence))].sort();
  const sealed = await sealOf(folder, recipe);
  if (sealed) return { folder, how: "kept", ...sealed, licences };
  await makeFolder(root);
  await removeStaleTemporaries(root, name);
  const command = `pudnet data make ${name} --size ${size} --seed ${seed}`;
  const work = temporaryFor(folder);
  try {
    await makeFolder(work);
    const { classes, credits } = await classesOf(set, packages, join(work, ".packages"), options);
    await writePictures(work, classes, { seed, size, onProgress: options.onProgress });
    const counts = { classes: classes.length, pictures: classes.length * size };
    await writeFile(join(work, ATTRIBUTION), attributionText(command, credits));
    await writeFile(join(work, SEAL), `${JSON.stringify({ ...counts, recipe: identity(recipe) })}\n`);
    await rename(work, folder);
    return { folder, how: "made", ...counts, licences };
  } catch (error) {
    const isTaken = ["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "");
    const others = isTaken ? await sealOf(folder, recipe) : undefined; // another process was quicker
    if (others) return { folder, how: "kept", ...others, licences };
    throw explainWriteError(error, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
    settle(work);
  }
}

/** What the seal of a set says that was made by the same recipe; undefined where there is none. Other sets are not overwritten. */
async function sealOf(folder: string, recipe: object): Promise<{ classes: number; pictures: number } | undefined> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const seal = await readFile(join(folder, SEAL), "utf8").then(
    (text) => JSON.parse(text) as { classes: number; pictures: number; recipe: string },
    () => undefined,
  );
  if (seal?.recipe === identity(recipe)) return { classes: seal.classes, pictures: seal.pictures };
  throw new UserError(
    `"${folder}" is there already, ${seal ? "made with another seed, size or version" : "and not made by this command"}`,
    {
      hint: `remove it (rm -r ${shellWord(folder)}), or choose another place with --root`,
      exitCode: 2,
    },
  );
}

function identity(recipe: object): string {
  return createHash("sha256").update(JSON.stringify(recipe)).digest("hex");
}

/** The classes, of packages in `scratch` (which is removed again) or where `from` says. */
async function classesOf(
  set: MadeSet,
  packages: readonly Pinned[],
  scratch: string,
  { from, npm, onProgress }: MakeOptions,
): Promise<{ classes: readonly MadeClass[]; credits: readonly string[] }> {
  const total = packages.length;
  if (from === undefined && total > 0) {
    await mkdir(scratch);
    await fetchPackages(packages, scratch, {
      npm,
      onFetched: (done) => onProgress?.({ what: "packages", done, total }),
    });
  }
  const credits: string[] = [];
  async function* opened(): AsyncGenerator<OpenPackage> {
    for (const pinned of packages) {
      const one = await openPackage(pinned, from ?? scratch);
      credits.push(creditOf(one));
      yield one;
    }
  }
  const classes = await set.classes(opened());
  await rm(scratch, { recursive: true, force: true });
  return { classes, credits };
}

async function writePictures(
  folder: string,
  classes: readonly MadeClass[],
  { seed, size, onProgress }: { readonly seed: number; readonly size: number } & Pick<MakeOptions, "onProgress">,
): Promise<void> {
  const digits = String(size - 1).length;
  for (const [done, { name, picture }] of classes.entries()) {
    await mkdir(join(folder, name));
    const ofClass = fold(key(seed), name);
    const write = async (i: number): Promise<void> => {
      const drawn = picture(ofClass, i);
      const pixels = typeof drawn === "string" ? await drawnPixels(drawn, MADE_SIDE) : drawn;
      await writeFile(join(folder, name, `${String(i).padStart(digits, "0")}.png`), await pngOf(pixels, MADE_SIDE));
    };
    await pMap(Array(size).keys(), write, { concurrency: AT_ONCE });
    onProgress?.({ what: "classes", done: done + 1, total: classes.length });
  }
}
