// Locks of containers and other machines, whose processes cannot be asked.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, statfs, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { smallDisk } from "../../../test/small-disk.ts";
import { UserError } from "../../errors.ts";
import { DEAD, temporaryOf } from "../../../test/temporaries.ts";
import { BusyError, GONE_SECONDS, LOCK, lockFolder, type Owner, ownerOf } from "./folder-lock.ts";

let noneOpens: boolean;
let link: "works" | "unknown to the disk" | "held up";
vi.mock("node:fs/promises", async (load) => {
  const fs = await load<typeof import("node:fs/promises")>();
  const linking = async (from: string, to: string): Promise<void> => {
    if (link === "unknown to the disk") throw Object.assign(new Error("EPERM"), { code: "EPERM" });
    if (link === "held up") await new Promise((done) => setTimeout(done, 300));
    await fs.link(from, to);
  };
  const failing =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      noneOpens ? Promise.reject(Object.assign(new Error("EMFILE"), { code: "EMFILE" })) : call(...args);
  return { ...fs, link: linking, open: failing(fs.open), writeFile: failing(fs.writeFile) };
});

let folder: string;
beforeEach(async () => {
  noneOpens = false;
  link = "works";
  folder = await mkdtemp(join(tmpdir(), "pudnet-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A lock as it lies there, last touched so many seconds ago. */
async function leave(owner: Owner, secondsAgo: number): Promise<void> {
  await writeFile(join(folder, LOCK), JSON.stringify(owner));
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(join(folder, LOCK), then, then);
}

const own = ownerOf(process.ppid); // alive: what matters is whether we may ask
/** Owners that nobody here can ask, although a process of that id lives here. */
const FOREIGN: Readonly<Record<string, Owner>> = {
  "another container of this machine": { ...own, host: "0f3a9c1b", processes: "pid:[4026532999]" },
  "a container that calls itself as this one": { ...own, processes: "pid:[4026532999]" },
  "another machine": { ...own, host: "mars", started: "a-boot-id 42" },
  "this machine before it was started again, or another of its name": { ...own, started: "a-boot-id 42" },
};

describe.each(Object.entries(FOREIGN))("a lock of %s", (_, owner) => {
  it("counts while it is touched, and says when to try again", async () => {
    await leave(owner, 40);
    const error = await lockFolder(folder).then(
      () => expect.unreachable(),
      (reason: unknown) => reason as BusyError,
    );
    expect(error).toBeInstanceOf(BusyError);
    expect(error.message).toMatch(
      new RegExp(`in use by process ${owner.pid} on .*, which gave its last sign of life 4\\d s ago$`),
    );
    expect(error.hint).toMatch(/^stop it, or if it runs no more, try again in (?:7|8)\d s: it is then taken for gone$/);
    expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(owner);
    expect(await readdir(folder)).toEqual([LOCK]);
  });

  it("is taken over once it is no longer touched, without anybody's help", async () => {
    await leave(owner, GONE_SECONDS + 5);
    const lock = await lockFolder(folder);
    expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(ownerOf(process.pid));
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

it("a living process of this machine is asked, however old its lock", async () => {
  await leave(own, 1e6);
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${process.ppid} on`);
});

it("a lock of version 0.1 on another machine cannot be judged: the user is told what to do", async () => {
  await leave({ pid: 1, host: "mars", started: "x 1" }, 1e6);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    message: expect.stringMatching(/in use by process 1 on mars$/),
    hint: expect.stringMatching(/if it runs no more, delete ".*lock"/),
  });
});

describe("an owner", () => {
  it("touches its lock, which stays readable", async () => {
    const lock = await lockFolder(folder);
    const then = Date.now() / 1000 - 1000;
    await utimes(join(folder, LOCK), then, then);
    await lock.touch();
    expect(Date.now() - (await stat(join(folder, LOCK))).mtimeMs).toBeLessThan(60_000);
    expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(ownerOf(process.pid));
    await lock.release();
  });

  it("that was held up finds its folder taken over, and leaves it alone", async () => {
    const lock = await lockFolder(folder);
    await leave(FOREIGN["another machine"]!, 0);
    await expect(lock.touch()).rejects.toThrow(/was taken over by process \d+ on mars/);
    expect(() => lock.requireHeld()).toThrow(BusyError);
    await lock.release();
    expect(existsSync(join(folder, LOCK))).toBe(true);
  });

  it("leaves no lock behind that it was touching when it gave the folder back", async () => {
    for (let round = 0; round < 50; round++) {
      const lock = await lockFolder(folder);
      await rm(join(folder, LOCK));
      const touching = lock.touch();
      if (round % 2 === 0) await new Promise((done) => setImmediate(done));
      await Promise.all([touching, lock.release()]);
      await lock.touch();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("whose lock somebody removed by hand makes it anew", async () => {
    const lock = await lockFolder(folder);
    await rm(join(folder, LOCK));
    await lock.touch();
    expect(existsSync(join(folder, LOCK))).toBe(true);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what has the lock's name and is none of ours stays, and is told", () => {
  it.each([
    "mine",
    "{}",
    "[]",
    "null",
    '{"pid":7}',
    '{"pid":7,"host":"mars"}',
    '{"pid":"7","host":"mars","started":"x"}',
  ])("a file of %j", async (text) => {
    await writeFile(join(folder, LOCK), text);
    const error = await lockFolder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: expect.stringMatching(/lock" is in the way/), exitCode: 2 });
    expect(await readFile(join(folder, LOCK), "utf8")).toBe(text);
    expect(await readdir(folder)).toEqual([LOCK]);
  });

  it("a folder", async () => {
    await mkdir(join(folder, LOCK, "deep"), { recursive: true });
    await expect(lockFolder(folder)).rejects.toThrow(/lock" is in the way/);
    expect(await readdir(join(folder, LOCK))).toEqual(["deep"]);
  });

  it("one that came while the folder was ours", async () => {
    const lock = await lockFolder(folder);
    await writeFile(join(folder, LOCK), "mine");
    await lock.touch();
    await lock.release();
    expect(await readFile(join(folder, LOCK), "utf8")).toBe("mine");
  });
});

it.each(["", '{"pi', '{"pid":12,"host":"ma', '{"pid":12\0\0', "\0\0\0\0"])(
  "a lock of ours that was never written to its end is removed: %j",
  async (text) => {
    await writeFile(join(folder, LOCK), text);
    const lock = await lockFolder(folder);
    expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(ownerOf(process.pid));
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  },
);

it("a lock of version 0.1 whose process is gone is taken over", async () => {
  const { pid, host } = ownerOf(4_194_305); // above the largest id
  await leave({ pid, host, started: "long ago 1" }, 1);
  await (await lockFolder(folder)).release();
  expect(await readdir(folder)).toEqual([]);
});

it("a living owner's lock stays when no file can be opened to see that it is there", async () => {
  await leave(own, 0);
  noneOpens = true;
  await expect(lockFolder(folder)).rejects.toThrow(/lock": too many files are open/);
  noneOpens = false;
  expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(own);
});

it("a disk without links has locks too", async () => {
  link = "unknown to the disk";
  const lock = await lockFolder(folder);
  expect(await readdir(folder)).toEqual([LOCK]);
  expect(JSON.parse(await readFile(join(folder, LOCK), "utf8"))).toEqual(ownerOf(process.pid));
  await lock.release();
  await leave(own, 0);
  await expect(lockFolder(folder)).rejects.toThrow(BusyError);
});

it("a process that is held up while it takes a lock leaves no empty one that another would take for abandoned", async () => {
  link = "held up";
  const locking = lockFolder(folder);
  for (let look = 0; look < 10; look++) {
    await new Promise((done) => setTimeout(done, 20));
    expect(existsSync(join(folder, LOCK))).toBe(false);
  }
  const lock = await locking;
  expect(await readdir(folder)).toEqual([LOCK]);
  await lock.release();
});

it("what a process left that was killed while it took a lock over is cleared", async () => {
  await writeFile(temporaryOf(DEAD, join(folder, LOCK)), "");
  const lock = await lockFolder(folder);
  expect(await readdir(folder)).toEqual([LOCK]);
  await lock.release();
});

it("of many that find a lock left over, one takes it", async () => {
  await leave(FOREIGN["another machine"]!, GONE_SECONDS + 5);
  const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
  const locks = taken.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(locks).toHaveLength(1);
  await locks[0]!.release();
});

describe("a full disk", () => {
  const disk = smallDisk(40);
  afterAll(() => disk?.remove());

  it.skipIf(!disk)("gets no empty lock", async () => {
    const { bfree, bsize } = await statfs(disk!.path);
    await writeFile(join(disk!.path, "ballast"), new Uint8Array(bfree * bsize));
    await expect(lockFolder(disk!.path)).rejects.toThrow(/cannot write ".*lock": no space left on the disk/);
    expect(await readdir(disk!.path)).toEqual(["ballast"]);
  });
});
