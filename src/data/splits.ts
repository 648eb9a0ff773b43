// Which classes are seen in meta-training, which in validation and which never before the test: one row per benchmark
// of the paper, or a split file of the user's own.
import { z } from "zod";
import { badUse, closest, FormatError, invariant, issueLines, UserError } from "../errors.ts";
import { fold, key, sample } from "../tensor/random.ts";

interface SplitRow {
  /** The dataset whose classes are split. */
  readonly source: string;
  /**
   * What validation is held out of: "classes" (groups of classes never trained on) or, where there are too few
   * classes for that, "images" (groups of held-out images of the training classes; then `val` is empty).
   */
  readonly valFrom: "classes" | "images";
  readonly val: readonly string[];
  readonly test: readonly string[];
  /** Of its test classes. */
  readonly group: UsualGroup;
}

/** How many classes a test group usually has, and images a class. */
export interface UsualGroup {
  readonly ways: number;
  readonly generation: number;
  readonly test: number;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

const FASHION_GROUP: UsualGroup = { ways: 4, generation: 300, test: 100 };
/** Of users' own splits: as many images as fit small sets. */
const OTHER_GROUP: UsualGroup = { ways: 5, generation: 100, test: 40 };

/** Fashion-set with other test classes, drawn at random once. */
const fashionSplit = (...test: readonly string[]): SplitRow => ({
  source: "fashion-mnist",
  valFrom: "images",
  val: [],
  test,
  group: FASHION_GROUP,
});

/** Training classes are all that are neither in `val` nor in `test`. */
export const CLASS_SPLITS = {
  // The paper does not name its 4 unseen classes; these are mutually easy, as its 99.9 % from scratch demands.
  "fashion-set": {
    source: "fashion-mnist",
    valFrom: "images",
    val: [],
    test: ["Trouser", "Coat", "Bag", "Ankle boot"],
    group: FASHION_GROUP,
  },
  "fashion-split-1": fashionSplit("Sandal", "Shirt", "Pullover", "Trouser"),
  "fashion-split-2": fashionSplit("Sneaker", "Pullover", "Sandal", "Ankle boot"),
  "fashion-split-3": fashionSplit("Trouser", "Sandal", "T-shirt/top", "Dress"),
  "fashion-split-4": fashionSplit("Coat", "Ankle boot", "Sandal", "Trouser"),
  "fashion-split-5": fashionSplit("Trouser", "Sneaker", "Coat", "Dress"),
  // The split of CIFAR-FS (Bertinetto et al. 2019): 64 / 16 / 20.
  "cifar-100-set": {
    source: "cifar-100",
    valFrom: "classes",
    val: words(`otter motorcycle television lamp crocodile shark butterfly sea beaver beetle tractor flatfish maple_tree
      camel crab cattle`),
    test: words(`baby bed bicycle chimpanzee fox leopard man pickup_truck plain poppy rocket rose snail sweet_pepper
      table telephone wardrobe whale woman worm`),
    group: { ways: 5, generation: 500, test: 100 },
  },
  // Mini-ImageNet by WordNet ids, the split of Ravi & Larochelle (2017): 64 / 16 / 20.
  "mini-imagenet-set": {
    source: "mini-imagenet",
    valFrom: "classes",
    val: words(`n01855672 n02091244 n02114548 n02138441 n02174001 n02950826 n02971356 n02981792 n03075370 n03417042
      n03535780 n03584254 n03770439 n03773504 n03980874 n09256479`),
    test: words(`n01930112 n01981276 n02099601 n02110063 n02110341 n02116738 n02129165 n02219486 n02443484 n02871525
      n03127925 n03146219 n03272010 n03544143 n03775546 n04146614 n04149813 n04418357 n04522168 n07613480`),
    group: { ways: 5, generation: 500, test: 100 },
  },
} as const satisfies Record<string, SplitRow>;

export type SplitName = keyof typeof CLASS_SPLITS;

/** Class indices, ascending; no class is in two lists. */
export interface ClassSplit {
  readonly train: readonly number[];
  /** Empty where `valFrom` is "images": validation groups then take held-out images of the training classes. */
  readonly val: readonly number[];
  readonly test: readonly number[];
  readonly valFrom: "classes" | "images";
}

/**
 * A split of the table, or one that is drawn ("drawn-60-20"), as indices into a dataset's classes. Throws UserError for an unknown
 * split or a missing class.
 * @example
 * const fashion = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");
 * classSplit("fashion-set", fashion).test // [1, 4, 8, 9]
 */
export function classSplit(name: string, classes: readonly string[]): ClassSplit {
  const drawn = DRAWN.exec(name);
  if (drawn) return drawnSplit(name, { train: Number(drawn[1]), val: Number(drawn[2]) }, classes);
  if (!Object.hasOwn(CLASS_SPLITS, name)) {
    const names = Object.keys(CLASS_SPLITS);
    const near = closest(name, names);
    throw new UserError(`no class split "${name}"; there are ${names.join(", ")}`, {
      hint: near
        ? `did you mean ${near}?`
        : "a split file (JSON with lists train, val and test) works too, and drawn-60-20 draws one",
      exitCode: 2,
    });
  }
  const row: SplitRow = CLASS_SPLITS[name as SplitName];
  const where = `class split "${name}" (of the dataset ${row.source})`;
  return indexSplit({ val: row.val, test: row.test }, row.valFrom, classes, where);
}

/** "drawn-60-20": of all classes 60 % are for training and 20 % for validation. */
const DRAWN = /^drawn-(\d{1,3})-(\d{1,3})$/;

/**
 * So many percent of the classes for training and validation, rounded, the others for tests: drawn at random, once for all, by the
 * classes' order.
 * @throws UserError where nothing is left to train on, or there are more than 100 percent
 */
function drawnSplit(
  name: string,
  { train, val }: { train: number; val: number },
  classes: readonly string[],
): ClassSplit {
  const counts = [train, val].map((percent) => Math.round((percent / 100) * classes.length)) as [number, number];
  if (train + val > 100 || counts[0] === 0) {
    const what =
      train + val > 100 ? `${train + val} % of the classes` : `of ${classes.length} classes none to train on`;
    throw new UserError(`class split "${name}": ${what}`, {
      hint: "drawn-60-20 trains on 60 % and validates on 20 % of the classes, and leaves the others for tests",
      exitCode: 2,
    });
  }
  const order = sample(fold(key(0), "class split"), Uint32Array.from(classes.keys()));
  const part = (from: number, to?: number): number[] => order.slice(from, to).toSorted((a, b) => a - b);
  const [first, second] = [counts[0], counts[0] + counts[1]];
  const valFrom = counts[1] > 0 ? "classes" : "images";
  return { train: part(0, first), val: part(first, second), test: part(second), valFrom };
}

/** The usual test group of a split by its name in the table, or of a user's own. @example usualGroup("fashion-set").ways // 4 */
export function usualGroup(split: string): UsualGroup {
  return Object.hasOwn(CLASS_SPLITS, split) ? CLASS_SPLITS[split as SplitName].group : OTHER_GROUP;
}

const splitFile = z.strictObject({
  train: z.array(z.string()).optional(),
  val: z.array(z.string()).default([]),
  test: z.array(z.string()).default([]),
});

/**
 * A split file: JSON lists of class names `train`, `val` and `test`; without `train`, it is all the others. Without
 * `val`, validation uses held-out images. Throws FormatError (not such a file) or UserError (unknown class).
 */
export function parseClassSplit(text: string, file: string, classes: readonly string[]): ClassSplit {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(file, `not JSON: ${(cause as Error).message}`, { cause, exitCode: 2 });
  }
  const parsed = splitFile.safeParse(json, { reportInput: true });
  if (!parsed.success) {
    throw new FormatError(file, "not a class split", {
      details: issueLines(parsed.error.issues),
      hint: 'expected {"train": [class names], "val": [...], "test": [...]}',
      exitCode: 2,
    });
  }
  return indexSplit(parsed.data, parsed.data.val.length > 0 ? "classes" : "images", classes, `class split ${file}`);
}

/** All classes in one part. */
export function wholeSplit(part: "train" | "val", classes: readonly string[]): ClassSplit {
  const all = classes.map((_, i) => i);
  return { train: part === "train" ? all : [], val: part === "val" ? all : [], test: [], valFrom: "classes" };
}

/**
 * The split with these classes among those of the test, whatever they were.
 * @param where begins messages
 * @throws UserError for an unknown class, or where nothing is left
 * @example leftOut(wholeSplit("train", ["cat", "dog", "cow"]), ["dog"], ["cat", "dog", "cow"], "leaveOut").train // [0, 2]
 */
export function leftOut(
  split: ClassSplit,
  names: readonly string[],
  classes: readonly string[],
  where: string,
): ClassSplit {
  const out = new Set(names.map((name) => classIndex(name, classes, where)));
  const [train, val] = [split.train, split.val].map((of) => of.filter((c) => !out.has(c)));
  if (train!.length + val!.length === 0) {
    badUse(`${where}: no class is left`, "leave the source out, or fewer of its classes");
  }
  const test = [...new Set([...split.test, ...out])].toSorted((a, b) => a - b);
  return { ...split, train: train!, val: val!, test };
}

interface NamedSplit {
  readonly train?: readonly string[] | undefined;
  readonly val: readonly string[];
  readonly test: readonly string[];
}

function indexSplit(
  named: NamedSplit,
  valFrom: ClassSplit["valFrom"],
  classes: readonly string[],
  where: string,
): ClassSplit {
  const lists = [named.train ?? [], named.val, named.test].map((names) =>
    names.map((name) => classIndex(name, classes, where)).toSorted((a, b) => a - b),
  );
  const seen = new Set<number>();
  for (const index of lists.flat()) {
    if (seen.has(index)) badUse(`${where}: "${classes[index]}" is named twice`, "name it once, in one of the lists");
    seen.add(index);
  }
  const [listed, val, test] = lists as [number[], number[], number[]];
  const train = named.train ? listed : classes.map((_, i) => i).filter((i) => !seen.has(i));
  if (train.length === 0) badUse(`${where} leaves no class to train on`, "name fewer classes in val and test");
  invariant(
    new Set([...train, ...val, ...test]).size === train.length + val.length + test.length,
    () => `${where}: classes of training, validation and test overlap`,
  );
  return { train, val, test, valFrom };
}

/** Mini-ImageNet's folders are called WNID_name: the WordNet id alone finds them. */
function classIndex(name: string, classes: readonly string[], where: string): number {
  const exact = classes.indexOf(name);
  if (exact >= 0) return exact;
  const byId = /^n\d{8}$/.test(name) ? classes.findIndex((c) => c.startsWith(`${name}_`)) : -1;
  if (byId >= 0) return byId;
  const near = closest(name, classes);
  const some = classes.slice(0, 5).join(", ");
  return badUse(
    `${where}: the dataset has no class "${name}"`,
    near ? `did you mean "${near}"?` : `its ${classes.length} classes begin with ${some}; is it the right dataset?`,
  );
}
