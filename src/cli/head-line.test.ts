import { expect, test } from "vitest";
import { fewShotsNotes, headLine } from "./head-line.ts";

test("classes with fewer pictures than shots are named", () => {
  const classes = [{ name: "cat", n: 2 }, { name: "dog", n: 3 }]; // prettier-ignore
  expect(fewShotsNotes(classes, 3)).toEqual(["fewer pictures than 3 shots, all of them taken: cat 2"]);
  expect(fewShotsNotes(classes, 2)).toEqual([]);
  expect(fewShotsNotes(classes, "all")).toEqual([]);
});

test("a head is told with what left-out pictures say of both", () => {
  const leftOut = {
    centroids: { accuracy: 0.5, loss: 1, images: 8 },
    "closed-form": { accuracy: 0.625, loss: 1, images: 8 },
  };
  expect(headLine({ kind: "closed-form", leftOut })).toBe(
    "head: closed form (pictures left out: 62.5 % right; centroids 50.0 %)",
  );
  expect(headLine({ kind: "centroids", leftOut: {} })).toMatch(/none could be left out/);
});
