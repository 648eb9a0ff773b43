import { expect, test } from "vitest";
import { fold, key } from "../tensor/random.ts";
import { augmented } from "./augment.ts";

const SIDE = 12;
const PLANE = SIDE * SIDE;

/** An image whose pixel (x, y) says where it was: 1 + 12 y + x in every colour (143 at most, never 0). */
const marked = (count: number): Uint8Array => Uint8Array.from({ length: count * 3 * PLANE }, (_, i) => 1 + (i % PLANE));

/** Where the picture's pixels went: dx, dy and whether it was flipped, read off the pixels that are not border. */
function moveOf(plane: Uint8Array): { dx: number; dy: number; isFlipped: boolean } {
  const seen = Array.from(plane, (value, i) => ({ value: value - 1, x: i % SIDE, y: Math.floor(i / SIDE) })).filter(
    ({ value }) => value >= 0,
  );
  const row = seen.filter(({ y }) => y === seen[0]!.y);
  const isFlipped = row[0]!.value > row[1]!.value;
  const { value, x, y } = seen[0]!;
  const [fromX, fromY] = [value % SIDE, Math.floor(value / SIDE)];
  return { dx: fromX - (isFlipped ? SIDE - 1 - x : x), dy: fromY - y, isFlipped };
}

test("images are only flipped and moved, all colours alike", () => {
  const out = augmented(marked(200), SIDE, key(1));
  const moves = Array.from({ length: 200 }, (_, i) => {
    const planes = [0, 1, 2].map((c) => out.subarray((3 * i + c) * PLANE, (3 * i + c + 1) * PLANE));
    expect(planes[1]).toEqual(planes[0]);
    expect(planes[2]).toEqual(planes[0]);
    const move = moveOf(planes[0]!);
    // every pixel agrees with that one move
    planes[0]!.forEach((value, at) => {
      const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
      const [fromX, fromY] = [(move.isFlipped ? SIDE - 1 - x : x) + move.dx, y + move.dy];
      const isInside = fromX >= 0 && fromX < SIDE && fromY >= 0 && fromY < SIDE;
      expect(value).toBe(isInside ? 1 + SIDE * fromY + fromX : 0);
    });
    return move;
  });
  const flips = moves.filter(({ isFlipped }) => isFlipped).length;
  expect(flips).toBeGreaterThan(70);
  expect(flips).toBeLessThan(130);
  expect(new Set(moves.map(({ dx }) => dx))).toEqual(new Set([-4, -3, -2, -1, 0, 1, 2, 3, 4]));
  expect(new Set(moves.map(({ dy }) => dy))).toEqual(new Set([-4, -3, -2, -1, 0, 1, 2, 3, 4]));
});

test("a function of the key", () => {
  const at = (n: number): Uint8Array => augmented(marked(3), SIDE, fold(key(0), n));
  expect(at(1)).toEqual(at(1));
  expect(at(1)).not.toEqual(at(2));
});
