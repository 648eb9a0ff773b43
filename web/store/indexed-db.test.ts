// What is kept comes back, whenever the page is closed, and what cannot be kept is told.

import * as fake from "fake-indexeddb";
import { openDB } from "idb";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Bytes, ClassCard, Project } from "../model/project.ts";
import { openStore } from "./indexed-db.ts";
import type { NewPicture, Store, Trouble } from "./store.ts";

beforeAll(() => {
  for (const [name, value] of Object.entries(fake)) if (/^(?:IDB|indexedDB$)/.test(name)) vi.stubGlobal(name, value);
  vi.stubGlobal("navigator", {}); // without locks: a second store stands for the next start, not for another tab
  return () => vi.unstubAllGlobals();
});

let count = 0;
/** A store of its own, with what it told. */
async function opened(name = `test-${++count}`, pause: () => Promise<void> = async () => {}) {
  const told: (Trouble | undefined)[] = [];
  const store = await openStore({ name, pause, onTrouble: (trouble) => told.push(trouble) });
  return { name, store, told };
}

function card(id: string, pictures: readonly string[], enabled = true): ClassCard {
  const described = pictures.map((one) => ({ id: one, name: `${one}.png`, content: `hash of ${one}`, burst: one }));
  return { id, name: `class ${id}`, enabled, pictures: described };
}

const project = (...classes: readonly ClassCard[]): Project => ({ name: "pets", classes });

const picture = (id: string): NewPicture => ({
  id,
  file: new Blob([`file ${id}`], { type: "image/png" }),
  planes: Uint8Array.of(1, 2, id.length),
  thumbnail: { type: "image/webp", bytes: new TextEncoder().encode(`thumbnail ${id}`).buffer },
});

async function textsOf(store: Store, ids: readonly string[]) {
  const thumbnails = await store.thumbnails(ids);
  const textOf = (one?: Bytes) => one && new TextDecoder().decode(one.bytes);
  return await Promise.all(
    ids.map(async (id) => [await (await store.file(id))?.text(), textOf(thumbnails.get(id))] as const),
  );
}

describe("a project", () => {
  it("that was never kept is not there", async () => {
    const { store } = await opened();
    expect(await store.load()).toBeUndefined();
    expect([...(await store.squares(["a"]))]).toEqual([]);
  });

  it("comes back as it was, with the bytes of its pictures", async () => {
    const { name, store } = await opened();
    const saved = project(card("2", ["a", "b"]), card("1", ["c"], false));
    store.save(saved, ["a", "b", "c"].map(picture));
    await store.settled();
    const { store: again } = await opened(name);
    expect(await again.load()).toEqual(saved);
    expect(await textsOf(again, ["a", "c"])).toEqual([
      ["file a", "thumbnail a"],
      ["file c", "thumbnail c"],
    ]);
    expect((await again.file("a"))?.type).toBe("image/png");
    expect((await again.squares(["b", "none"])).get("b")).toEqual(Uint8Array.of(1, 2, 1));
  });

  it("follows what is changed, one write after another", async () => {
    const { name, store } = await opened();
    const first = project(card("1", ["a"]), card("2", []));
    store.save(first, [picture("a")]);
    store.save(project(first.classes[0]!, card("2", ["b"])), [picture("b")]);
    const last = project(card("3", []), card("2", ["b", "a"]));
    store.save(last);
    await store.settled();
    store.save({ ...last, name: "animals" });
    await store.settled();
    expect(await (await opened(name)).store.load()).toEqual({ ...last, name: "animals" });
  });

  it("keeps what was deleted for undo, and drops it at the next start", async () => {
    const { name, store } = await opened();
    store.save(project(card("1", ["a", "b"])), ["a", "b"].map(picture));
    await store.settled();
    store.save(project(card("1", ["b"])));
    await store.settled();
    expect(await textsOf(store, ["a"])).toEqual([["file a", "thumbnail a"]]);
    const { store: next } = await opened(name);
    await next.load();
    expect(await textsOf(next, ["a", "b"])).toEqual([
      [undefined, undefined],
      ["file b", "thumbnail b"],
    ]);
  });

  it("takes bytes that are at hand, and reads the files of those beyond what is held", async () => {
    const { name, store } = await opened();
    const half = new ArrayBuffer(2 ** 25);
    const gone = { size: 2 ** 25, type: "image/png", arrayBuffer: () => Promise.reject(new Error("gone")) };
    const at = (id: string) => ({ ...picture(id), file: gone as unknown as Blob, bytes: half });
    store.save(project(card("1", ["a", "b", "c", "d"])), [at("a"), at("b"), at("c"), picture("d")]);
    await store.settled();
    const { store: again } = await opened(name);
    expect(await again.withoutFile(["a", "b", "c", "d"])).toEqual(["c"]);
    expect((await again.file("b"))?.size).toBe(half.byteLength);
    // what was written makes room
    store.save(project(card("1", ["e"])), [at("e")]);
    await store.settled();
    expect(await again.withoutFile(["e"])).toEqual([]);
  });

  it("is whole after each of the writes that many pictures take", async () => {
    const ids = Array.from({ length: 250 }, (_, i) => `p${i}`);
    const saved = project(card("1", ids.slice(0, 120)), card("2", ids.slice(120)));
    const name = `test-${++count}`;
    const found: number[] = [];
    const look = async (): Promise<void> => {
      const database = await openDB(name);
      const cards = database.objectStoreNames.contains("classes") ? await database.getAll("classes") : [];
      const pictures = (cards as ClassCard[]).flatMap((one) => one.pictures);
      const files = await database.getAllKeys("files");
      expect(pictures.map(({ id }) => id).toSorted()).toEqual(files.toSorted());
      found.push(pictures.length);
      database.close();
    };
    const { store } = await opened(name, look);
    store.save(saved, ids.map(picture));
    await store.settled();
    expect(found).toEqual([0, 100, 200]);
    expect(await (await opened(name)).store.load()).toEqual(saved);
  });

  it("goes on without a file that has gone since it was decoded", async () => {
    const { name, store } = await opened();
    const gone = new Blob(["x"]);
    gone.arrayBuffer = () => Promise.reject(new DOMException("moved", "NotReadableError"));
    store.save(project(card("1", ["a", "b"])), [{ ...picture("a"), file: gone }, picture("b")]);
    await store.settled();
    const { store: again } = await opened(name);
    await again.load();
    expect(await textsOf(again, ["a", "b"])).toEqual([
      [undefined, "thumbnail a"],
      ["file b", "thumbnail b"],
    ]);
    expect(await again.withoutFile(["a", "b"])).toEqual(["a"]);
  });

  it("knows what it was when it last left as a zip", async () => {
    const { name, store } = await opened();
    expect(await store.lastZip()).toBeUndefined();
    const zipped = project(card("1", ["a", "b"]), card("2", [], false));
    await store.noteZip(zipped);
    store.save(project());
    await store.settled();
    expect(await (await opened(name)).store.lastZip()).toEqual(zipped);
  });

  it("that an older page noted by numbers alone has left as no zip that is known", async () => {
    const { name, store } = await opened();
    store.save(project());
    await store.settled();
    const database = await openDB(name);
    await database.put("notes", { at: 5, pictures: 3 }, "zip");
    database.close();
    expect(await store.lastZip()).toBeUndefined();
  });
});

describe("where nothing can be kept", () => {
  it("it says so, and what was given can still be read", async () => {
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("not in private windows", "SecurityError");
    });
    const { store, told } = await opened();
    open.mockRestore();
    expect(told).toEqual(["forbidden"]);
    expect(await store.load()).toBeUndefined();
    store.save(project(card("1", ["a"])), [picture("a")]);
    await store.settled();
    expect(await textsOf(store, ["a"])).toEqual([["file a", "thumbnail a"]]);
    expect(told).toEqual(["forbidden"]);
  });

  it("for want of room it says so, and again once there is room", async () => {
    const { name, store, told } = await opened();
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    const saved = project(card("1", ["a"]));
    store.save(saved, [picture("a")]);
    await store.settled();
    put.mockRestore();
    expect(told).toEqual(["full"]);
    expect(await textsOf(store, ["a"])).toEqual([["file a", "thumbnail a"]]);
    store.save({ ...saved, name: "less" });
    await store.settled();
    expect(told).toEqual(["full", undefined]);
    const { store: again } = await opened(name);
    expect(await again.load()).toEqual({ ...saved, name: "less" });
    expect(await textsOf(again, ["a"])).toEqual([["file a", "thumbnail a"]]);
  });

  it("one picture that does not fit keeps no other change away, and none once it is deleted", async () => {
    const { name, store, told } = await opened();
    const large = { ...picture("large"), file: new Blob([new Uint8Array(1000)]) };
    const put = Reflect.get(IDBObjectStore.prototype, "put");
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      if ((value as Partial<Bytes>).bytes?.byteLength === 1000) {
        this.transaction.abort();
        throw new DOMException("no room", "QuotaExceededError");
      }
      return put.call(this, value, key);
    });
    const saved = project(card("1", ["a", "large", "b"]));
    store.save(saved, [picture("a"), large, picture("b")]);
    await store.settled();
    expect(told).toEqual(["full"]);
    expect(await (await opened(name)).store.load()).toEqual(project({ ...card("1", ["a", "b"]) }));
    const without = { ...project(card("1", ["a", "b", "c"])), name: "less" };
    store.save(without, [picture("c")]);
    await store.settled();
    spy.mockRestore();
    expect(told).toEqual(["full", undefined]);
    expect(await textsOf(store, ["large"])).toEqual([["\0".repeat(1000), "thumbnail large"]]); // for undo
    const { store: again } = await opened(name);
    expect(await again.load()).toEqual(without);
    expect((await textsOf(again, ["c"]))[0]![0]).toBe("file c");
  });

  it("on a full disk it says so after a few pictures, and keeps what else has changed", async () => {
    const writes: number[] = [];
    const { name, store, told } = await opened(undefined, async () => void writes.push(told.length));
    const put = Reflect.get(IDBObjectStore.prototype, "put");
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      if (this.name !== "files") return put.call(this, value, key);
      this.transaction.abort();
      throw new DOMException("no room", "QuotaExceededError");
    });
    const ids = Array.from({ length: 300 }, (_, i) => `p${i}`);
    store.save({ ...project(card("1", ids)), name: "many" }, ids.map(picture));
    await store.settled();
    spy.mockRestore();
    expect(told).toEqual(["full"]);
    expect(writes.length).toBeLessThan(15);
    expect(await (await opened(name)).store.load()).toEqual({ ...project(card("1", [])), name: "many" });
    store.save({ ...project(card("1", ids)), name: "all" });
    await store.settled();
    expect((await (await opened(name)).store.load())!.classes[0]!.pictures).toHaveLength(300);
    expect(told).toEqual(["full", undefined]);
  });

  it("as it cannot be read, what was kept stays as it is", async () => {
    const { name, store: first } = await opened();
    const saved = project(card("1", ["a"]));
    first.save(saved, [picture("a")]);
    await first.settled();
    const { store, told } = await opened(name);
    const getAll = vi.spyOn(IDBObjectStore.prototype, "getAll").mockImplementation(() => {
      throw new DOMException("damaged", "UnknownError");
    });
    expect(await store.load()).toBeUndefined();
    const keys = vi.spyOn(IDBObjectStore.prototype, "getAllKeys").mockImplementation(() => {
      throw new DOMException("damaged", "UnknownError");
    });
    store.save(project(card("2", ["b"])), [picture("b")]);
    await store.settled();
    expect(told).toEqual(["unreadable"]);
    expect(await textsOf(store, ["b"])).toEqual([["file b", "thumbnail b"]]);
    expect(await store.withoutFile(["a", "b"])).toEqual(["a"]);
    getAll.mockRestore();
    keys.mockRestore();
    expect(await (await opened(name)).store.load()).toEqual(saved);
  });

  it("what cannot be tidied up at the start is no reason not to open", async () => {
    const { name, store: first } = await opened();
    const saved = project(card("1", ["a"]));
    first.save(saved, [picture("a")]);
    await first.settled();
    const { store, told } = await opened(name);
    const keys = vi.spyOn(IDBObjectStore.prototype, "getAllKeys").mockImplementation(() => {
      throw new DOMException("no room", "QuotaExceededError");
    });
    expect(await store.load()).toEqual(saved);
    keys.mockRestore();
    store.save({ ...saved, name: "more" });
    await store.settled();
    expect(told).toEqual([]);
    expect(await (await opened(name)).store.load()).toEqual({ ...saved, name: "more" });
  });
});
