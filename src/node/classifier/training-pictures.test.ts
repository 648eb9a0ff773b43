import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { FormatError } from "../../errors.ts";
import { packHashes, pictureFacts, trainingPictures } from "./training-pictures.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

it("knows the pictures that it was given, and no others", () => {
  const pictures = Array.from({ length: 500 }, (_, i) => hash(`picture ${i}`));
  const packed = packHashes([...pictures, pictures[3]!]);
  expect(packed).toHaveLength(500 * 8);
  const isKnown = trainingPictures(pictureFacts({ hashes: pictures }))!;
  expect(pictures.every(isKnown)).toBe(true);
  expect(pictures.some((_, i) => isKnown(hash(`another ${i}`)))).toBe(false);
  expect(packHashes(pictures.toReversed())).toBe(packed);
});

it("does not know where nothing is said, and refuses what was not written", () => {
  expect(trainingPictures({})).toBeUndefined();
  expect(trainingPictures({ trainingPictures: "" })!(hash("x"))).toBe(false);
  for (const damaged of ["AAAA", "AAAAAAAA!", 7, null, ["AAAAAAAA"]])
    expect(() => trainingPictures({ trainingPictures: damaged })).toThrow(FormatError);
});
