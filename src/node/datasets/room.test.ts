import { expect, it } from "vitest";
import { Room } from "./room.ts";

it("lets in what has room, in the order of asking, and what is too large alone", async () => {
  const room = new Room(10);
  const done: string[] = [];
  const ends = new Map<string, () => void>();
  const enter = (name: string, weight: number): Promise<void> =>
    room.with(weight, () => new Promise<void>((end) => void ends.set(name, end))).then(() => void done.push(name));
  const all = [enter("a", 6), enter("b", 4), enter("large", 50), enter("c", 1)];
  const inside = async (): Promise<string[]> => {
    await new Promise(setImmediate);
    return [...ends.keys()];
  };
  expect(await inside()).toEqual(["a", "b"]);
  ends.get("a")!();
  expect(await inside()).toEqual(["a", "b"]); // c has room, but it is not its turn
  ends.get("b")!();
  expect(await inside()).toEqual(["a", "b", "large"]);
  ends.get("large")!();
  expect(await inside()).toEqual(["a", "b", "large", "c"]);
  ends.get("c")!();
  await Promise.all(all);
  expect(done).toEqual(["a", "b", "large", "c"]);
});

it("makes room again where work fails", async () => {
  const room = new Room(1);
  await expect(room.with(1, () => Promise.reject(new Error("spoilt")))).rejects.toThrow("spoilt");
  expect(await room.with(1, () => Promise.resolve("next"))).toBe("next");
});
