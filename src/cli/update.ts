// pudnet update: other pictures and classes for a classifier, under the weights that it has.

import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Classifier } from "../classifier/classifier.ts";
import { updateClassifier, type UpdatedClassifier } from "../classifier/update-classifier.ts";
import { HEAD_CHOICES } from "../heads/head-choices.ts";
import { badUse, UserError } from "../errors.ts";
import { listed, shellWord } from "../names.ts";
import { imageSource } from "../predict/image-source.ts";
import { type AddedPictures, addedPictures } from "../node/classifier/added-pictures.ts";
import {
  loadClassifier,
  loadKeptPictures,
  prepareClassifierPlace,
  reportOf,
  saveClassifier,
} from "../node/classifier/classifier-folder.ts";
import { pictureFacts } from "../node/classifier/training-pictures.ts";
import { classNameNotes } from "../node/datasets/class-names.ts";
import { severalClassesNote } from "../node/datasets/same-pictures.ts";
import { headLine } from "./head-line.ts";
import type { UpdateJson } from "./json.ts";
import { deviceOption, threadsOption } from "./options.ts";
import { print, printJson } from "./output.ts";
import { decodingProgress } from "./progress.ts";
import { aboutData } from "./skipped.ts";

const EXAMPLES = `
FOLDER is laid out as for pudnet predict, or is a zip of such a folder; one class and one picture is enough. Names are changed first, then classes
removed, then pictures added: to classes that are there, and to new ones. Pictures that a class has already are left out.

The network stays as it is, and its head is made again of all pictures, from what is kept of them in DIR. For a network that the new
pictures had a part in, give all of them to pudnet predict. report.html, which judged the classifier as it was, is taken away.

Examples:
  pudnet update pets-classifier --add new-pets
  pudnet update pets-classifier --add birds.zip --remove hamster --rename dog=hound
  pudnet update pets-classifier --remove hamster --out pets-without-hamsters`;

export function updateCommand() {
  return new Command("update")
    .argument("<dir>", "a classifier made by `pudnet predict`")
    .option("--add <folder>", "pictures to add, a folder a class", collected, [])
    .option("--remove <class>", "a class to take away", collected, [])
    .option("--rename <from=to>", "another name for a class", collected, [])
    .option("--out <dir>", "folder to write to, in place of DIR itself")
    .option("--force", "replace a classifier that is already in --out")
    .option("--json", "print one JSON object instead of text")
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText("after", EXAMPLES)
    .action(async (dir, { add, remove, rename, out: wanted, force: isForced, json, ...options }) => {
      if (isForced && wanted === undefined)
        badUse("--force says nothing without --out", "leave it out: the classifier in DIR itself is changed");
      const out = wanted ?? dir;
      const force = isForced ?? out === dir;
      if (add.length + remove.length + rename.length === 0) throw nothingAsked();
      if (out !== dir) await prepareClassifierPlace(out, { force });
      const { classifier, description } = await loadClassifier(dir);
      const renames = rename.map((text) => pairOf(text, classifier.classes));
      const kept = await loadKeptPictures(dir, classifier, description);
      const read: AddedPictures[] = [];
      for (const folder of add)
        read.push(await addedPictures(classifier, folder, { description, onProgress: decodingProgress() }));
      const changes = { rename: renames, remove, ...(read.length > 0 ? { add: joined(read, classifier) } : {}) };
      const made = await updateClassifier(classifier, kept, changes, { ...settingsOf(description), ...options });
      const skipped = read.flatMap((one) => one.skipped);
      const notes = read.flatMap((one) => one.notes);
      const isChanged = made.added + remove.length + renames.length > 0;
      if (!isChanged && made.repeated === 0) throw nothingAdded(aboutData({ skipped, notes }));
      const isWritten = isChanged || resolve(out) !== resolve(dir); // else report and figures are still true
      const facts = {
        ...factsOf(description, made, skipped.length),
        updates: updatesOf(description, { made, remove, renames }),
      };
      const replaces = resolve(out) === resolve(dir) ? description : undefined;
      const outdated = isWritten ? await reportOf(out) : undefined;
      if (isWritten) await saveClassifier(out, made.classifier, { force, facts, pictures: made.kept, replaces });
      const report: UpdateJson = {
        format: "pudnet-update",
        version: 1,
        out,
        images: facts.images,
        added: made.added,
        repeated: made.repeated,
        calibration: made.calibration,
        chosen: made.chosen,
        skipped,
        notes: [
          ...notes,
          ...classNameNotes(made.classifier.classes),
          ...severalClassesNote(made.kept.pictures),
          ...networkNote(kept.pictures.length, made),
          ...(outdated === undefined ? [] : [reportNote(outdated, out)]),
        ],
      };
      if (json) printJson(report);
      else print(...summary(report, made));
    });
}

const collected = (text: string, before: readonly string[]): string[] => [...before, text];

function nothingAsked(): UserError {
  return new UserError("nothing to change", {
    hint: "give --add FOLDER, --remove CLASS or --rename FROM=TO",
    exitCode: 2,
  });
}

function nothingAdded(details: readonly string[]): UserError {
  return new UserError("no picture could be added: the classifier is as it was", {
    details,
    hint: "give a folder a class with pictures that can be read",
  });
}

/** The first "=" with the name of a class before it parts; where there is none, the first one. */
function pairOf(text: string, classes: readonly string[]): readonly [from: string, to: string] {
  const places = Array.from(text.matchAll(/(?<=.)=(?=.)/gs), ({ index }) => index);
  const at = places.find((place) => classes.includes(text.slice(0, place))) ?? places[0];
  if (at !== undefined) return [text.slice(0, at), text.slice(at + 1)];
  const hint = `such as --rename ${shellWord("dog=hound")}`;
  throw new UserError(`--rename "${text}" is not FROM=TO`, { hint, exitCode: 2 });
}

function joined(all: readonly AddedPictures[], { arch: { side } }: Classifier) {
  const pictures = all.flatMap((one) => one.pictures.map((picture) => ({ ...picture, path: resolve(picture.path) })));
  const pixels = new Uint8Array(pictures.length * 3 * side ** 2);
  let at = 0;
  for (const { images } of all) {
    if (images.count > 0) pixels.set(images.read(0, images.count), at);
    at += images.count * 3 * side ** 2;
  }
  return { images: imageSource(pixels, 3 * side ** 2), pictures };
}

const SETTINGS = z.object({
  head: z.enum(HEAD_CHOICES).catch("auto"),
  shots: z.union([z.int().min(1), z.literal("all")]).catch("all"),
  seed: z.int().min(0).catch(0),
});

/** As the classifier was predicted. */
function settingsOf({ settings }: Readonly<Record<string, unknown>>): z.infer<typeof SETTINGS> {
  return SETTINGS.parse(typeof settings === "object" && settings !== null ? settings : {});
}

/** What was measured of other pictures is true no longer; the rule of what is unknown is made anew. */
const OUTDATED = ["heldOut", "seconds", "unknown"];

function factsOf(
  description: Readonly<Record<string, unknown>>,
  { classifier, kept, calibration, chosen }: UpdatedClassifier,
  skipped: number,
) {
  const still = Object.entries(description).filter(([name]) => !OUTDATED.includes(name));
  const counts = classifier.classes.map(() => 0);
  for (const { label } of kept.pictures) counts[label]!++;
  return {
    ...Object.fromEntries(still),
    images: {
      total: kept.pictures.length,
      classes: classifier.classes.map((name, c) => ({ name, n: counts[c]! })),
      skipped,
    },
    calibration,
    chosen,
    ...pictureFacts({ hashes: kept.pictures.map(({ sha256 }) => sha256) }),
  };
}

const reportNote = (report: string, out: string): string =>
  `${report} was taken away, as it judged the classifier that was there before; pudnet evaluate --classifier ${shellWord(out)} --data FOLDER ` +
  "--report PAGE judges the one that is there now";

interface Changed {
  readonly made: UpdatedClassifier;
  readonly remove: readonly string[];
  readonly renames: readonly (readonly [from: string, to: string])[];
}

function updatesOf({ updates }: Readonly<Record<string, unknown>>, { made, remove, renames }: Changed): unknown[] {
  const renamed = renames.map(([from, to]) => ({ from, to }));
  const before = Array.isArray(updates) ? (updates as unknown[]) : [];
  return [...before, { date: new Date().toISOString(), added: made.added, removed: remove, renamed }];
}

/** A head can do only so much for pictures that a network had no part in. */
function networkNote(before: number, { added }: UpdatedClassifier): string[] {
  if (added <= before / 2) return [];
  return [
    `${added} pictures were added to ${before}, and the network was fitted without them: all pictures together, given to pudnet predict, ` +
      "make one that fits them",
  ];
}

function summary(
  { out, images, added, repeated, skipped, notes }: UpdateJson,
  { chosen }: UpdatedClassifier,
): string[] {
  const counts = images.classes.map(({ name, n }) => `${name} ${n}`);
  return [
    ...aboutData({ skipped, notes }),
    ...(repeated > 0 ? [`${repeated} pictures were there already`] : []),
    `added ${added} pictures; now ${images.total} of ${counts.length} classes: ${listed(counts)}`,
    headLine(chosen),
    `classifier: ${out} (weights and batch norm as they were; what was held back before tells nothing of it)`,
    "for new weights, and figures of pictures held back: pudnet predict FOLDER, with all pictures",
    `try it: pudnet classify ${shellWord(out)} IMAGE...`,
  ];
}
